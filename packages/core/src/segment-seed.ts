import type { SegmentCounters } from './counters.js'
import type { Keeper } from './keeper.js'
import type { PendingLog } from './log-records.js'
import type { Metrics } from './metrics.js'
import type { RecordedSpan } from './recorded-span.js'
import type { Resource, SpanData } from './span-data.js'
import type { LinkInput, SpanOptions } from './span.js'
import type { TracerPort } from './tracer.js'

/** The tracer, as its segments see it. */
export interface SegmentOwner extends TracerPort {
  readonly resource: Resource
  /** False with `exporter: false`: spans carry ids, but nobody collects them. */
  readonly collects: boolean
  readonly counters: SegmentCounters
  /** Undefined where nothing is counted. */
  readonly metrics: Metrics | undefined
  /** Undefined where nobody collects. */
  readonly keeper: Keeper | undefined
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
