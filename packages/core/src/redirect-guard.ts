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

/** A dispatcher that drops `names` (lower case) where a redirect led to another origin; fetch itself drops only credentials there. */
export function guardRedirects(base: Dispatcher, origin: string, names: ReadonlySet<string>): Dispatcher {
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
