import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type AdapterOptions,
  createNodeRequestTracer,
  getServerRequest,
  type RequestTrace,
  runRequest,
  type ServerRequest,
} from '@clew/core/adapter'
import { TraceError } from '@clew/core'
import { findRoute, followRoute, noteError } from './route.js'
import { readErrors } from './route-follower.js'

declare global {
  namespace Express {
    interface Request {
      /** The trace of this request, in every handler after `expressTracing()`. */
      trace?: RequestTrace
    }
  }
}

/** Passes the request on to the next handler, or the error to the next error handler. */
export type ExpressNext = (error?: unknown) => void
/** A handler as `app.use` of Express 4 and 5 takes it. */
export type ExpressHandler = (req: IncomingMessage, res: ServerResponse, next: ExpressNext) => void
/** An error handler as `app.use` takes it. */
export type ExpressErrorHandler = (error: unknown, req: IncomingMessage, res: ServerResponse, next: ExpressNext) => void

/**
 * Traces every request that reaches it: a server span named after the route, its ids in `req.trace` and in the answer's `X-Trace-Id`,
 * and a context in which `withSpan`, `tracedFetch` and the logger find them. Install it first; a second one does nothing.
 *
 * Throws a `TraceError` with `INVALID_OPTION` where an option cannot be used.
 *
 * @example
 * const app = express()
 * app.use(expressTracing())
 * app.get('/orders/:id', (req, res) => res.json({ traceId: req.trace?.traceId }))
 * app.use(expressErrors())
 */
export function expressTracing(options?: AdapterOptions): ExpressHandler {
  const traceRequest = createNodeRequestTracer(options, tellRoute)
  return function clewTracing(req, res, next) {
    const server = traceRequest(req, res, req)
    if (server === undefined) return join(req, next)
    followRoute(req)
    Object.assign(req, { trace: server.trace })
    runRequest(server, next)
  }
}

function tellRoute(server: ServerRequest, req: IncomingMessage, res: ServerResponse): void {
  for (const error of readErrors(req)) server.setError(error)
  const route = findRoute(req, res.statusCode)
  server.setRoute(route?.template, route?.inferred)
}

/** Part of a request that is traced already: that of a second middleware, or of another framework around us. */
function join(req: IncomingMessage & { trace?: RequestTrace }, next: ExpressNext): void {
  req.trace ??= getServerRequest(req)?.trace as RequestTrace
  next()
}

/**
 * Records what a handler threw or passed to `next` on the server span, and passes it on. Install it after the routes, before the
 * error handlers that answer. Express 5.3 and later tell their errors without it.
 *
 * Throws a `TraceError` with `INVALID_OPTION` where it was installed without being called.
 *
 * @example
 * app.use(expressErrors())
 * app.use((error, req, res, next) => res.status(500).json({ message: 'Internal Server Error' }))
 */
export function expressErrors(): ExpressErrorHandler
export function expressErrors(...given: unknown[]): ExpressErrorHandler {
  // Installed without being called it would make every request that matches no route wait for ever.
  if (typeof given[2] === 'function')
    throw new TraceError('INVALID_OPTION', 'A request came in place of options: call the adapter, as in app.use(expressErrors())')
  return function clewErrors(error, req, _res, next) {
    getServerRequest(req)?.setError(error)
    noteError(req)
    next(error)
  }
}
