import type { AttributesInput } from './attributes.js'
import type { TimeInput } from './clock.js'
import type { SegmentCounters } from './counters.js'
import type { TraceError } from './errors.js'
import type { MetricStats } from './metrics.js'
import type { ResolvedOptions, SamplingOptions, Trust } from './options.js'
import type { RemoteContext } from './propagator.js'
import type { QueueStats } from './queue.js'
import type { RecordedSpan } from './recorded-span.js'
import type { RecorderStats } from './recorder.js'
import type { Attributes, SpanKind } from './span-data.js'
import type { LinkInput, Span, SpanOptions } from './span.js'

/** What a tracer has done so far. */
export interface TracerStats extends Readonly<SegmentCounters> {
  /** Segments with open spans; zero with `exporter: false`. */
  readonly openSegments: number
  /** What the flight recorder holds; all zero without one. */
  readonly recorder: RecorderStats
  /** What waits, went out and was lost; all zero with `exporter: false`. */
  readonly queue: QueueStats
  /** All zero where nothing is counted. */
  readonly metrics: MetricStats
}

/**
 * Makes spans and brings them to the exporter. Made by `createTracer`.
 *
 * @example
 * const tracer: Tracer = createTracer({ service: 'orders', exporter: memoryExporter() })
 * const total = await tracer.withSpan('price cart', () => price(items))
 * tracer.startSpan('left open')
 * tracer.setSampling({ rate: 0.1 })
 * await tracer.flush()
 * tracer.stats().spansStarted // 2
 * await tracer.shutdown({ timeoutMs: 2000 })
 */
export interface Tracer {
  /** A span that the caller ends; the child of the active one unless `options.parent` says otherwise. It is not made active. */
  startSpan(name: string, options?: SpanOptions): Span
  /** Runs `fn` inside a span that ends itself and records what `fn` throws or rejects with. */
  withSpan<T>(name: string, fn: (span: Span) => T): T
  withSpan<T>(name: string, options: SpanOptions, fn: (span: Span) => T): T
  /** Waits until everything kept so far is exported, at most `timeoutMs` (default 10,000). Never rejects; what failed goes to `onError`. */
  flush(options?: { timeoutMs?: number }): Promise<void>
  /** `flush`, then closes the exporter. Spans that end later are dropped and counted. */
  shutdown(options?: { timeoutMs?: number }): Promise<void>
  stats(): TracerStats
  /** Replaces the sampling options at run time. Throws `INVALID_OPTION`. */
  setSampling(options: SamplingOptions): void
}

/** How a segment begins; what adapters and `continueTrace` start from. */
export interface SegmentStart {
  readonly name: string
  readonly kind: SpanKind
  /** Trusted: of valid types, within limits and owned by the span from now on. */
  readonly attributes: Attributes
  /** What the caller gave: checked and cut like everything that is set later. */
  readonly input?: AttributesInput | undefined
  readonly remote: RemoteContext | undefined
  readonly trust: Trust
  readonly startTime?: TimeInput | undefined
  readonly links?: readonly LinkInput[] | undefined
}

/** What the other modules of this package, and other copies of it, ask of a tracer. */
export interface TracerPort extends Tracer {
  readonly options: ResolvedOptions
  readonly service: string
  readonly disabled: boolean
  /** True once it has recorded a span. */
  readonly used: boolean
  /** True once `shutdown` was called. */
  readonly closed: boolean
  startSegment(start: SegmentStart): RecordedSpan
  /** Counts a value with the active trace as its exemplar. */
  recordValue(name: string, value: number, attributes: AttributesInput | undefined): void
  report(error: TraceError): void
}
