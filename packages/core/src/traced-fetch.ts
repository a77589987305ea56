import { contextStorage } from './context.js'
import { TraceError } from './errors.js'
import type { PropagationOptions } from './options.js'
import { injectContext, type Dialect, type InjectContext } from './propagator.js'
import { getGlobalDispatcher, guardRedirects, type Dispatcher } from './redirect-guard.js'
import { isKnownMethod } from './request-attributes.js'
import type { Attributes } from './span-data.js'
import { isSpanPort, type Span, type SpanPort } from './span.js'
import { compileTargets, type TargetTest } from './targets.js'
import { startSpan } from './trace-api.js'
import { redactUrl } from './url.js'
import { readException } from './exception.js'

type Fetch = typeof globalThis.fetch
type Input = Parameters<Fetch>[0]
type Init = Omit<NonNullable<Parameters<Fetch>[1]>, 'dispatcher'> & { dispatcher?: Dispatcher }

/** What `createTracedFetch` takes. */
export interface TracedFetchOptions {
  /** What really fetches. Default: the global `fetch`, looked up at each call. */
  readonly fetch?: Fetch
  /** Where ids are sent. Default: the tracer's `propagation.targets`. */
  readonly targets?: PropagationOptions['targets']
  /** Names of query parameters whose values `url.full` shows; sensitive ones stay masked. Default: none. */
  readonly captureQuery?: readonly string[]
}

/**
 * Makes a fetch that records a client span and sends the trace's ids; otherwise it behaves like the one it wraps.
 *
 * @example
 * const callOrders = createTracedFetch({ targets: ['http://orders.internal'] })
 */
export function createTracedFetch(options: TracedFetchOptions = {}): Fetch {
  const own = options.targets === undefined ? undefined : compileTargets(options.targets)
  const shown = new Set(options.captureQuery)
  return function tracedFetch(input: Input, init?: Parameters<Fetch>[1]) {
    const base = options.fetch ?? globalThis.fetch
    const url = urlOf(input)
    if (url === undefined || contextStorage.getStore()?.suppressed) return base(input, init)
    return fetchInSpan({ base, url, input, init: init ?? undefined, targets: own, shown })
  }
}

/**
 * `fetch` with a client span around it and the trace's ids in its headers. The caller's headers stay, an existing `traceparent` is left
 * alone, what fetch throws is thrown on unchanged. The span ends with the response headers.
 *
 * @example
 * const response = await tracedFetch(`http://users.internal/users/${id}`)
 */
export const tracedFetch: Fetch = createTracedFetch()

/** Undefined for what fetch itself is going to refuse. */
function urlOf(input: Input): URL | undefined {
  const text = typeof input === 'string' ? input : input instanceof URL ? input.href : (input as Partial<Request> | undefined)?.url
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined
  const url = new URL(text)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined
}

interface Call {
  readonly base: Fetch
  readonly url: URL
  readonly input: Input
  readonly init: Init | undefined
  readonly targets: TargetTest | undefined
  readonly shown: ReadonlySet<string>
}

async function fetchInSpan(call: Call): Promise<Response> {
  const method = methodOf(call)
  const span = startSpan(isKnownMethod(method) ? method : 'HTTP', { kind: 'client', attributes: requestAttributes(method, call) })
  try {
    const response = await call.base(call.input, withIds(call, span) as Parameters<Fetch>[1])
    span.setAttribute('http.response.status_code', response.status)
    if (response.status >= 400) span.setAttribute('error.type', String(response.status)).setStatus({ code: 'error' })
    return response
  } catch (error) {
    recordFailure(span, error, signalOf(call))
    throw error
  } finally {
    span.end()
  }
}

/** The methods that fetch turns into upper case (Fetch standard, "normalize"); others are sent as they were given. */
const UPPERCASED: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'])

function methodOf({ input, init }: Call): string {
  const method = init?.method ?? (input as Partial<Request>).method
  if (typeof method !== 'string') return 'GET'
  const upper = method.toUpperCase()
  return UPPERCASED.has(upper) ? upper : method
}

/** HTTP client semantic conventions 1.44. */
function requestAttributes(method: string, { url, shown }: Call): Attributes {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  const attributes: Attributes = {
    'http.request.method': isKnownMethod(method) ? method : '_OTHER',
    'url.full': redactUrl(hideQuery(url, shown)),
    'server.address': url.hostname,
    'server.port': port,
  }
  if (!isKnownMethod(method)) attributes['http.request.method_original'] = method.slice(0, 64)
  return attributes
}

