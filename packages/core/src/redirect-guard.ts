import { subscribe } from './builtins.js'
import { type Context, contextStorage } from './context.js'

/** The part of undici's Dispatcher that fetch uses. */
export interface Dispatcher {
  dispatch(options: DispatchOptions, handler: unknown): boolean
  /** Fetch asks a `MockAgent` for it, to hand over bodies as they were given. */
  readonly isMockActive?: boolean | undefined
}

interface DispatchOptions {
  readonly origin?: string | URL
  readonly headers?: unknown
}

/** undici 8 keeps its dispatcher under a second symbol and a wrapper for older readers under the first one. */
const undiciMajor = Number.parseInt(process.versions['undici'] ?? '', 10)
const GLOBAL_DISPATCHER: symbol = Symbol.for(undiciMajor >= 8 ? 'undici.globalDispatcher.2' : 'undici.globalDispatcher.1')

/** The dispatcher behind the global fetch; undefined before its first use and on runtimes whose fetch is not undici's. */
export function getGlobalDispatcher(): Dispatcher | undefined {
  return (globalThis as unknown as Record<symbol, Dispatcher | undefined>)[GLOBAL_DISPATCHER]
}

/** Headers that belong to one origin. */
export interface Guarded {
  readonly origin: string
  /** In lower case. */
  readonly names: ReadonlySet<string>
}

/** A dispatcher that drops the guarded headers where a redirect led to another origin; fetch itself drops only credentials there. */
export function guardRedirects(base: Dispatcher, { origin, names }: Guarded): Dispatcher {
  return {
    get isMockActive() {
      return base.isMockActive
    },
    dispatch(options, handler) {
      if (String(options.origin) === origin) return base.dispatch(options, handler)
      return base.dispatch({ ...options, headers: withoutHeaders(options.headers, names) }, handler)
    },
  }
}

/** undici takes headers as an object, or as an array of names and values in turn. */
function withoutHeaders(headers: unknown, names: ReadonlySet<string>): unknown {
  if (typeof headers !== 'object' || headers === null) return headers
  if (!Array.isArray(headers)) return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.has(name.toLowerCase())))
  return headers.filter((_, index) => !names.has(String(headers[index - (index % 2)]).toLowerCase()))
}

const GUARDED: unique symbol = Symbol('clew.guarded')
let isSubscribed = false

/**
 * Runs `fn`; the requests that undici makes on its behalf lose the guarded headers where they go to another origin. For calls whose
 * dispatcher cannot be known: a `Request` hides its own, and another fetch has one of its own.
 */
export function runGuarded<T>(guarded: Guarded, fn: () => T): T {
  if (!isSubscribed) subscribe('undici:request:create', dropGuarded)
  isSubscribed = true
  const { span, root, baggage, suppressed = false, values }: Partial<Context> = contextStorage.getStore() ?? {}
  return contextStorage.run({ span, root, baggage, suppressed, values: { ...values, [GUARDED]: guarded } }, fn)
}

/** A request of undici's as it is announced. */
interface AnnouncedRequest {
  readonly origin?: unknown
  readonly path?: unknown
  readonly headers?: unknown
}

function dropGuarded(message: unknown): void {
  const guarded = contextStorage.getStore()?.values?.[GUARDED] as Guarded | undefined
  if (guarded === undefined) return
  const { request } = message as { readonly request: AnnouncedRequest }
  const { headers } = request
  if (!Array.isArray(headers) || originOf(request) === guarded.origin) return
  for (let index = headers.length - 2; index >= 0; index -= 2) {
    if (guarded.names.has(String(headers[index]).toLowerCase())) headers.splice(index, 2)
  }
}

/** To a proxy without a tunnel goes the whole address as the path. */
function originOf({ origin, path }: AnnouncedRequest): string {
  return typeof path === 'string' && /^https?:/.test(path) && URL.canParse(path) ? new URL(path).origin : String(origin)
}
