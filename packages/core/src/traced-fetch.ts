import { readProperty } from './attributes.js'
import * as check from './check.js'
import { contextStorage } from './context.js'
import { TraceError } from './errors.js'
import type { PropagationOptions } from './options.js'
import { copyInit, headersOf, holdHeaders, type Init, referrerOf } from './fetch-init.js'
import { ID_HEADERS, injectContext, type Dialect, type InjectContext } from './propagator.js'
import { getGlobalDispatcher, guardRedirects, type Guarded, runGuarded } from './redirect-guard.js'
import { isKnownMethod } from './request-attributes.js'
import type { Attributes } from './span-data.js'
import { isSpanPort, type Span, type SpanPort } from './span.js'
import { compileTargets, type TargetTest } from './targets.js'
import { SAMPLED_HEADER } from './trace-headers.js'
import type { TracerPort } from './tracer.js'
import { startSpan } from './trace-api.js'
import { redactUrl } from './url.js'
import { readException } from './exception.js'

type Fetch = typeof globalThis.fetch
type Input = Parameters<Fetch>[0]

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
 * Throws a `TraceError` with `INVALID_OPTION` where an option cannot be used.
 *
 * @example
 * const callOrders = createTracedFetch({ targets: ['http://orders.internal'] })
 */
export function createTracedFetch(options: TracedFetchOptions = {}): Fetch {
  check.knownKeys(options, ['fetch', 'targets', 'captureQuery'], 'of createTracedFetch')
  check.fn(options.fetch, 'fetch')
  check.texts(options.captureQuery, 'captureQuery')
  const targets = check.patternsOrFunction(options.targets, 'targets')
  const own = targets === undefined ? undefined : compileTargets(targets, 'targets')
  const shown = new Set(options.captureQuery)
  // oxlint-disable-next-line no-useless-default-assignment -- so that `length` is 1, as fetch's is
  return function tracedFetch(input: Input, init: Parameters<Fetch>[1] = undefined) {
    const base = options.fetch ?? globalThis.fetch
    const url = contextStorage.getStore()?.suppressed ? undefined : urlOf(input)
    return url === undefined ? base(input, init) : fetchUrl({ base, url, input, given: init, targets: own, shown })
  }
}

/**
 * `fetch` with a client span around it and the trace's ids in its headers. The caller's headers stay, an existing `traceparent` is left
 * alone, what fetch throws is thrown on unchanged. The span ends with the response headers.
 *
 * @example
 * const response = await tracedFetch(`${usersUrl}/users/${user.id}`)
 */
export const tracedFetch: Fetch = createTracedFetch()

/** Undefined for what fetch itself is going to refuse. */
function urlOf(input: Input): URL | undefined {
  const text = typeof input === 'string' ? input : addressOf(input)
  if (text === undefined || !URL.canParse(text)) return undefined
  const url = new URL(text)
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined
}

/** Whatever is no `Request` fetch takes as text: a `URL`, also that of another realm or make, or an object of one's own. */
function addressOf(input: unknown): string | undefined {
  try {
    const url = isAddress(input) ? undefined : (input as Partial<Request> | null | undefined)?.url
    return typeof url === 'string' ? url : String(input)
  } catch {
    return undefined
  }
}

function isAddress(input: unknown): boolean {
  return typeof input === 'string' || input instanceof URL
}

interface GivenCall {
  readonly base: Fetch
  readonly url: URL
  readonly input: Input
  readonly given: Parameters<Fetch>[1]
  readonly targets: TargetTest | undefined
  readonly shown: ReadonlySet<string>
}

interface Call extends GivenCall {
  readonly init: Init | undefined
}

function fetchUrl(call: GivenCall): Promise<Response> {
  let init: Init | undefined
  try {
    init = copyInit(call.given)
  } catch {
    // What one cannot read the other is to refuse, or to do without.
    return call.base(call.input, call.given)
  }
  try {
    holdHeaders(init)
  } catch (error) {
    return Promise.reject(error)
  }
  return fetchInSpan({ ...call, init })
}

async function fetchInSpan(call: Call): Promise<Response> {
  const method = methodOf(call)
  const span = startSpan(isKnownMethod(method) ? method : 'HTTP', { kind: 'client', attributes: requestAttributes(method, call) })
  try {
    const response = await send(call, span)
    recordStatus(span, readProperty(response, 'status'))
    followAnswer(call, span, response)
    return response
  } catch (error) {
    recordFailure(span, error, signalOf(call))
    throw error
  } finally {
    span.end()
  }
}

