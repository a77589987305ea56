import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type AdapterOptions,
  createNodeRequestTracer,
  getServerRequest,
  type RequestTrace,
  runRequest,
  type ServerRequest,
} from '@clew/core/adapter'
import { answerInContext, bindErrorHandler, watchErrors } from './answer.js'
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
