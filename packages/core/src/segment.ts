import { roundToMicros } from './clock.js'
import { type LogLine, LogRecords, type PendingLog } from './log-records.js'
import type { Metrics } from './metrics.js'
import type { Resource, SpanData } from './span-data.js'
import type { RecordedSpan } from './recorded-span.js'
import type { LinkInput, SpanOptions } from './span.js'
import type { TracerPort } from './tracer.js'
import { isSlow, type KeepReason, qualifiesAsError } from './verdict.js'
import { callUser } from './user-callback.js'

/** The tracer, as its segments see it. */
export interface SegmentOwner extends TracerPort {
  readonly resource: Resource
  /** False with `exporter: false`: spans carry ids, but nobody collects them. */
  readonly collects: boolean
  readonly counters: SegmentCounters
  /** Undefined where nothing is counted. */
  readonly metrics: Metrics | undefined
  monotonic(): number
  nextSpanId(): string
  spanEnded(span: SpanData): void
  handOver(part: SegmentPart): void
  callbackFailed(option: string, error: unknown): void
  /** A trace that begins here, with links to where it came from. */
  startRoot(name: string, options: SpanOptions | undefined, links: readonly LinkInput[]): RecordedSpan
}

/** What of a segment goes to the queue at one time. */
export interface SegmentPart {
  readonly spans: readonly SpanData[]
  readonly logs: readonly PendingLog[]
  /** What it holds in memory, in bytes, as estimated. */
  readonly size: number
  readonly failed: boolean
}

/** What the tracer counts over all segments. */
export interface SegmentCounters {
  spansStarted: number
  spansEnded: number
  segmentsKept: number
  segmentsPassed: number
  spansPassed: number
  spansOverLimit: number
  attributesDropped: number
  valuesCut: number
  logsRecorded: number
  logsPassed: number
  logsOverLimit: number
}

/** Nothing has happened yet. */
export function createCounters(): SegmentCounters {
  return {
    spansStarted: 0,
    spansEnded: 0,
    segmentsKept: 0,
    segmentsPassed: 0,
    spansPassed: 0,
    spansOverLimit: 0,
    attributesDropped: 0,
    valuesCut: 0,
    logsRecorded: 0,
    logsPassed: 0,
    logsOverLimit: 0,
  }
}

/** Ids of other makes that a request arrived with. */
export interface RequestIds {
  /** The `X-Trace-Id` as it was received, where it is not 32 lower-case hex. */
  readonly externalId?: string | undefined
  /** `X-Request-Id`. */
  readonly requestId?: string | undefined
  /** `X-Correlation-Id`. */
  readonly correlationId?: string | undefined
}

/** What a segment is made from. */
export interface SegmentSeed extends RequestIds {
  readonly traceId: string
  readonly sampled: boolean
  readonly random: boolean
  readonly traceState?: string | undefined
  readonly anchor: number
}

/** Something thrown that is no object, and the span that saw it last on its way up. */
export interface ThrownValue {
  readonly value: unknown
  readonly spanId: string
  readonly parentSpanId: string | undefined
}

const NO_LOGS: readonly PendingLog[] = []
const HAND_OVER_SPANS = 1000
const HAND_OVER_MS = 30_000

/** The spans that this process records for one trace, and the verdict on them. */
export class Segment {
  readonly owner: SegmentOwner
  readonly seed: SegmentSeed
  /** W3C trace flags. */
  readonly flags: number
  /** A reading of the monotonic clock. */
  readonly startedAt: number
  /** Time to the first byte of the response, once there is one. */
  responseMs: number | undefined
  /** Time to the end of the response, as the application wrote it. */
  answeredMs: number | undefined
  /** The value recorded last that has no identity to remember it by. */
  lastThrown: ThrownValue | undefined
  #root: RecordedSpan | undefined
  #rootData: SpanData | undefined
  #ended: SpanData[] = []
  #size = 0
  #failed = false
  #recorded = 0
  #openSpans = 0
  #rootEndedAt: number | undefined
  #handedOverAt: number
  #keepReason: KeepReason | undefined
  #over = 0
  #logs: LogRecords | undefined

  constructor(owner: SegmentOwner, seed: SegmentSeed, startedAt: number) {
    this.owner = owner
    this.seed = seed
    this.flags = (seed.sampled ? 1 : 0) | (seed.random ? 2 : 0)
    this.startedAt = startedAt
    this.#handedOverAt = startedAt
  }

  get root(): RecordedSpan | undefined {
    return this.#root
  }

  get rootEnded(): boolean {
    return this.#rootEndedAt !== undefined
  }

  /** True where the segment goes to the exporter, by sampling or because it qualified. */
  get kept(): boolean {
    return this.seed.sampled || this.#keepReason !== undefined
  }