/** A service that was named explicitly is believed when it says that it keeps the trace. */
function followAnswer(call: Call, span: Span, response: Response): void {
  try {
    if (response.headers.get(SAMPLED_HEADER) !== '1' || !isSpanPort(span) || span.tracer === undefined) return
    const { tracer } = span
    const answered = URL.canParse(response.url) ? new URL(response.url) : call.url
    const isTarget = call.targets ?? tracer.options.targets
    if (isTarget(answered, (error) => reportTargets(tracer, error)).explicit) span.follow()
  } catch {
    // A response of one's own make may have no headers.
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

function send(call: Call, span: Span): Promise<Response> {
  const { base, input, url, given } = call
  const init = call.init ?? given
  const ids = idsFor(call, span)
  if (ids === undefined) return base(input, init as Parameters<Fetch>[1])
  const { headers, names } = ids
  const guarded: Guarded = { origin: url.origin, names }
  const dispatcher = call.init?.dispatcher ?? (base === globalThis.fetch && isAddress(input) ? getGlobalDispatcher() : undefined)
  const sent: Init = { ...call.init, headers, ...(isAddress(input) ? undefined : referrerOf(input as Request, call.init)) }
  if (dispatcher === undefined) return runGuarded(guarded, () => base(input, sent as Parameters<Fetch>[1]))
  return base(input, { ...sent, dispatcher: guardRedirects(dispatcher, guarded) } as Parameters<Fetch>[1])
}

/** The caller's headers with our ids, and what was added; undefined where there is nothing to add, or where fetch is going to refuse it. */
function idsFor(call: Call, span: Span): { headers: Headers; names: ReadonlySet<string> } | undefined {
  if (!isSpanPort(span) || span.tracer === undefined) return undefined
  const { tracer } = span
  try {
    const { send: isTarget, explicit } = (call.targets ?? tracer.options.targets)(call.url, (error) => reportTargets(tracer, error))
    if (!isTarget || !canTakeHeaders(call)) return undefined
    const headers = headersOf(call.init?.headers ?? (call.input as Partial<Request>).headers)
    if (headers === undefined || headers.has('traceparent')) return undefined
    const names = addIds(headers, outgoingOf(span, explicit), tracer.options.inject)
    return names.size === 0 ? undefined : { headers, names }
  } catch (error) {
    tracer.report(new TraceError('CARRIER_FAILED', 'Ids could not be added to a request', { cause: error }))
    return undefined
  }
}

/** False for an init that is none, which fetch refuses, and for headers that are none. */
function canTakeHeaders({ init, given }: Call): boolean {
  return (init !== undefined || given === undefined || given === null) && init?.headers !== null
}

function reportTargets(tracer: TracerPort, error: unknown): void {
  tracer.report(new TraceError('CALLBACK_FAILED', 'The function given as propagation.targets threw', { cause: error }))
}

function outgoingOf(span: SpanPort, explicit: boolean): InjectContext {
  const baggage = explicit ? contextStorage.getStore()?.baggage : undefined
  return baggage === undefined ? span.outgoing() : { ...span.outgoing(), baggage }
}

/** Nothing is replaced, and a dialect whose ids are there already stays out whole. */
function addIds(headers: Headers, outgoing: InjectContext, dialects: readonly Dialect[]): ReadonlySet<string> {
  const free = dialects.filter((dialect) => !ID_HEADERS[dialect].some((name) => headers.has(name)))
  const added = new Set<string>()
  injectContext(outgoing, free, (name, value) => {
    if (headers.has(name)) return
    headers.set(name, value)
    added.add(name)
  })
  return added
}

function signalOf({ input, init }: Call): AbortSignal | null | undefined {
  return init?.signal ?? (input as Partial<Request>).signal
}

/** A fetch that stands in for the real one answers what it likes. */
function recordStatus(span: Span, status: unknown): void {
  if (typeof status !== 'number') return
  span.setAttribute('http.response.status_code', status)
  if (status >= 400) span.setAttribute('error.type', String(status)).setStatus({ code: 'error' })
}

/** How libraries name the timeouts that they hand to `abort()`: `TimeoutError`, axios's `ETIMEDOUT`, `ERR_TIMEOUT`. */
const TIMEOUT = /timed?[-_]?out/i

/** A caller that gives up is no error; a timeout and everything else is. */
function recordFailure(span: Span, error: unknown, signal: AbortSignal | null | undefined): void {
  const { errorType, type } = readException(error, 256)
  const isReason = signal?.aborted === true && signal.reason === error
  const gaveUp = type === 'AbortError' || (isReason && !TIMEOUT.test(type) && !TIMEOUT.test(errorType))
  if (gaveUp) span.setAttribute('error.type', errorType)
  else span.fail(error)
}
