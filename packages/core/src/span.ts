import type { AttributesInput } from './attributes.js'
import type { TimeInput } from './clock.js'
import type { LogLine } from './log-records.js'
import type { InjectContext, RemoteContext } from './propagator.js'
import type { SpanContext, SpanKind, SpanStatus } from './span-data.js'
import type { TracerPort } from './tracer.js'

/** How a span begins. */
export interface SpanOptions {
  /** Default: `internal`. */
  readonly kind?: SpanKind
  readonly attributes?: AttributesInput
  readonly links?: readonly LinkInput[]
  /** Default: now. */
  readonly startTime?: TimeInput
  /** Default: the active span. `null` begins a new trace; what `extract` returned continues the trace it holds, as `propagation.trust` says. */
  readonly parent?: Span | SpanContext | RemoteContext | null | undefined
  /** Whether the span's duration is counted in a histogram. Default: HTTP requests and what `metrics.spans` names. */
  readonly metric?: boolean
}

/** A link to another span. */
export interface LinkInput {
  readonly context: SpanContext
  readonly attributes?: AttributesInput
}

/** A status as `setStatus` takes it, in words or in OpenTelemetry's numbers (0 unset, 1 ok, 2 error). */
export interface StatusInput {
  readonly code: SpanStatus | 0 | 1 | 2
  /** Kept where the status is `error`. */
  readonly message?: string
}

/**
 * An operation in progress, with OpenTelemetry's names. After `end()` every other call does nothing.
 * No method throws, whatever it is given.
 *
 * @example
 * const span: Span = startSpan('import', { kind: 'consumer' })
 * span.setAttribute('import.rows', 3).addEvent('first row read')
 * try {
 *   await send({ rows: 3 })
 * } catch (error) {
 *   span.fail(error)
 * } finally {
 *   span.end()
 * }
 * span.isRecording() // false
 */
export interface Span {
  /** The ids that identify the span across processes. */
  spanContext(): SpanContext
  /** Sets one attribute; strings beyond the limit are cut, `undefined` and `null` are ignored. */
  setAttribute(name: string, value: unknown): this
  /** Sets several attributes. */
  setAttributes(attributes: AttributesInput): this
  /** Adds an event at `time`, default now. */
  addEvent(name: string, attributes?: AttributesInput | TimeInput, time?: TimeInput): this
  /** Refers to a related span that is not the parent. */
  addLink(link: LinkInput): this
  /** Adds the event `exception`; once per error and trace, however often it is rethrown. Leaves the status as it is. */
  recordException(error: unknown, time?: TimeInput): void
  /** Sets the outcome. `ok` is final. */
  setStatus(status: StatusInput): this
  /** Renames the span. */
  updateName(name: string): this
  /** Ends the span at `endTime`, default now. Only the first call counts. */
  end(endTime?: TimeInput): void
  /** True until `end()`. */
  isRecording(): boolean
  /** Records the error and sets the status to `error`. */
  fail(error: unknown): this
  /** Keeps the whole segment, whatever the sampling says. */
  keep(reason?: string): this
  /** `end()`, for `using`. */
  [Symbol.dispose](): void
}

/** What identifies the active work, for logs and headers. */
export interface TraceContext {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly service: string
  /** True where the trace is sampled or already kept. */
  readonly sampled: boolean
  /** W3C trace flags. */
  readonly traceFlags: number
  readonly externalId?: string
  readonly requestId?: string
  readonly correlationId?: string
}

/**
 * The active span, as loggers see it.
 *
 * @example
 * const warning = 13
 * withSpan('job', () => {
 *   const span: LogSpan | undefined = getLogSpan()
 *   if (span?.takesLog(warning)) span.recordLog({ severityNumber: warning, line: 'slow disk', read: (line) => ({ body: line, attributes: {} }) })
 *   console.log(span?.traceContext().traceId === getTraceId()) // true
 * })
 */
export interface LogSpan extends Span {
  /** What a logger remembers of this span. Whoever reads it makes sure that it is their own. */
  logNote: unknown
  traceContext(): TraceContext
  /** True where `recordLog` would keep a line of this severity (OpenTelemetry's number). One that finds no room counts as lost: ask once for each. */
  takesLog(severityNumber: number): boolean
  /** Keeps a line in the span's segment: it is exported, in `ExportBatch.logs`, if the segment is kept, and forgotten with it otherwise. */
  recordLog(log: LogLine): void
}

/** What copies of this package ask of each other's spans. */
export interface SpanPort extends LogSpan {
  /** Whose span it is; undefined inside `suppressTracing`. */
  readonly tracer: TracerPort | undefined
  startChild(name: string, options: SpanOptions | undefined): Span
  localRoot(): Span
  outgoing(): InjectContext
  /** Keeps the segment as its trace is kept elsewhere. */
  follow(): void
}

const NO_LINKS: readonly LinkInput[] = []
/** Of more than any limit allows nobody counts the rest. */
const MAX_LINKS = 10_000

/** The links of options that may be anything. */
export function linksOf(options: SpanOptions | undefined): readonly LinkInput[] {
  try {
    const links = options?.links
    return Array.isArray(links) ? (links.slice(0, MAX_LINKS) as readonly LinkInput[]) : NO_LINKS
  } catch {
    return NO_LINKS
  }
}

const KINDS: readonly unknown[] = ['internal', 'server', 'client', 'producer', 'consumer'] satisfies SpanKind[]

/** The kind of options that may be anything. */
export function kindOf(options: SpanOptions | undefined): SpanKind {
  try {
    const kind = options?.kind
    return kind !== undefined && KINDS.includes(kind) ? kind : 'internal'
  } catch {
    return 'internal'
  }
}

/** The start of options that may be anything. */
export function startTimeOf(options: SpanOptions | undefined): TimeInput | undefined {
  try {
    return options?.startTime
  } catch {
    return undefined
  }
}

/** What options that may be anything say about metrics. */
export function metricOf(options: SpanOptions | undefined): boolean | undefined {
  try {
    const metric: unknown = options?.metric
    return typeof metric === 'boolean' ? metric : undefined
  } catch {
    return undefined
  }
}

/** The parent of options that may be anything. */
export function parentOf(options: SpanOptions | undefined): SpanOptions['parent'] {
  try {
    return options?.parent
  } catch {
    return undefined
  }
}

/** True for spans of this package, whichever copy made them. */
export function isSpanPort(span: unknown): span is SpanPort {
  try {
    return typeof (span as Partial<SpanPort> | undefined)?.startChild === 'function'
  } catch {
    return false
  }
}
