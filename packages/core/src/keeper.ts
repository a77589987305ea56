import { sizeOfAttributes } from './attributes.js'
import type { SegmentCounters } from './counters.js'
import { TraceError } from './errors.js'
import type { Exporter } from './exporter.js'
import { KeepCap } from './keep-cap.js'
import { KeptTraces } from './kept-traces.js'
import { OpenSegments } from './open-segments.js'
import type { ResolvedSampling } from './sampling-options.js'
import { FlightRecorder, NO_RECORDER, type RecorderSeed, type RecorderStats } from './recorder.js'
import type { RecordedPart } from './recorder-writer.js'
import type { SegmentPart } from './segment-seed.js'
import type { SpanData } from './span-data.js'
import { isTraceId } from './traceparent.js'
import { callUser } from './user-callback.js'
import type { KeepReason } from './verdict.js'
import { startTimer, stopTimer, toDelay } from './waiting.js'

/** What the keeper is made from. */
export interface KeeperSeed {
  readonly exporter: Exporter
  readonly recorder: RecorderSeed | false
  readonly counters: SegmentCounters
  readonly sampling: () => ResolvedSampling
  readonly monotonic: () => number
  readonly handOver: (part: SegmentPart) => void
  readonly report: (error: TraceError) => void
}

/** The segment that asks for its own past. */
export interface Asker {
  readonly rootSpanId: string
  readonly reason: KeepReason
  /** When the first part of it passed. */
  readonly sinceMs: number
}

/** For this long kept ids are gathered before they go out, and before what the recorder has of them is looked up. */
const GATHER_MS = 100
/** Other processes may ask for this many times as many traces as this one keeps by itself, as with sampled flags that arrive. */
const REMOTE_SHARE = 10
const MIN_EXPIRY_MS = 5000
/** What a span weighs beside its texts, roughly. */
const SPAN_SIZE = 400
const DETAIL_SIZE = 100

/** What a tracer knows about kept traces: which they are, how many more there may be, what passed before, and who else is to know. */
export class Keeper {
  readonly open: OpenSegments
  readonly #seed: KeeperSeed
  readonly #recorder: FlightRecorder | undefined
  readonly #kept = new KeptTraces()
  readonly #own = new KeepCap()
  readonly #asked = new KeepCap()
  /** Kept here since the last time, to be told. */
  #announced: string[] = []
  /** To be looked up in the recorder. */
  #wanted: string[] = []
  #gathering: NodeJS.Timeout | undefined
  #expiring: NodeJS.Timeout | undefined
  #unsubscribe: (() => void) | undefined
  #isClosed = false

  constructor(seed: KeeperSeed) {
    this.#seed = seed
    this.open = new OpenSegments(seed.monotonic)
    this.#recorder = seed.recorder === false ? undefined : new FlightRecorder(seed.recorder)
    this.#unsubscribe = this.#call(() => seed.exporter.onKeep?.((traceIds) => this.#onKeep(traceIds)))
  }

  /** True where segments that pass are recorded. */
  get records(): boolean {
    return this.#recorder !== undefined && !this.#isClosed
  }

  isKept(traceId: string): boolean {
    return this.#kept.has(traceId)
  }

