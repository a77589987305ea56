import { roundToMicros } from './clock.js'
import { countVerdict } from './counters.js'
import { type LogLine, LogRecords, type PendingLog } from './log-records.js'
import { NeighbourList } from './neighbour-list.js'
import { Overflow } from './overflow.js'
import type { SegmentOwner, SegmentSeed, ThrownValue } from './segment-seed.js'
import type { SpanData } from './span-data.js'
import type { RecordedSpan } from './recorded-span.js'
import { isSlow, type KeepReason, pickTelling, qualifiesAsError, runningSlowLimit, type SegmentView } from './verdict.js'
import { callUser } from './user-callback.js'

const NO_LOGS: readonly PendingLog[] = []
const HAND_OVER_SPANS = 1000
const HAND_OVER_MS = 30_000
const HAND_OVER_BYTES = 1_048_576
const NO_RECORDER = 'no recorder'
const TOO_BIG = 'too big for the recorder'
const WINDOW_PASSED = 'recorder window passed'

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
  /** The answer is a stream of events: how long it stays open says nothing. */
  streamsEvents = false
  /** The value recorded last that has no identity to remember it by. */
  lastThrown: ThrownValue | undefined
  /** Neighbours among the open segments; see `OpenSegments`. */
  older: Segment | undefined
  newer: Segment | undefined
  list: NeighbourList<Segment> | undefined
  /** What open spans weigh beyond what every span may. */
  held = 0
  #root: RecordedSpan | undefined
  #rootData: SpanData | undefined
  readonly #open = new NeighbourList<RecordedSpan>()
  #ended: SpanData[] = []
  #size = 0
  #failed = false
  #recorded = 0
  #rootEndedAt: number | undefined
  #handedOverAt: number
  #keepReason: KeepReason | undefined
  /** Why it would have been kept if there were not too many. */
  #cutReason: KeepReason | undefined
  #rootIsCut = false
  /** When the first part of it went to the recorder. */
  #passedAt: number | undefined
  /** Why some of it cannot be exported any more. */
  #incomplete: string | undefined
  #overflow: Overflow | undefined
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

  /** True while a request is in flight. */
  get isRequest(): boolean {
    return this.#rootData?.kind === 'server' && this.#rootEndedAt === undefined
  }

  /** True where the segment goes to the exporter, by sampling or because it qualified. */
  get kept(): boolean {
    return this.seed.sampled || this.#keepReason !== undefined
  }

  /** True where it goes to the exporter although whoever began the trace knows nothing of that. */
  get keptUnsampled(): boolean {
    return this.#keepReason !== undefined
  }

  /** The first byte of the answer: what comes later is a stream, not slowness. */
  headWritten(): void {
    if (this.responseMs !== undefined) return
    const nowMs = this.owner.monotonic()
    this.responseMs = nowMs - this.startedAt
    this.#keepIfSlow(nowMs)
  }

  /** False once the segment is too long over to take another span. */
  takesSpans(): boolean {
    if (this.#rootEndedAt === undefined || this.#open.count > 0) return true
    return this.owner.monotonic() - this.#rootEndedAt <= this.owner.options.limits.lateMs
  }

  spanStarted(span: RecordedSpan, data: SpanData): void {
    if (this.#root === undefined) {
      this.#root = span
      this.#rootData = data
    }
    this.owner.counters.spansStarted++
    this.#open.add(span)
    if (this.#open.count === 1) this.owner.keeper?.open.add(this)
    else if (this.#open.count > this.owner.options.limits.spansPerSegment) this.#closeOne()
  }

  #spanClosed(span: RecordedSpan): void {
    this.#open.remove(span)
    if (this.#open.count === 0) this.owner.keeper?.open.remove(this)
  }

  /** Of too many open spans the oldest one below the local root. */
  #closeOne(): void {
    const oldest = this.#open.oldest
    const span = oldest === this.#root ? oldest?.newer : oldest
    span?.close()
  }

  /** Ends every span, the newest first. */
  close(): void {
    for (let span = this.#open.newest; span; span = this.#open.newest) span.close()
  }

  /** What time alone brings about. */
  look(nowMs: number): void {
    const { maxSpanAgeMs } = this.owner.options.limits
    for (let span = this.#open.oldest; span && nowMs - span.startedAt >= maxSpanAgeMs; span = this.#open.oldest) span.close()
    if (this.#open.count === 0) return
    this.#keepIfSlow(nowMs)
    if (!this.rootEnded) this.#handOverPart(nowMs)
  }

  #keepIfSlow(nowMs: number): void {
    if (this.kept || this.rootEnded) return
    const elapsedMs = this.responseMs ?? nowMs - this.startedAt
    if (elapsedMs >= runningSlowLimit(this.#rootData as SpanData, this.owner.options.sampling)) this.keep('slow')
  }

  /** Keeps it if there is room among the kept ones; else what is most telling of it goes out alone. */
  keep(reason: KeepReason): void {
    if (this.kept || this.#cutReason !== undefined) return
    if (this.owner.keeper?.admit(this.seed.traceId) !== false) return this.#keepAs(reason)
    this.#cutReason = reason
    if (this.rootEnded) this.owner.counters.segmentsOverCap++
  }

  /** Keeps it as its trace is kept. */
  follow(): void {
    if (!this.kept) this.#keepAs('trace')
  }

  #keepAs(reason: KeepReason): void {
    this.#keepReason = reason
    if (this.#passedAt === undefined) return
    const asker = { rootSpanId: this.#rootData?.spanId ?? '', reason, sinceMs: this.#passedAt }
    if (this.owner.keeper?.recover(this.seed.traceId, asker) === false) this.#incomplete ??= WINDOW_PASSED
  }

  /** True where it could hold so much more: nothing beyond what the queue takes could ever leave. */
  hasRoom(bytes: number): boolean {
    return this.#size + this.held + bytes <= Math.max(this.owner.options.queue.maxBytes, HAND_OVER_BYTES)
  }

  spanEnded(span: RecordedSpan, size: number, endedAt: number): void {
    const { data } = span
    this.#spanClosed(span)
    this.owner.counters.spansEnded++
    if (qualifiesAsError(data)) this.#fail()
    if (this.owner.collects) this.#collect(data, size)
    this.owner.spanEnded(data)
    if (data === this.#rootData) this.#endRoot(data, endedAt)
    else if (this.rootEnded) this.#settle(endedAt)
    else this.#handOverPart(endedAt)
  }

  takesLog(severityNumber: number): boolean {
    if (!this.#takesLogs()) return false
    if (this.#logs === undefined || this.#logs.hasRoom(severityNumber)) return true
    this.owner.counters.logsOverLimit++
    return false
  }

  recordLog(spanId: string, log: LogLine): void {
    if (!this.#takesLogs()) return
    this.#logs ??= new LogRecords(this.owner.options.limits)
    const time = roundToMicros(this.seed.anchor + this.owner.monotonic())
    const { counters } = this.owner
    if (!this.#logs.add({ traceId: this.seed.traceId, spanId, time, log })) counters.logsOverLimit++
    else counters.logsRecorded++
    if (this.rootEnded) this.#settle(this.owner.monotonic())
  }

  /** Lines after the end of the local root follow its verdict: where it passed they wait in the recorder, as late spans do. */
  #takesLogs(): boolean {
    const { collects, keeper } = this.owner
    if (!collects || !this.rootEnded || this.kept) return collects
    return keeper !== undefined && (keeper.isKept(this.seed.traceId) || (keeper.records && this.takesSpans()))
  }

  #fail(): void {
    this.#failed = true
    if (this.owner.options.sampling.keepErrors) this.keep('error')
  }

  /** Beyond the limit only failed spans, and those slow for their kind, where they do not pile up here; the rest is counted. */
  #collect(data: SpanData, size: number): void {
    if (data !== this.#rootData && this.#isBeyond(size) && !this.#isWantedBeyond(data)) {
      this.#overflow?.count(data)
      this.owner.counters.spansOverLimit++
      return
    }
    this.#recorded++
    this.#ended.push(data)
    this.#size += size
  }

  /** In number, or in bytes where they pile up here. */
  #isBeyond(size: number): boolean {
    if (this.#recorded >= this.owner.options.limits.spansPerSegment) return true
    return this.#size + size > HAND_OVER_BYTES && !this.kept && !this.#passesParts && !this.hasRoom(size)
  }

  #isWantedBeyond(data: SpanData): boolean {
    this.#overflow ??= new Overflow()
    const slowForItsKind = this.#overflow.isSlow(data)
    return (data.status === 'error' && this.kept) || (slowForItsKind && (this.kept || this.#passesParts))
  }

  /** Whoever is to be asked at the end is to see all of it. */
  get #passesParts(): boolean {
    return this.owner.keeper?.records === true && this.owner.options.sampling.keepWhen === undefined
  }

  #endRoot(root: SpanData, endedAt: number): void {
    this.#decide(root)
    this.#rootEndedAt = endedAt
    this.owner.keeper?.open.rootEnded(this)
    this.#overflow?.describe(root)
    if (this.#logs && this.#logs.over > 0) root.attributes['clew.dropped_logs'] = this.#logs.over
    if (this.#keepReason !== undefined) root.attributes['clew.kept'] = this.#keepReason
    this.#countVerdict()
    this.#settle(endedAt)
  }

  #countVerdict(): void {
    const reason = this.kept ? (this.#keepReason ?? 'sampled') : undefined
    countVerdict(this.owner.counters, reason, this.#cutReason !== undefined)
  }

  /** The last occasion. */
  #decide(root: SpanData): void {
    if (this.kept) return
    const { sampling } = this.owner.options
    if (isSlow(root, this.responseMs ?? root.duration, sampling)) this.keep('slow')
    else if (sampling.keepWhen && this.#ask(root, sampling.keepWhen)) this.keep('rule')
  }

  #ask(root: SpanData, keepWhen: (view: SegmentView) => boolean): boolean {
    const view = { traceId: root.traceId, root, spans: this.#ended, hasErrors: this.#failed }
    const answer = callUser(
      () => keepWhen(view),
      (error) => this.owner.callbackFailed('sampling.keep.when', error),
    )
    return answer === true
  }

  /** From the local root's end on spans follow its verdict, or that on their trace. */
  #settle(endedAt: number): void {
    if (!this.kept && this.owner.keeper?.isKept(this.seed.traceId)) this.#followLate()
    if (this.kept) return this.#handOver()
    if (this.#cutReason !== undefined) this.#handOverCut(this.#cutReason)
    this.#pass(endedAt)
  }

  #followLate(): void {
    const root = this.#ended.find((span) => span === this.#rootData)
    this.#keepAs('trace')
    if (root === undefined) return
    // It had just been counted as passed.
    root.attributes['clew.kept'] = 'trace'
    this.owner.counters.segmentsPassed--
    if (this.#cutReason !== undefined) this.owner.counters.segmentsOverCap--
    this.#countVerdict()
  }

  /** Long and big segments go in parts. */
  #handOverPart(endedAt: number): void {
    if (this.#ended.length < HAND_OVER_SPANS && this.#size < HAND_OVER_BYTES && endedAt - this.#handedOverAt < HAND_OVER_MS) return
    if (!this.kept && this.owner.keeper?.isKept(this.seed.traceId)) this.follow()
    if (this.kept) this.#handOver()
    else if (this.#passesParts) this.#pass(endedAt)
    else return
    this.#handedOverAt = endedAt
  }

  #pass(endedAt: number): void {
    const logs = this.#logs?.take() ?? NO_LOGS
    const spans = this.#ended
    if (spans.length === 0 && logs.length === 0) return
    this.#ended = []
    this.#size = 0
    this.#passedAt ??= endedAt
    if (this.owner.keeper?.pass(this.seed.traceId, { spans, logs }, endedAt) === true) return
    this.#incomplete = this.owner.keeper?.records === true ? TOO_BIG : NO_RECORDER
  }

  #handOver(): void {
    const logSize = this.#logs?.size ?? 0
    const logs = this.#logs?.take() ?? NO_LOGS
    if (this.#ended.length === 0 && logs.length === 0) return
    const last = this.#ended.at(-1)
    if (this.#incomplete !== undefined && this.rootEnded && last) last.attributes['clew.incomplete'] = this.#incomplete
    this.owner.handOver({ spans: this.#ended, logs, size: this.#size + logSize, failed: this.#failed })
    this.#ended = []
    this.#size = 0
  }

  /** The local root and some of what failed; the rest passes. */
  #handOverCut(reason: KeepReason): void {
    const root = this.#rootData as SpanData
    const { telling: spans, rest } = pickTelling(this.#ended, root)
    if (spans.length === 0 || !this.owner.keeper?.admitCut()) return
    const size = (this.#size * spans.length) / this.#ended.length
    this.#ended = rest
    for (const span of spans) span.attributes['clew.cut'] = true
    if (!this.#rootIsCut) this.#cutRoot(root, reason)
    this.owner.handOver({ spans, logs: NO_LOGS, size, failed: this.#failed })
  }

  /** The root goes out once; where it has passed already the recorder has it. */
  #cutRoot(root: SpanData, reason: KeepReason): void {
    this.#rootIsCut = true
    if (this.#passedAt !== undefined && root.attributes['clew.cut'] !== true)
      return this.owner.keeper?.recoverRoot(this.seed.traceId, { rootSpanId: root.spanId, reason, sinceMs: this.#passedAt })
    root.attributes['clew.kept'] = reason
    this.owner.counters.segmentsCut++
  }
}
