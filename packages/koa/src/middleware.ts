import type { IncomingMessage, ServerResponse } from 'node:http'
import { type AdapterOptions, createNodeRequestTracer, type RequestTrace, runRequest, type ServerRequest } from '@clew/core/adapter'

/** The state that handlers find the trace in: `new Koa<KoaTraceState>()`. */
export interface KoaTraceState {
  /** The trace of this request, in every handler after `koaTracing()`. */
  trace: RequestTrace
}

/** What `koaTracing` uses of the context of Koa 2 and 3. */
export interface KoaContext {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly state: object
  readonly path: string
  readonly originalUrl: string
  readonly writable: boolean
  onerror: (error: Error) => void
}

/** A middleware as `app.use` of Koa 2 and 3 takes it. */
export type KoaMiddleware = (ctx: KoaContext, next: () => Promise<unknown>) => Promise<unknown>

/**
 * Traces every request that reaches it: a server span named after the route of `@koa/router`, its ids in `ctx.state.trace` and in the
 * answer's `X-Trace-Id`, and a context in which `withSpan`, `tracedFetch` and the logger find them. Install it first; a second one does
 * nothing.
 *
 * Throws a `TraceError` with `INVALID_OPTION` where an option cannot be used. What handlers throw is recorded and thrown on.
 *
 * @example
 * const app = new Koa()
 * app.use(koaTracing())
 * app.use((ctx) => { ctx.body = { traceId: ctx.state.trace.traceId } })
 */
export function koaTracing(options?: AdapterOptions): KoaMiddleware {
  const traceRequest = createNodeRequestTracer(options)
  return async function clewTracing(ctx, next) {
    const server = traceRequest(ctx.req, ctx.res, { beforeEnd: (ending) => ending.setRoute(findRoute()) })
    if (server === undefined) return next()
    const findRoute = followRoute(ctx)
    Object.assign(ctx.state, { trace: server.trace })
    traceErrors(ctx, server)
    try {
      return await runRequest(server, next)
    } catch (error) {
      server.setError(error)
      throw error
    }
  }
}

/** Koa answers errors and tells `app.on('error')` outside of the chain of middlewares, and errors of body streams come nowhere else. */
function traceErrors(ctx: KoaContext, server: ServerRequest): void {
  const { onerror } = ctx
  ctx.onerror = function tracedOnerror(error: Error | null) {
    // Koa calls this without an error, too; a broken connection is the caller's affair.
    if (error != null && ctx.writable) server.setError(error)
    return runRequest(server, () => Reflect.apply(onerror, ctx, [error]))
  }
}

interface Layer {
  readonly path: string | RegExp
  readonly methods: readonly string[]
}

/** `@koa/router` leaves the matched layers here, those of `router.use` included. */
interface RoutedContext extends KoaContext {
  readonly matched?: readonly Layer[]
  _matchedRoute?: string | RegExp | undefined
}

/** `koa-mount` cuts its prefix off `ctx.path`, so the prefix is read at the moment the router tells its route. */
function followRoute(context: KoaContext): () => string | undefined {
  const ctx = context as RoutedContext
  let matched = ctx._matchedRoute
  let route: string | undefined
  Object.defineProperty(ctx, '_matchedRoute', {
    configurable: true,
    enumerable: true,
    get: () => matched,
    set(path: string | RegExp | undefined) {
      matched = path
      if (ctx.matched?.some((layer) => layer.path === path && layer.methods.length > 0)) route = mountPrefix(ctx) + String(path)
    },
  })
  return () => route
}

function mountPrefix({ originalUrl, path }: KoaContext): string {
  const original = originalUrl.split('?', 1)[0] ?? ''
  if (original === path) return ''
  if (original.endsWith(path)) return original.slice(0, -path.length)
  return path === '/' ? original : ''
}
