import type { Trace, TraceState } from '@clew/analysis'
import type { Exporter } from '@clew/core'

/** An interval of time, Unix epoch in milliseconds. `from` is included, `to` is not. */
export interface TimeRange {
  /** Default: the beginning of what is retained. */
  readonly from?: number
  /** Default: the end of what is retained. */
  readonly to?: number
}

/**
 * Which traces to find. All conditions must hold; without any, every trace is found.
 *
 * `from` and `to` mean the trace's `TraceSummary.startTime`. `service`, `operation`, `environment` and `version` hold for one and the same span of the
 * trace; so do all `attributes` among themselves.
 */
export interface TraceQuery extends TimeRange {
  /** Traces in which this service took part. */
  readonly service?: string
  /** Traces with a span of this name, or raw `url.path`. */
  readonly operation?: string
  /** Milliseconds, of the whole trace's root; both included. */
  readonly minDuration?: number
  readonly maxDuration?: number
  /** `error`: at least one span failed; `ok`: none did. */
  readonly status?: 'error' | 'ok'
  /** `error.type` or `exception.type` of a span or of an exception recorded on it. */
  readonly errorType?: string
  /**
   * Attributes that a span or its resource has, compared as strings; of a list, one element. Older synonyms (`http.method`, ...) are
   * found by the newer name, too.
   */
  readonly attributes?: Readonly<Record<string, string>>
  /** `deployment.environment.name` of the resource. */
  readonly environment?: string
  /** `service.version` of the resource. */
  readonly version?: string
  /** Default: `newest`. Equal ones are in order of their trace ids. */
  readonly order?: 'newest' | 'slowest'
  /** 1 to 1,000; default 20. */
  readonly limit?: number
  /** `nextCursor` of the page before. `limit`, `from` and `to` may differ from those of that page; all else must not. */
  readonly cursor?: string
}

/** A page of answers. `nextCursor` is absent on the last one. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor?: string
}

/** A trace in one row. */
export interface TraceSummary {
  readonly traceId: string
  readonly externalId?: string
  /** First start of a span as it was received: clocks are not set right, and a span that came in two forms counts with both. */
  readonly startTime: number
  /** The root's, milliseconds. */
  readonly duration: number
  readonly totalDuration: number
  readonly rootService: string
  readonly rootName: string
  /** `http.response.status_code` of the root, where there is one. */
  readonly statusCode?: number
  readonly spanCount: number
  readonly errorCount: number
  readonly services: readonly string[]
  readonly state: TraceState
}

/** A service that has sent spans within what is retained. */
export interface ServiceSummary {
  readonly name: string
  readonly traceCount: number
  readonly spanCount: number
  readonly errorCount: number
  /** Start of the latest span. */
  readonly lastSeen: number
  /** `service.version`s seen, the one of the latest span first. */
  readonly versions: readonly string[]
}

/** An operation: the spans of one name and kind in one service. */
export interface OperationSummary {
  readonly service: string
  readonly name: string
  readonly kind: string
  readonly spanCount: number
  readonly errorCount: number
  /** Start of the latest span. */
  readonly lastSeen: number
}

/** Which of the slowest traces to list. */
export interface SlowestQuery extends TimeRange {
  readonly service?: string
  readonly operation?: string
  /** 1 to 100; default 20. */
  readonly limit?: number
}

/** Which errors to list. */
export interface ErrorsQuery {
  /** `YYYY-MM-DD`, a UTC day; default: today. */
  readonly date?: string
  readonly service?: string
  /** 1 to 100; default 20. */
  readonly limit?: number
}

/**
 * Failed spans of one service, operation and error type that started on one UTC day. Where an error crossed several spans, only the
 * one in which it began counts, as `findErrorOrigins` of `@clew/analysis` tells.
 */
export interface ErrorGroup {
  readonly date: string
  readonly service: string
  readonly operation: string
  /** What `spanError` of `@clew/analysis` tells: `error.type` or `exception.type`, else the HTTP status; `error` where nothing is known. */
  readonly type: string
  /** Message of the newest one that has any. */
  readonly message?: string
  readonly count: number
  /** Starts of the first and the last one. */
  readonly firstSeen: number
  readonly lastSeen: number
  /** Newest first, at most 5. */
  readonly traceIds: readonly string[]
}

/** How a store is. */
export interface StoreHealth {
  readonly kind: string
  readonly traceCount: number
  readonly spanCount: number
  readonly bytes: number
  readonly maxBytes: number
  /** Start time of the oldest trace kept. */
  readonly oldestTime?: number
  /**
   * Spans lost so far, by reason: `evicted` (out of space), `expired` (retention, on arrival too), `trace_too_large`,
   * `id_reused` (more than 16 spans of one id in a trace), `invalid_time` (the start is no time, or more than an hour ahead of the store's clock).
   */
  readonly dropped: Readonly<Record<string, number>>
}

/**
 * Where traces rest. Every implementation passes the suite in `@clew/store/conformance`, and answers alike:
 * deterministic order, cursor paging, no service required. A method that a store cannot serve does not exist. Every write may be
 * repeated: a span that comes twice is there once. A trace holds at most 50,000 spans; of one id at most 16; more are refused and counted, as are spans
 * that start before what is retained or later than in an hour, by the store's clock.
 *
 * Queries throw a `TraceError` with `INVALID_QUERY` or `INVALID_CURSOR`, and `STORE_CLOSED` after `close()`.
 *
 * @example
 * await using store: TraceStore = memoryStore()
 * const tracer = createTracer({ service: 'orders', exporter: store })
 * const { traceId } = withSpan('job', (span) => span.spanContext())
 * await tracer.flush()
 * const trace = await store.getTrace(traceId)
 * trace?.spans.length // 1
 * const { items } = await store.findTraces({ service: 'orders' })
 * const [slowest] = await store.slowest({ limit: 1 })
 * slowest?.traceId === items[0]?.traceId // true
 */
export interface TraceStore extends Exporter {
  /** The whole trace by its id (32 hex, in any case, with or without UUID dashes) or by its external id. */
  getTrace(id: string): Promise<Trace | undefined>
  findTraces(query?: TraceQuery): Promise<Page<TraceSummary>>
  /** By name. */
  services(): Promise<readonly ServiceSummary[]>
  /** By name, then kind. */
  operations(service: string): Promise<readonly OperationSummary[]>
  /** Slowest first, by the duration of the whole trace's root. */
  slowest(query?: SlowestQuery): Promise<readonly TraceSummary[]>
  /** Most frequent first, then the one last seen. */
  errors(query?: ErrorsQuery): Promise<readonly ErrorGroup[]>
  health(): Promise<StoreHealth>
  /** The same as `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}