  /** False once the segment is too long over to take another span. */
  takesSpans(): boolean {
    if (this.#rootEndedAt === undefined || this.#openSpans > 0) return true
    return this.owner.monotonic() - this.#rootEndedAt <= this.owner.options.limits.lateMs
  }

  spanStarted(span: RecordedSpan, data: SpanData): void {
    if (this.#root === undefined) {
      this.#root = span
      this.#rootData = data
    }
    this.#openSpans++
    this.owner.counters.spansStarted++
  }

  keep(reason: KeepReason): void {
    if (this.kept) return
    this.#keepReason = reason
    if (!this.rootEnded) return
    this.owner.counters.segmentsPassed--
    this.owner.counters.segmentsKept++
    this.#handOver()
  }

  /** `endedAt` is a reading of the monotonic clock: the times of a span can be anything. */
  spanEnded(data: SpanData, size: number, endedAt: number): void {
    this.#openSpans--
    this.owner.counters.spansEnded++
    if (qualifiesAsError(data)) this.#fail()
    if (this.owner.collects) this.#collect(data, size)
    this.owner.spanEnded(data)
    if (data === this.#rootData) this.#rootEnded(data)
    else if (this.rootEnded) this.#settleLate()
    else if (this.kept) this.#handOverPart(endedAt)
  }

  /** Lines after the end of the local root follow its verdict. */
  takesLog(severityNumber: number): boolean {
    if (!this.owner.collects || (this.rootEnded && !this.kept)) return false
    if (this.#logs === undefined || this.#logs.hasRoom(severityNumber)) return true
    this.owner.counters.logsOverLimit++
    return false
  }

  recordLog(spanId: string, log: LogLine): void {
    if (!this.owner.collects || (this.rootEnded && !this.kept)) return
    this.#logs ??= new LogRecords(this.owner.options.limits)
    const time = roundToMicros(this.seed.anchor + this.owner.monotonic())
    const { counters } = this.owner
    if (!this.#logs.add({ traceId: this.seed.traceId, spanId, time, log })) counters.logsOverLimit++
    else counters.logsRecorded++
    if (this.rootEnded) this.#handOver()
  }

  #fail(): void {
    this.#failed = true
    if (this.owner.options.sampling.keepErrors) this.keep('error')
  }

  /** Beyond the limit only failed spans of a segment that is kept are recorded; the rest is counted. */
  #collect(data: SpanData, size: number): void {
    const isWanted = data === this.#rootData || (data.status === 'error' && this.kept)
    if (!isWanted && this.#recorded >= this.owner.options.limits.spansPerSegment) {
      this.#over++
      this.owner.counters.spansOverLimit++
      return
    }
    this.#recorded++
    this.#ended.push(data)
    this.#size += size
  }

  #rootEnded(root: SpanData): void {
    this.#rootEndedAt = this.owner.monotonic()
    if (!this.kept) this.#keepReason = this.#decide(root)
    if (this.#over > 0) root.attributes['clew.dropped_spans'] = this.#over
    if (this.#logs && this.#logs.over > 0) root.attributes['clew.dropped_logs'] = this.#logs.over
    if (this.#keepReason !== undefined) root.attributes['clew.kept'] = this.#keepReason
    if (this.kept) this.owner.counters.segmentsKept++
    else this.owner.counters.segmentsPassed++
    this.#settleLate()
  }

  /** The last occasion. */
  #decide(root: SpanData): KeepReason | undefined {
    const { sampling } = this.owner.options
    if (isSlow(root, this.responseMs ?? root.duration, sampling)) return 'slow'
    const { keepWhen } = sampling
    if (keepWhen === undefined) return undefined
    const view = { traceId: root.traceId, root, spans: this.#ended, hasErrors: this.#failed }
    const answer = callUser(
      () => keepWhen(view),
      (error) => this.owner.callbackFailed('sampling.keep.when', error),
    )
    return answer === true ? 'rule' : undefined
  }

  /** After the local root's end spans follow its verdict. */
  #settleLate(): void {
    if (this.kept) return this.#handOver()
    this.owner.counters.spansPassed += this.#ended.length
    if (this.#logs) this.owner.counters.logsPassed += this.#logs.take().length
    this.#ended = []
    this.#size = 0
  }

  /** Long and big segments go in parts. */
  #handOverPart(endedAt: number): void {
    if (this.#ended.length < HAND_OVER_SPANS && endedAt - this.#handedOverAt < HAND_OVER_MS) return
    this.#handOver()
  }

  #handOver(): void {
    const logSize = this.#logs?.size ?? 0
    const logs = this.#logs?.take() ?? NO_LOGS
    if (this.#ended.length === 0 && logs.length === 0) return
    this.owner.handOver({ spans: this.#ended, logs, size: this.#size + logSize, failed: this.#failed })
    this.#ended = []
    this.#size = 0
    if (!this.rootEnded) this.#handedOverAt = this.owner.monotonic()
  }
}
