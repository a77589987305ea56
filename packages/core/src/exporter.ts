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

/** One point of OpenTelemetry's exponential histogram, in seconds. */
export interface HistogramPoint {
  readonly attributes: Attributes
  /** Start of the interval the point covers, Unix epoch in milliseconds. */
  readonly startTime: number
  readonly time: number
  readonly count: number
  readonly sum: number
  readonly min?: number
  readonly max?: number
  readonly scale: number
  readonly zeroCount: number
  /** Index of the first bucket. */
  readonly offset: number
  readonly bucketCounts: readonly number[]
  readonly exemplars?: readonly { readonly time: number; readonly value: number; readonly traceId: string; readonly spanId: string }[]
}

/** A metric with its points, such as `http.server.request.duration`. */
export interface MetricData {
  readonly name: string
  /** UCUM unit: `s` for durations. */
  readonly unit: string
  readonly description?: string
  readonly points: readonly HistogramPoint[]
}

/** What one process hands over at one time. */
export interface ExportBatch {
  readonly resource: Resource
  readonly spans: readonly SpanData[]
  readonly logs: readonly LogRecord[]
  readonly metrics: readonly MetricData[]
}

/**
 * How an export ended. `rejected` counts spans that the receiver refused for good; a retry would not help them. `spansTaken`: the failure is that of
 * the logs alone; the spans rest where they belong and are not handed over again.
 */
export type ExportResult =
  | { readonly ok: true; readonly rejected?: number }
  | {
      readonly ok: false
      readonly retryable: boolean
      readonly retryAfterMs?: number
      readonly error: unknown
      readonly rejected?: number
      readonly spansTaken?: boolean
    }

/**
 * Where spans go. A store is an exporter, too.
 *
 * Only the export queue retries: an exporter tries once, reports what happened and honours `signal`.
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