/** No value of a query is recorded unless it was asked for by name. */
function hideQuery({ href, search }: URL, shown: ReadonlySet<string>): string {
  if (search === '') return href
  const start = href.indexOf('?') + 1
  const end = start + search.length - 1
  const hidden = href.slice(start, end).split('&').map(hideValue)
  return href.slice(0, start) + hidden.join('&') + href.slice(end)

  function hideValue(parameter: string): string {
    const equals = parameter.indexOf('=')
    if (equals === -1) return parameter
    const name = parameter.slice(0, equals)
    return shown.has(decodeName(name)) ? parameter : `${name}=REDACTED`
  }
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return name
  }
}

/** The caller's init with our headers added; as it is where there is nothing to add, or where fetch is going to refuse it. */
function withIds(call: Call, span: Span): Init | undefined {
  const { url, input, init } = call
  if (!isSpanPort(span) || span.tracer === undefined) return init
  const { tracer } = span
  const { targets, inject } = tracer.options
  try {
    const { send, explicit } = (call.targets ?? targets)(url)
    const headers = send ? new Headers(init?.headers ?? (input as Partial<Request>).headers) : undefined
    if (headers === undefined || headers.has('traceparent')) return init
    const added = addIds(headers, outgoingOf(span, explicit), inject)
    return added.size === 0 ? init : extendInit(init, { headers, dispatcher: guard(call, added) })
  } catch (error) {
    tracer.report(new TraceError('CARRIER_FAILED', 'Ids could not be added to a request', { cause: error }))
    return init
  }
}

function outgoingOf(span: SpanPort, explicit: boolean): InjectContext {
  const baggage = explicit ? contextStorage.getStore()?.baggage : undefined
  return baggage === undefined ? span.outgoing() : { ...span.outgoing(), baggage }
}

function addIds(headers: Headers, outgoing: InjectContext, dialects: readonly Dialect[]): Set<string> {
  const added = new Set<string>()
  injectContext(outgoing, dialects, (name, value) => {
    if (headers.has(name)) return
    headers.set(name, value)
    added.add(name.toLowerCase())
  })
  return added
}

/** A `Request` may have a dispatcher of its own, a proxy for one, which cannot be read from it: then there is nothing to guard. */
function guard({ input, init, url }: Call, added: ReadonlySet<string>): Dispatcher | undefined {
  const isAddress = typeof input === 'string' || input instanceof URL
  const base = init?.dispatcher ?? (isAddress ? getGlobalDispatcher() : undefined)
  return base && guardRedirects(base, url.origin, added)
}

/** What fetch reads of an init, our two aside. */
const INIT_MEMBERS = [
  'method',
  'body',
  'duplex',
  'signal',
  'redirect',
  'credentials',
  'cache',
  'mode',
  'referrer',
  'referrerPolicy',
  'integrity',
  'keepalive',
  'priority',
  'window',
]

/** A copy of the caller's init with our members. A class, a `Request` for one, has its members as getters, which only work on itself. */
function extendInit(init: Init | undefined, { headers, dispatcher }: { headers: Headers; dispatcher: Dispatcher | undefined }): Init {
  const copy: Record<string, unknown> = { ...init, headers }
  if (dispatcher !== undefined) copy['dispatcher'] = dispatcher
  if (init === undefined || Object.getPrototypeOf(init) === Object.prototype) return copy
  for (const name of INIT_MEMBERS) {
    const value = (init as Record<string, unknown>)[name]
    if (value !== undefined) copy[name] = value
  }
  return copy
}

function signalOf({ input, init }: Call): AbortSignal | null | undefined {
  return init?.signal ?? (input as Partial<Request>).signal
}

/** A caller that gives up is no error; a timeout and everything else is. */
function recordFailure(span: Span, error: unknown, signal: AbortSignal | null | undefined): void {
  const { errorType, type } = readException(error, 256)
  const aborted = type === 'AbortError' || (signal?.aborted === true && signal.reason === error && type !== 'TimeoutError')
  if (aborted) span.setAttribute('error.type', errorType)
  else span.fail(error)
}
