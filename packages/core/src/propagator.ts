import { amznTrace } from './amzn-trace.js'
import { b3, b3multi } from './b3.js'
import { normalizeBaggage } from './baggage.js'
import { type HeaderGetter, joinHeader } from './carrier.js'
import { cloudTrace } from './cloud-trace.js'
import { datadog } from './datadog.js'
import type { ForeignDialect } from './foreign-ids.js'
import { normalizeExternalId, readSpanId, readTraceId } from './external-id.js'
import { PARENT_SPAN_ID_HEADER, SAMPLED_HEADER, SPAN_ID_HEADER, TRACE_ID_HEADER, parseSampled } from './trace-headers.js'
import { FLAG_RANDOM, FLAG_SAMPLED, formatTraceparent, isSpanId, isTraceId, parseTraceparent } from './traceparent.js'
import { normalizeTracestate } from './tracestate.js'
import { uberTraceId } from './uber-trace-id.js'

export { defaultGetter } from './carrier.js'
export type { HeaderGetter } from './carrier.js'

/**
 * A family of headers that carries trace ids: `w3c` is `traceparent` and `tracestate`, `b3` Zipkin's single header and `b3multi` its
 * `X-B3-*`, `datadog` is `x-datadog-*`, `jaeger` is `uber-trace-id`, `x-trace` is `X-Trace-Id` and its relatives, `gcp` is
 * `X-Cloud-Trace-Context`, `xray` is `X-Amzn-Trace-Id`.
 */
export type Dialect = 'w3c' | 'b3' | 'b3multi' | 'datadog' | 'jaeger' | 'x-trace' | 'gcp' | 'xray'

/** What a request or message said about the trace it belongs to. */
export interface RemoteContext {
  /** 32 lower-case hex characters. Absent where no dialect held a usable one: then a new trace starts. */
  readonly traceId?: string
  /** The span that sent the request, 16 lower-case hex characters. */
  readonly spanId?: string
  /** The sender's sampling decision; absent means "not decided", which is not the same as false. */
  readonly sampled?: boolean
  /** True where the sender says that the right-most seven bytes of the trace id are random. */
  readonly random: boolean
  /** The validated `tracestate`, as it travels on. */
  readonly traceState?: string
  /** `X-Trace-Id` as it was received, where it is not a trace id in W3C form. Without a `traceId` beside it, it is an attribute and nothing more. */
  readonly externalId?: string
  /** True where the trace id was derived from `externalId` by SHA-256; ask the external id guard before a local root begins under it. */
  readonly derived: boolean
  /** `X-Request-Id`: an attribute, never a trace id. */
  readonly requestId?: string
  /** `X-Correlation-Id`: an attribute, never a trace id. */
  readonly correlationId?: string
  /** The validated `baggage` header, as it travels on. */
  readonly baggage?: string
  /** The dialect that the ids came from. */
  readonly dialect?: Dialect
}

