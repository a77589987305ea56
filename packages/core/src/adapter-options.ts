import * as check from './check.js'
import { TraceError } from './errors.js'
import { resolveOptions, TRACER_OPTION_NAMES, type TracerOptions } from './options.js'
import { compilePattern } from './pattern.js'
import type { RequestDescription } from './request.js'
import type { Span } from './span.js'
import type { Tracer, TracerPort } from './tracer.js'
import { getDefaultTracer, offerDefaultOptions } from './default-tracer.js'
import { callUser } from './user-callback.js'

/** A header that answers can carry. */
export type ResponseHeader = 'X-Trace-Id' | 'X-Span-Id' | 'traceresponse' | 'Server-Timing'

/** What every adapter takes. The tracer options make the default tracer where none exists when the first request arrives. */
export interface AdapterOptions extends TracerOptions {
  /** The tracer to use. Default: the default tracer, looked up at the first request. */
  readonly tracer?: Tracer
  /** Raw paths (exact, `*` for any characters, or a regular expression) or a function. Ignored requests are not recorded, but pass received ids on. Default: `/healthz`, `/livez`, `/readyz`, `/metrics`, `/favicon.ico`. */
  readonly ignore?: readonly (string | RegExp)[] | ((request: RequestDescription) => boolean)
  /** The route to name the span after, in place of the framework's; undefined leaves it as it is. */
  readonly routeName?: (request: RequestDescription, route: string | undefined) => string | undefined
  /** Which answers are errors. Default: status 500 and above. */
  readonly isError?: (statusCode: number, request: RequestDescription) => boolean
  /** Headers of the answer that tell the ids. Default: `['X-Trace-Id']`. */
  readonly responseHeaders?: readonly ResponseHeader[]
  /** Names of request headers to record as `http.request.header.<name>`. Default: none. */
  readonly captureRequestHeaders?: readonly string[]
  /** Called when the server span has begun. */
  readonly onSpanStart?: (span: Span, request: RequestDescription) => void
}

/** What the adapters read: everything there. None of the functions throws: what the user's throw is reported, and the default takes their place. */
export interface ResolvedAdapterOptions {
  readonly tracer: () => TracerPort
  readonly ignore: (request: RequestDescription) => boolean
  /** Undefined where there is none, so that nobody is asked. */
  readonly routeName: AdapterOptions['routeName']
  readonly isError: (statusCode: number, request: RequestDescription) => boolean
  readonly responseHeaders: readonly ResponseHeader[]
  readonly captureRequestHeaders: readonly string[]
  readonly onSpanStart: AdapterOptions['onSpanStart']
}

const ADAPTER_OPTION_NAMES = ['tracer', 'ignore', 'routeName', 'isError', 'responseHeaders', 'captureRequestHeaders', 'onSpanStart']
const RESPONSE_HEADERS: readonly ResponseHeader[] = ['X-Trace-Id', 'X-Span-Id', 'traceresponse', 'Server-Timing']
const IGNORED = ['/healthz', '/livez', '/readyz', '/metrics', '/favicon.ico']

/**
 * Throws `INVALID_OPTION` at construction, not at the first request.
 *
 * @example
 * resolveAdapterOptions({ responseHeaders: ['X-Trace-Id'] }).isError(503, request) // true
 */
export function resolveAdapterOptions(options: AdapterOptions = {}): ResolvedAdapterOptions {
  if (isRequest(options))
    throw new TraceError('INVALID_OPTION', 'A request came in place of options: call the adapter, as in app.use(expressTracing())')
  check.knownKeys(options, [...ADAPTER_OPTION_NAMES, ...TRACER_OPTION_NAMES], '')
  const headers = options.captureRequestHeaders ?? []
  headers.forEach((name, index) => check.text(name, `captureRequestHeaders[${index}]`))
  checkTracer(options.tracer)
  const tracer = tracerSource(options)
  return {
    tracer,
    ...resolveCallbacks(options, tracer),
    responseHeaders: check.list(options.responseHeaders, RESPONSE_HEADERS, 'responseHeaders') ?? ['X-Trace-Id'],
    captureRequestHeaders: headers.map((name) => name.toLowerCase()),
  }
}

/** Another copy of this package may have made it, so it is told by what it does. */
function checkTracer(tracer: Tracer | undefined): void {
  if (tracer === undefined) return
  const { startSegment, report } = (tracer ?? {}) as Partial<TracerPort>
  if (typeof startSegment !== 'function' || typeof report !== 'function')
    throw check.invalid('tracer', 'a tracer made by createTracer', tracer)
}

/** A request or context is no plain object; what those inherit is nobody's request. */
function isRequest(options: object): boolean {
  const isPlain = Object.getPrototypeOf(options) === Object.prototype
  const has = (name: string): boolean => (isPlain ? Object.hasOwn(options, name) : name in options)
  return has('headers') || has('req')
}

type Callbacks = Pick<ResolvedAdapterOptions, 'ignore' | 'routeName' | 'isError' | 'onSpanStart'>

/** The user's functions, made safe once; ours are called as they are. */
function resolveCallbacks(options: AdapterOptions, tracer: () => TracerPort): Callbacks {
  const ignore = check.patternsOrFunction(options.ignore, 'ignore') ?? IGNORED
  const routeName = guard(tracer, 'routeName', check.fn(options.routeName, 'routeName'))
  const isError = guard(tracer, 'isError', check.fn(options.isError, 'isError'))
  const isIgnored = typeof ignore === 'function' ? guard(tracer, 'ignore', ignore) : undefined
  return {
    ignore: isIgnored ? (request) => isIgnored(request) === true : compileIgnore(ignore as readonly (string | RegExp)[]),
    routeName: routeName && ((request, route) => textOf(routeName(request, route))),
    isError: isError ? (statusCode, request) => isError(statusCode, request) ?? isServerError(statusCode) : isServerError,
    onSpanStart: guard(tracer, 'onSpanStart', check.fn(options.onSpanStart, 'onSpanStart')),
  }
}

/** Answers undefined where `fn` throws, which is reported. */
function guard<A extends unknown[], R>(
  tracer: () => TracerPort,
  option: string,
  fn: ((...args: A) => R) | undefined,
): ((...args: A) => R | undefined) | undefined {
  if (fn === undefined) return undefined
  return function guarded(...args) {
    return callUser(
      () => fn(...args),
      (error) => tracer().report(new TraceError('CALLBACK_FAILED', `The function given as ${option} failed`, { cause: error })),
    )
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isServerError(statusCode: number): boolean {
  return statusCode >= 500
}

/** The given tracer, or the default one, looked up at the first request. */
function tracerSource(options: AdapterOptions): () => TracerPort {
  const given = options.tracer
  if (given !== undefined) return () => given as TracerPort
  const own: TracerOptions = Object.fromEntries(Object.entries(options).filter(([name]) => TRACER_OPTION_NAMES.includes(name)))
  // What is wrong is said here and now, although the tracer is made at the first request, or never.
  resolveOptions(own)
  offerDefaultOptions(own)
  return getDefaultTracer
}

function compileIgnore(ignore: readonly (string | RegExp)[]): (request: RequestDescription) => boolean {
  const exact = new Set(ignore.filter((pattern) => typeof pattern === 'string' && !pattern.includes('*')))
  const tests = ignore.filter((pattern) => !exact.has(pattern)).map(compilePattern)
  return ({ path }) => exact.has(path) || tests.some((test) => test(path))
}
