import type { Attributes, Resource, SpanData } from './span-data.js'

/** A log line recorded within a trace. */
export interface LogRecord {
  readonly traceId: string
  readonly spanId?: string
  /** Unix epoch in milliseconds, with a fraction. */
  readonly time: number
  /** OpenTelemetry's severity number, 1 to 24 (9 is info, 17 is error). */
  readonly severityNumber: number
  /** The level as the logger names it, such as `warn`. */
  readonly severityText?: string
  readonly body: string
  readonly attributes: Attributes
  readonly droppedAttributes?: number
}

/** One measurement out of a bucket, with the trace it was made in. */
export interface Exemplar {
  /** Unix epoch in milliseconds, with a fraction. */
  readonly time: number
  readonly value: number
  readonly traceId: string
  readonly spanId: string
}

/**
 * One point of OpenTelemetry's exponential histogram: everything since `startTime`, so that the latest point of a series says all there is.
 * Bucket `i` holds values above 2^(i/8) and up to 2^((i+1)/8). Durations, in seconds, have the buckets -112 to 63; what is longer has
 * bucket 64, and `max` tells how long it was.
 */
export interface HistogramPoint {
  /** Tells the series of a metric apart; the same object in every point of a series. */
  readonly attributes: Attributes
  /** When the counting began, Unix epoch in milliseconds. */
  readonly startTime: number
  readonly time: number
  readonly count: number
  readonly sum: number
  readonly min?: number
  readonly max?: number
  /** 3: 8 buckets per octave. */
  readonly scale: number
  /** Values up to `zeroThreshold`. */
  readonly zeroCount: number
  readonly zeroThreshold: number
  /** Index of the first bucket. */
  readonly offset: number
  readonly bucketCounts: readonly number[]
  /** The latest of each bucket whose trace is kept. */
  readonly exemplars?: readonly Exemplar[]
}

/** A metric with its points, such as `http.server.request.duration`. */
export interface MetricData {
  readonly name: string
  /** UCUM unit: `s` for durations. */
  readonly unit: string
  readonly description?: string
  readonly points: readonly HistogramPoint[]
}

/**
 * What one process hands over at one time. Metrics come in batches of their own, so that spans are never sent again because of them; a
 * point that was lost is contained in the next one.
 */
export interface ExportBatch {
  readonly resource: Resource
  readonly spans: readonly SpanData[]
  readonly logs: readonly LogRecord[]
  readonly metrics: readonly MetricData[]
}

/**
 * How an export ended. `rejected` and `rejectedLogs` count spans and log lines that the receiver refused for good; a retry would not help them.
 * `spansTaken`: the failure is that of the log lines alone; the spans rest where they belong and are not handed over again.
 * `unsupported`: the receiver has no place for metrics, or for log lines, at all.
 */
export type ExportResult =
  | { readonly ok: true; readonly rejected?: number; readonly rejectedLogs?: number }
  | {
      readonly ok: false
      readonly retryable: boolean
      readonly retryAfterMs?: number
      readonly error: unknown
      readonly rejected?: number
      readonly spansTaken?: boolean
      readonly unsupported?: boolean
    }

/**
 * Where spans go. A store is an exporter, too.
 *
 * Only the export queue retries: an exporter tries once, reports what happened and honours `signal`. Spans are handed over one batch
 * at a time, and so are metrics, but a batch of metrics can come while one of spans is under way.
 *
 * @example
 * const names: string[] = []
 * const exporter: Exporter = {
 *   async export({ spans }) {
 *     names.push(...spans.map((span) => span.name))
 *     return { ok: true }
 *   },
 *   async close() {},
 * }
 * const tracer = createTracer({ exporter })
 * withSpan('job', () => {})
 * await tracer.flush()
 * names.join() // 'job'
 */
export interface Exporter {
  export(batch: ExportBatch, options: { readonly signal: AbortSignal }): Promise<ExportResult>
  /** Tells other processes that these traces are to be kept whole. */
  keep?(traceIds: readonly string[]): void
  /** Calls `listener` when another process asks for traces to be kept; returns a function that ends the subscription. */
  onKeep?(listener: (traceIds: readonly string[]) => void): () => void
  /** Resolves when everything handed over so far rests where it belongs. */
  flush?(): Promise<void>
  /** Releases connections, files and timers. The exporter is not used afterwards. */
  close(): Promise<void>
}