/** What is sent along with an outgoing request or message. */
export interface InjectContext {
  readonly traceId: string
  /** The sending span, which becomes the receiver's parent. */
  readonly spanId: string
  readonly parentSpanId?: string | undefined
  /** W3C trace flags: bit 0 sampled, bit 1 random trace id. */
  readonly flags: number
  /** True where nobody has decided on sampling yet: `X-Trace-Id` alone can say so. */
  readonly undecided?: boolean | undefined
  readonly traceState?: string | undefined
  /** Sent as `X-Trace-Id` in place of the trace id. */
  readonly externalId?: string | undefined
  /** A whole `baggage` header; give it only where the receiver may see it. */
  readonly baggage?: string | undefined
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type ContextDraft = Mutable<RemoteContext>

const FOREIGN: Readonly<Record<Exclude<Dialect, 'w3c' | 'x-trace'>, ForeignDialect>> = {
  b3,
  b3multi,
  datadog,
  jaeger: uberTraceId,
  gcp: cloudTrace,
  xray: amznTrace,
}

const B3_IDS = ['b3', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-parentspanid']

/** The headers of each dialect that hold ids: where one of them is there already, ids of another span beside it would make nonsense of both. */
export const ID_HEADERS: Readonly<Record<Dialect, readonly string[]>> = {
  w3c: ['traceparent'],
  b3: B3_IDS,
  b3multi: B3_IDS,
  datadog: ['x-datadog-trace-id', 'x-datadog-parent-id', 'x-datadog-tags'],
  jaeger: ['uber-trace-id'],
  'x-trace': [TRACE_ID_HEADER, SPAN_ID_HEADER, PARENT_SPAN_ID_HEADER],
  gcp: ['x-cloud-trace-context'],
  xray: ['x-amzn-trace-id'],
}

/**
 * Reads the remote context from headers. The first dialect of the list with a valid trace id wins whole; ids of two dialects are
 * never mixed. A `traceparent` that is there but invalid ends the search. Undefined where there was nothing to read.
 *
 * `get` is called with lower-case names. What it throws goes to `onError`, and that header counts as absent; without `onError` it is thrown on.
 *
 * @example
 * const remote = extractContext((name) => req.headers[name], ['w3c', 'x-trace'])
 */
export function extractContext(
  get: HeaderGetter,
  dialects: readonly Dialect[],
  onError?: (error: unknown) => void,
): RemoteContext | undefined {
  if (onError === undefined) return readContext(get, dialects)
  const read: HeaderGetter = (name) => {
    try {
      return get(name)
    } catch (error) {
      onError(error)
      return undefined
    }
  }
  return readContext(read, dialects)
}

/**
 * Writes the context into headers through `set`, which is called with lower-case names (HTTP/2 and message brokers want them so).
 * Empty headers are not sent, nor are values that could break out of a header (control characters, characters beyond Latin-1).
 * An invalid trace or span id sends nothing. What `set` throws is thrown on.
 *
 * @example
 * injectContext({ traceId, spanId, flags: 1 }, ['w3c', 'x-trace'], (name, value) => headers.set(name, value))
 */
export function injectContext(context: InjectContext, dialects: readonly Dialect[], set: (name: string, value: string) => void): void {
  if (!isTraceId(context.traceId) || !isSpanId(context.spanId)) return
  for (const dialect of dialects) {
    if (dialect === 'w3c') injectW3c(context, set)
    else if (dialect === 'x-trace') injectTraceHeaders(context, set)
    else if (!context.undecided) FOREIGN[dialect].write(context, set)
  }
  if (isSendable(context.baggage)) set('baggage', context.baggage)
}

function injectW3c(context: InjectContext, set: (name: string, value: string) => void): void {
  if (context.undecided) return
  set('traceparent', formatTraceparent(context.traceId, context.spanId, context.flags))
  if (isSendable(context.traceState)) set('tracestate', context.traceState)
}

function injectTraceHeaders(context: InjectContext, set: (name: string, value: string) => void): void {
  const { traceId, spanId, parentSpanId, externalId } = context
  set(TRACE_ID_HEADER, isSendable(externalId) ? externalId : traceId)
  if (context.undecided) return
  set(SPAN_ID_HEADER, spanId)
  if (parentSpanId !== undefined && isSpanId(parentSpanId)) set(PARENT_SPAN_ID_HEADER, parentSpanId)
  set(SAMPLED_HEADER, (context.flags & FLAG_SAMPLED) === 0 ? '0' : '1')
}

/** RFC 9110, section 5.5: visible characters, spaces and the upper half of Latin-1; no control character may get through. */
function isSendable(value: string | undefined): value is string {
  if (value === undefined || value === '') return false
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index)
    if (code < 0x20 || (code > 0x7e && code < 0xa0) || code > 0xff) return false
  }
  return true
}

function readContext(get: HeaderGetter, dialects: readonly Dialect[]): RemoteContext | undefined {
  const ids = readIds(get, dialects)
  const requestId = readSingle(get('x-request-id'))
  const correlationId = readSingle(get('x-correlation-id'))
  // Baggage belongs to the W3C family: who does not read that does not carry it on either.
  const baggage = dialects.includes('w3c') ? normalizeBaggage(readList(get('baggage'))) : undefined
  if (ids === undefined && requestId === undefined && correlationId === undefined && baggage === undefined) return undefined
  const context = ids ?? createDraft()
  if (requestId !== undefined) context.requestId = requestId
  if (correlationId !== undefined) context.correlationId = correlationId
  if (baggage !== undefined) context.baggage = baggage
  return context
}

