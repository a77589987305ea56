import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { AdapterOptions } from './adapter-options.js'
import { type Context, contextStorage } from './context.js'
import type { RequestDescription } from './request.js'
import { createRequestTracer, type ServerRequest } from './server-request.js'

/** How an adapter takes part in the end of a request. */
export interface NodeRequestHooks {
  /** Called right before the server span ends, with what is known then: the place to tell the route. */
  beforeEnd?(server: ServerRequest): void
}

/** Begins a server span for Node's request and response, keeps their context alive and ends the span when the response closes. Undefined for a request that is traced already. */
export type NodeRequestTracer = (req: IncomingMessage, res: ServerResponse, hooks?: NodeRequestHooks) => ServerRequest | undefined

const TRACED: unique symbol = Symbol.for('clew.request.1')
type Marked = IncomingMessage & { [TRACED]?: ServerRequest }

/** The traced request behind Node's, where there is one. */
export function getServerRequest(req: IncomingMessage): ServerRequest | undefined {
  return (req as Marked)[TRACED]
}

/** Makes the function that adapters call for every request of Node's http server. Throws `INVALID_OPTION`. */
export function createNodeRequestTracer(options?: AdapterOptions): NodeRequestTracer {
  const start = createRequestTracer(options)
  return function traceNodeRequest(req, res, hooks) {
    if (getServerRequest(req) !== undefined) return undefined
    const server = start(describeNodeRequest(req))
    const marked: Marked = req
    marked[TRACED] = server
    sendHeaders(res, server)
    keepContext(req, server.context)
    keepContext(res, server.context, () => endRequest(server, res, hooks))
    return server
  }
}

function describeNodeRequest(req: IncomingMessage): RequestDescription {
  // Express strips mount paths from `url`.
  const target = (req as { originalUrl?: string }).originalUrl ?? req.url ?? '/'
  const mark = target.indexOf('?')
  const { socket } = req
  return {
    method: req.method ?? 'GET',
    path: pathOf(mark === -1 ? target : target.slice(0, mark)),
    query: mark === -1 ? undefined : target.slice(mark + 1),
    scheme: (socket as Partial<TLSSocket>).encrypted ? 'https' : 'http',
    header: (name) => req.headers[name],
    peerAddress: socket.remoteAddress,
    peerPort: socket.remotePort,
    protocolVersion: req.httpVersion,
  }
}

/** A target in absolute form (RFC 9112, section 3.2.2) names the host as well. */
function pathOf(target: string): string {
  if (target.startsWith('/') || !target.includes('://')) return target
  return URL.canParse(target) ? new URL(target).pathname : target
}

/** Sets our headers when the head is written: Koa's error handling and others clear what was set before. */
function sendHeaders(res: ServerResponse, server: ServerRequest): void {
  const writeHead = res.writeHead
  res.writeHead = function tracedWriteHead(this: ServerResponse, ...args: unknown[]) {
    if (!res.headersSent) {
      server.headWritten()
      addHeaders(res, args, server.responseHeaders())
    }
    return Reflect.apply(writeHead, this, args) as ServerResponse
  }
}

/** Where all headers come with the head ours go with them: one that was set before would make Node set each of the others, too. */
function addHeaders(res: ServerResponse, args: unknown[], headers: readonly (readonly [name: string, value: string])[]): void {
  const given = args.at(-1)
  if (typeof given !== 'object' || given === null || Array.isArray(given) || res.getHeaderNames().length > 0) {
    for (const [name, value] of headers) if (!res.hasHeader(name)) res.setHeader(name, value)
    return
  }
  const added: Record<string, unknown> = { ...given }
  const names = new Set(Object.keys(given).map((name) => name.toLowerCase()))
  for (const [name, value] of headers) if (!names.has(name.toLowerCase())) added[name] = value
  args[args.length - 1] = added
}

/**
 * Runs the listeners of a request or response in the request's context: events of sockets arrive outside of it
 * (a body without a parser, aborts, pipelined responses). Listeners that are called in it already cost one comparison.
 */
function keepContext(emitter: EventEmitter, context: Context, onClose?: () => void): void {
  const emit = emitter.emit
  emitter.emit = function tracedEmit(this: EventEmitter, ...args: [string | symbol, ...unknown[]]) {
    try {
      if (contextStorage.getStore()?.root === context.root || this.listenerCount(args[0]) === 0) return Reflect.apply(emit, this, args)
      return contextStorage.run(context, () => Reflect.apply(emit, this, args))
    } finally {
      if (args[0] === 'close') onClose?.()
    }
  }
}

function endRequest(server: ServerRequest, res: ServerResponse, hooks: NodeRequestHooks | undefined): void {
  hooks?.beforeEnd?.(server)
  const statusCode = res.headersSent ? res.statusCode : undefined
  const error = breakingError(res)
  server.end({ statusCode, aborted: error === undefined && !res.writableFinished, error })
}

/**
 * What the application broke the answer off with; destroying a response destroys its socket with the same error. Where the caller went
 * away first, `stream.pipeline` destroys the response with an error of its own, which tells nothing.
 */
function breakingError(res: ServerResponse): Error | undefined {
  const { errored } = res
  return errored !== null && res.req.socket.errored === errored ? errored : undefined
}
