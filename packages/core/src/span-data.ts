/** A value an attribute can hold, as in OpenTelemetry: a primitive, or an array of primitives of one type. */
export type AttributeValue = string | number | boolean | readonly string[] | readonly number[] | readonly boolean[]

/** Attributes by name. Names are OpenTelemetry's where it has one (`http.request.method`, `db.system.name`, ...). */
export interface Attributes {
  [name: string]: AttributeValue
}

/** The role of a span in a trace: OpenTelemetry's SpanKind in lower case. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer'

/** The outcome of a span. `unset` means nobody said anything, which readers take for success. */
export type SpanStatus = 'unset' | 'ok' | 'error'

/** What identifies a span across processes (W3C Trace Context Level 2, section 3.2). */
export interface SpanContext {
  /** 32 lower-case hex characters, not all zero. */
  readonly traceId: string
  /** 16 lower-case hex characters, not all zero. */
  readonly spanId: string
  /** W3C trace flags: bit 0 sampled, bit 1 random trace id. */
  readonly traceFlags: number
  /** The `tracestate` header as it travels, where there is one. */
  readonly traceState?: string | undefined
  /** True where the context came from another process. */
  readonly isRemote?: boolean | undefined
}

/** Something that happened at one moment within a span. An exception is the event `exception` with `exception.*` attributes. */
export interface SpanEvent {
  readonly name: string
  /** Unix epoch in milliseconds, with a fraction down to the microsecond. */
  readonly time: number
  /** 0 to 999 nanoseconds below the microsecond of `time`, where a foreign span carried them. */
  readonly timeNanos?: number | undefined
  readonly attributes: Attributes
  readonly droppedAttributes?: number | undefined
}

/** A reference to a span of this or another trace that is related but not the parent. */
export interface SpanLink {
  readonly traceId: string
  readonly spanId: string
  readonly flags?: number | undefined
  readonly traceState?: string | undefined
  readonly attributes: Attributes
  readonly droppedAttributes?: number | undefined
}

/** The library that recorded a span (OpenTelemetry's instrumentation scope). */
export interface Scope {
  readonly name: string
  readonly version?: string | undefined
  readonly attributes?: Attributes | undefined
}

/** The process that recorded a span: `service.name`, `service.version`, `deployment.environment.name`, ... Shared by reference between its spans. */
export interface Resource {
  readonly attributes: Attributes
}

/**
 * One ended span, as every exporter, store and reader sees it.
 *
 * Times are Unix epoch in milliseconds with a fraction (microsecond precision), durations are milliseconds;
 * the `...Nanos` fields hold 0 to 999 nanoseconds below the microsecond, so that spans recorded elsewhere travel through exactly.
 */
export interface SpanData {
  readonly traceId: string
  readonly spanId: string
  /** Absent for the root of a trace. */
  readonly parentSpanId?: string | undefined
  readonly name: string
  readonly kind: SpanKind
  /** `service.name` of the resource. */
  readonly service: string
  readonly startTime: number
  readonly duration: number
  readonly status: SpanStatus
  /** Says why, where `status` is `error`. */
  readonly statusMessage?: string | undefined
  readonly attributes: Attributes
  readonly events: readonly SpanEvent[]
  readonly links: readonly SpanLink[]
  readonly scope?: Scope | undefined
  readonly resource: Resource
  /** W3C trace flags of the span (bit 0 sampled, bit 1 random trace id). */
  readonly flags: number
  readonly traceState?: string | undefined
  /** True where the parent ran in another process: this span is the local root of a segment. */
  readonly parentIsRemote?: boolean | undefined
  readonly droppedAttributes?: number | undefined
  readonly droppedEvents?: number | undefined
  readonly droppedLinks?: number | undefined
  readonly startNanos?: number | undefined
  readonly durationNanos?: number | undefined
}
