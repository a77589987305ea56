import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type AdapterOptions,
  createNodeRequestTracer,
  createRequestTracer,
  getServerRequest,
  mountPrefix,
  type RequestTrace,
  runRequest,
  type ServerRequest,
} from '@clew/core/adapter'
import type { Context, MiddlewareHandler, Next } from 'hono'
import { findRoute, type RoutedRequest } from './route.js'
import { answerWeb, describeRequest } from './web.js'

/** What handlers read with `c.get`: `new Hono<{ Variables: TraceVariables }>()`. */
export interface TraceVariables {
  /** The trace of this request. */
  trace: RequestTrace
  /** 32 hex. */
  traceId: string
  /** The id of the server span: 16 hex. */
  spanId: string
}

type TracedContext = Context<{ Variables: TraceVariables }>

/**
 * Traces every request that reaches it: a server span named after the route, its ids in the variables `trace`, `traceId` and `spanId`
 * and in the answer's `X-Trace-Id`, and a context in which `withSpan`, `tracedFetch` and the logger find them. Install it first; a second
 * one does nothing. Under `@hono/node-server` the span ends with Node's response, elsewhere (`app.request()`, other servers) with the body.
 *
 * Throws a `TraceError` with `INVALID_OPTION` where an option cannot be used.
 *
 * @example
 * const app = new Hono().use(honoTracing()).get('/orders/:id', (c) => c.json({ traceId: c.get('traceId') }))
 */
export function honoTracing(options?: AdapterOptions): MiddlewareHandler<{ Variables: TraceVariables }> {
  const traceWebRequest = createRequestTracer(options)
  const traceNodeRequest = createNodeRequestTracer(traceWebRequest, tellRoute)
  return function clewTracing(c, next) {
    if (c.get('trace') !== undefined) return next()
    const { incoming, outgoing } = nodeBindings(c)
    const outer = incoming && getServerRequest(incoming)
    if (incoming !== undefined && outer !== undefined) return join(c, { outer, incoming }, next)
    if (incoming === undefined || outgoing === undefined) return handleWeb(c, traceWebRequest(describeRequest(c.req.raw)), next)
    const server = traceNodeRequest(incoming, outgoing, c.req)
    if (server === undefined) return next()
    setVariables(c, server.trace)
    return handle(c, server, next)
  }
}

function tellRoute(server: ServerRequest, req: RoutedRequest, res: ServerResponse): void {
  server.setRoute(findRoute(req, res.statusCode))
}

/** Part of a request that is traced already: that of a second middleware, of another framework around us, or an upgrade. */
async function join(c: TracedContext, { outer, incoming }: Joined, next: Next): Promise<void> {
  setVariables(c, outer.trace)
  await handle(c, outer, next)
  const route = findRoute(c.req, c.res.status)
  const { originalUrl, url = '/' } = incoming as IncomingMessage & { originalUrl?: string }
  if (route !== undefined) outer.setRoute(mountPrefix(originalUrl ?? url, c.req.path) + route)
}

interface Joined {
  readonly outer: ServerRequest
  readonly incoming: IncomingMessage
}

interface NodeBindings {
  readonly incoming?: IncomingMessage
  /** Absent in upgrades. */
  readonly outgoing?: ServerResponse
}

function nodeBindings({ env }: TracedContext): NodeBindings {
  const { incoming, outgoing } = (env ?? NONE) as NodeBindings
  if (!incoming?.socket) return NONE
  return typeof outgoing?.writeHead === 'function' ? { incoming, outgoing } : { incoming }
}

const NONE: NodeBindings = {}

/** An ignored request that came without ids has none. */
function setVariables(c: TracedContext, trace: RequestTrace | undefined): void {
  if (trace === undefined) return
  c.set('trace', trace)
  c.set('traceId', trace.traceId)
  c.set('spanId', trace.spanId)
}

/** Hono keeps the errors it has answered in the context; others, which are no `Error`, come through. */
async function handle(c: TracedContext, server: ServerRequest, next: Next): Promise<void> {
  try {
    await runRequest(server, next)
  } catch (error) {
    server.setError(error)
    throw error
  }
  if (c.error !== undefined) server.setError(c.error)
}

/** Without a response of Node the span ends with the body. */
async function handleWeb(c: TracedContext, server: ServerRequest, next: Next): Promise<void> {
  setVariables(c, server.trace)
  try {
    await handle(c, server, next)
  } catch (error) {
    server.setRoute(findRoute(c.req, 500))
    server.end({ error })
    throw error
  }
  server.setRoute(findRoute(c.req, c.res.status))
  answerWeb(c, server)
}