  /** Whether a trace that qualifies may be kept. Then it is remembered, and the others are told. */
  admit(traceId: string): boolean {
    if (this.#kept.has(traceId)) return true
    const nowMs = this.#seed.monotonic()
    if (!this.#own.admit(traceId, this.#seed.sampling().maxKeptPerSecond, nowMs)) return false
    this.#kept.add(traceId, nowMs)
    if (this.#seed.exporter.keep && !this.#isClosed) this.#announced.push(traceId)
    this.#want(traceId)
    return true
  }

  /** Whether a trace that was not admitted may be exported in part. */
  admitCut(): boolean {
    return this.#own.admitCut(this.#seed.sampling().maxKeptPerSecond, this.#seed.monotonic())
  }

  #onKeep(traceIds: readonly string[]): void {
    if (this.#isClosed || !Array.isArray(traceIds)) return
    const nowMs = this.#seed.monotonic()
    const max = REMOTE_SHARE * this.#seed.sampling().maxKeptPerSecond
    for (const traceId of traceIds as readonly unknown[]) {
      if (typeof traceId !== 'string' || !isTraceId(traceId) || this.#kept.has(traceId)) continue
      if (!this.#asked.admit(traceId, max, nowMs)) continue
      this.#kept.add(traceId, nowMs)
      this.#want(traceId)
    }
  }

  #want(traceId: string): void {
    if (this.#isClosed) return
    if (this.#recorder !== undefined) this.#wanted.push(traceId)
    this.#gathering ??= startTimer(() => this.settle(), GATHER_MS).unref()
  }

  /** Does now what waits for the end of the interval. */
  settle(): void {
    stopTimer(this.#gathering)
    this.#gathering = undefined
    const [announced, wanted] = [this.#announced, this.#wanted]
    this.#announced = []
    this.#wanted = []
    if (wanted.length > 0) for (const parts of this.#recorder?.take(wanted).values() ?? []) for (const part of parts) this.#export(part)
    if (announced.length > 0) this.#call(() => this.#seed.exporter.keep?.(announced))
  }

  /** What the exporter throws stays here. */
  #call<T>(fn: () => T): T | undefined {
    return callUser(fn, (error) =>
      this.#seed.report(new TraceError('EXPORT_FAILED', 'The exporter failed on its keep channel', { cause: error })),
    )
  }

  /** Records what passed; false where it is lost. */
  pass(traceId: string, part: RecordedPart, nowMs: number): boolean {
    const recorder = this.#isClosed ? undefined : this.#recorder
    const { counters } = this.#seed
    counters.spansPassed += part.spans.length
    counters.logsPassed += part.logs.length
    if (recorder === undefined || !recorder.add(traceId, part, nowMs)) return false
    this.#expiring ??= this.#startExpiry(recorder, nowMs)
    return true
  }

  /** Memory goes back some time after traffic has ended. */
  #startExpiry(recorder: FlightRecorder, nowMs: number): NodeJS.Timeout | undefined {
    const { expiresAt } = recorder
    if (expiresAt === undefined) return undefined
    const onTimer = (): void => {
      const now = this.#seed.monotonic()
      recorder.expire(now)
      this.#expiring = this.#startExpiry(recorder, now)
    }
    return startTimer(onTimer, toDelay(Math.max(MIN_EXPIRY_MS, expiresAt - nowMs))).unref()
  }

  /** Exports what passed of a segment; false where some of it is gone. */
  recover(traceId: string, asker: Asker): boolean {
    const reaches = this.#recorder?.reaches(asker.sinceMs) === true
    for (const part of this.#takeOwn(traceId, asker)) this.#export(part, asker)
    return reaches
  }

  /** Exports the local root of a segment that passed, as something of it goes out although there are too many. The rest goes back. */
  recoverRoot(traceId: string, asker: Asker): void {
    for (const { spans, logs } of this.#takeOwn(traceId, asker)) {
      const root = spans.find(({ spanId }) => spanId === asker.rootSpanId)
      const rest = { spans: spans.filter((span) => span !== root), logs }
      if (rest.spans.length + logs.length > 0) this.#recorder?.add(traceId, rest, this.#seed.monotonic())
      if (root !== undefined) this.#exportCut(root, asker.reason)
    }
  }

  #takeOwn(traceId: string, { sinceMs }: Asker): readonly RecordedPart[] {
    return this.#recorder?.take([traceId], sinceMs).get(traceId) ?? []
  }

  #exportCut(root: SpanData, reason: KeepReason): void {
    const { counters, handOver } = this.#seed
    root.attributes['clew.cut'] = true
    root.attributes['clew.kept'] = reason
    counters.segmentsCut++
    counters.spansPassed--
    handOver({ spans: [root], logs: [], size: sizeOf([root], []), failed: true })
  }

  #export({ spans, logs }: RecordedPart, asker?: Asker): void {
    const { counters, handOver } = this.#seed
    counters.spansPassed -= spans.length
    counters.logsPassed -= logs.length
    for (const span of spans) {
      if (span.parentIsRemote === false) continue
      const reason = span.spanId === asker?.rootSpanId ? asker.reason : 'trace'
      span.attributes['clew.kept'] = reason
      counters.segmentsPassed--
      counters.segmentsKept++
      counters.kept[reason]++
    }
    handOver({ spans, logs, size: sizeOf(spans, logs), failed: spans.some(({ status }) => status === 'error') })
  }

  /** Says what waits to be said; nothing is held from now on. */
  close(): void {
    this.settle()
    this.#isClosed = true
    this.open.close()
    stopTimer(this.#expiring)
    this.#recorder?.clear()
    this.#call(() => this.#unsubscribe?.())
    this.#unsubscribe = undefined
  }

  stats(): RecorderStats {
    return this.#recorder?.stats(this.#seed.monotonic()) ?? NO_RECORDER
  }
}

function sizeOf(spans: readonly SpanData[], logs: RecordedPart['logs']): number {
  let size = 0
  for (const { name, attributes, events, links } of spans) {
    size += SPAN_SIZE + name.length + sizeOfAttributes(attributes) + DETAIL_SIZE * (events.length + links.length)
    for (const event of events) size += sizeOfAttributes(event.attributes)
  }
  for (const { log } of logs) size += SPAN_SIZE / 2 + log.line.length
  return size
}