function createDraft(): ContextDraft {
  return { random: false, derived: false }
}

/** The ids of the first valid dialect, and what `X-Trace-Id` said in its own words. */
function readIds(get: HeaderGetter, dialects: readonly Dialect[]): ContextDraft | undefined {
  const received = dialects.includes('x-trace') ? readSingle(get(TRACE_ID_HEADER)) : undefined
  const ids = findIds(get, dialects, received)
  if (received === undefined || received === ids?.traceId || ids?.dialect === 'x-trace') return ids
  if (ids === undefined) return isTraceId(received) ? undefined : { ...createDraft(), externalId: received }
  const reading = readTraceId(received)
  if (reading?.externalId !== undefined && reading.traceId === ids.traceId) ids.externalId = reading.externalId
  return ids
}

function findIds(get: HeaderGetter, dialects: readonly Dialect[], received: string | undefined): ContextDraft | undefined {
  for (const dialect of dialects) {
    if (dialect === 'w3c') {
      const header = get('traceparent')
      if (header !== undefined && header.length > 0) return readW3c(header, get)
      continue
    }
    const ids = dialect === 'x-trace' ? readTraceHeaders(received, get) : readForeign(dialect, get)
    if (ids !== undefined) return ids
  }
  return undefined
}

/** W3C Trace Context Level 2, section 3.2: more than one `traceparent` is invalid, even where they are equal. */
function readW3c(header: string | readonly string[], get: HeaderGetter): ContextDraft | undefined {
  const text = typeof header === 'string' ? header : header.length === 1 ? header[0] : undefined
  const parent = text === undefined ? undefined : parseTraceparent(text)
  if (parent === undefined) return undefined
  const context: ContextDraft = {
    traceId: parent.traceId,
    spanId: parent.spanId,
    sampled: (parent.flags & FLAG_SAMPLED) !== 0,
    random: (parent.flags & FLAG_RANDOM) !== 0,
    derived: false,
    dialect: 'w3c',
  }
  const traceState = normalizeTracestate(readList(get('tracestate')))
  if (traceState !== undefined) context.traceState = traceState
  return context
}

function readForeign(dialect: keyof typeof FOREIGN, get: HeaderGetter): ContextDraft | undefined {
  const ids = FOREIGN[dialect].read(get)
  return ids === undefined ? undefined : { ...ids, random: false, derived: false, dialect }
}

function readTraceHeaders(received: string | undefined, get: HeaderGetter): ContextDraft | undefined {
  const reading = received === undefined ? undefined : readTraceId(received)
  if (reading === undefined) return undefined
  const context: ContextDraft = { traceId: reading.traceId, random: false, derived: reading.derived, dialect: 'x-trace' }
  if (reading.externalId !== undefined) context.externalId = reading.externalId
  // A sender that names only its own parent still names a span above ours.
  const sender = readSingle(get(SPAN_ID_HEADER)) ?? readSingle(get(PARENT_SPAN_ID_HEADER))
  const spanId = sender === undefined ? undefined : readSpanId(sender)
  if (spanId !== undefined) context.spanId = spanId
  const sampled = readSampled(get(SAMPLED_HEADER))
  if (sampled !== undefined) context.sampled = sampled
  return context
}

function readSampled(header: string | readonly string[] | undefined): boolean | undefined {
  const text = readSingle(header)
  return text === undefined ? undefined : parseSampled(text)
}

/** A header that holds one value: repetitions of the same collapse, different ones count as absent. */
function readSingle(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined || header.length === 0) return undefined
  return normalizeExternalId(joinHeader(header))
}

/** A header whose repetitions make one list (RFC 9110, section 5.3). */
function readList(header: string | readonly string[] | undefined): string {
  return header === undefined ? '' : joinHeader(header)
}
