import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { AdapterOptions } from './adapter-options.js'
import { type Context, contextStorage } from './context.js'
import { getDefaultTracer } from './default-tracer.js'
import { TraceError } from './errors.js'
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
    try {
      if (getServerRequest(req) !== undefined) return undefined
      return follow(start(describeNodeRequest(req)), { req, res, hooks })
    } catch (error) {
      // The request goes on without a trace.
      reportInternal(error)
      return undefined
    }
  }
}

interface Followed {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly hooks: NodeRequestHooks | undefined
}

function follow(server: ServerRequest, { req, res, hooks }: Followed): ServerRequest {
  const marked: Marked = req
  marked[TRACED] = server
  sendHeaders(res, server)
  keepContext(req, server.context)
  keepContext(res, server.context, () => endRequest(server, res, hooks))
  return server
}

function reportInternal(error: unknown): void {
  getDefaultTracer().report(new TraceError('INTERNAL', 'A request could not be traced', { cause: error }))
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
    // HTTP/2 names the host in a pseudo-header (RFC 9113, section 8.3.1).
    header: (name) => req.headers[name] ?? (name === 'host' ? req.headers[':authority'] : undefined),
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

type Header = readonly [name: string, value: string]

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
function addHeaders(res: ServerResponse, args: unknown[], headers: readonly Header[]): void {
  const given = args.at(-1)
  if (typeof given !== 'object' || given === null || res.getHeaderNames().length > 0) return setHeaders(res, headers)
  args[args.length - 1] = Array.isArray(given) ? withAppended(given, headers) : withAdded(given as Record<string, unknown>, headers)
}

function setHeaders(res: ServerResponse, headers: readonly Header[]): void {
  for (const [name, value] of headers) {
    if (!res.hasHeader(name)) res.setHeader(name, value)
    else if (name === 'Server-Timing') res.appendHeader(name, value)
  }
}

function withAdded(given: Record<string, unknown>, headers: readonly Header[]): Record<string, unknown> {
  const names = new Set(Object.keys(given).map((name) => name.toLowerCase()))
  const missing = headers.filter(([name]) => !names.has(name.toLowerCase()))
  return { ...given, ...Object.fromEntries(missing) }
}

/** Names and values in turn, as in `rawHeaders`, or pairs of them. */
function withAppended(given: readonly unknown[], headers: readonly Header[]): unknown[] {
  const pairs = Array.isArray(given[0])
  const names = new Set(
    given
      .flatMap((item, index) => (pairs ? String((item as unknown[])[0]) : index % 2 === 0 ? String(item) : []))
      .map((name) => name.toLowerCase()),
  )
  const missing = headers.filter(([name]) => !names.has(name.toLowerCase()))
  return [...given, ...(pairs ? missing : missing.flat())]
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
  try {
    hooks?.beforeEnd?.(server)
    const statusCode = res.headersSent ? res.statusCode : undefined
    const error = breakingError(res)
    server.end({ statusCode, aborted: error === undefined && !isComplete(res), error })
  } catch (error) {
    reportInternal(error)
  }
}

/** A stream of HTTP/2 that was cancelled says so; its response counts as finished all the same. */
function isComplete(res: ServerResponse): boolean {
  return res.writableFinished && (res as { stream?: { aborted?: boolean } }).stream?.aborted !== true
}

/**
 * What the application broke the answer off with; destroying a response destroys its socket with the same error. Where the caller went
 * away first, `stream.pipeline` destroys the response with an error of its own, which tells nothing.
 */
function breakingError(res: ServerResponse): Error | undefined {
  const { errored } = res
  return errored !== null && res.req.socket.errored === errored ? errored : undefined
}
