import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type AdapterOptions,
  createNodeRequestTracer,
  getServerRequest,
  type RequestTrace,
  runRequest,
  type ServerRequest,
} from '@clew/core/adapter'
import { type FollowedRoute, followRoute } from './route.js'

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
  readonly app: { on(event: 'error', listener: (error: unknown, ctx?: KoaContext) => void): unknown }
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
  const traceRequest = createNodeRequestTracer(options, tellRoute)
  return function clewTracing(ctx, next) {
    const route = followRoute(ctx)
    const server = traceRequest(ctx.req, ctx.res, route)
    if (server === undefined) return join(ctx, next)
    Object.assign(ctx.state, { trace: server.trace })
    watchErrors(ctx)
    bindErrorHandler(ctx, server)
    return answerInContext(handle(server, next), server)
  }
}

function tellRoute(server: ServerRequest, route: FollowedRoute): void {
  server.setRoute(route.template)
}

/** Part of a request that is traced already: that of a second middleware, or of another framework around us. */
async function join(ctx: KoaContext, next: () => Promise<unknown>): Promise<unknown> {
  const outer = getServerRequest(ctx.req)
  if (outer === undefined || 'trace' in ctx.state) return next()
  Object.assign(ctx.state, { trace: outer.trace })
  try {
    return await handle(outer, next)
  } finally {
    outer.setRoute(followRoute(ctx).template)
  }
}

async function handle(server: ServerRequest, next: () => Promise<unknown>): Promise<unknown> {
  try {
    return await runRequest(server, next)
  } catch (error) {
    server.setError(error)
    throw error
  }
}

/**
 * Koa answers in a callback of the promise that the first middleware returned, outside of the chain: streams would be read there. Whoever
 * awaits the promise notices nothing.
 */
function answerInContext(answered: Promise<unknown>, server: ServerRequest): Promise<unknown> {
  const { then } = answered
  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise
  answered.then = function thenInContext(...callbacks: Parameters<typeof then>) {
    return Reflect.apply(
      then,
      answered,
      callbacks.map((callback) => inContext(callback, server)),
    )
  } as typeof then
  return answered
}

function inContext(callback: unknown, server: ServerRequest): unknown {
  return typeof callback === 'function' ? (value: unknown) => runRequest(server, () => callback(value) as unknown) : callback
}

const watched = new WeakSet<KoaContext['app']>()

/**
 * Errors that never reach our place in the chain are told by `app.emit('error', error, ctx)`: by Koa those of body streams, and by error
 * handlers that answer themselves. The listener is added with the first request, when Koa has looked whether there are any.
 */
function watchErrors({ app }: KoaContext): void {
  if (watched.has(app)) return
  watched.add(app)
  app.on('error', function recordError(error, ctx) {
    // Where the connection is gone already, the error is what the caller's leaving looks like from here.
    if (ctx?.writable) getServerRequest(ctx.req)?.setError(error)
  })
}

/** Koa answers errors, and calls the listeners of the application, outside of the chain of middlewares. */
function bindErrorHandler(ctx: KoaContext, server: ServerRequest): void {
  const { onerror } = ctx
  ctx.onerror = function tracedOnError(error: Error | null | undefined) {
    // Called without an error at the end of every response.
    if (error === null || error === undefined) return
    runRequest(server, () => Reflect.apply(onerror, ctx, [error]))
  }
}
