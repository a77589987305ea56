import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { AdapterOptions } from './adapter-options.js'
import { getDefaultTracer } from './default-tracer.js'
import { TraceError } from './errors.js'
import { keepContext } from './kept-context.js'
import type { RequestDescription } from './request.js'
import { sendHeaders } from './response-head.js'
import { createRequestTracer, type RequestTracer, type ServerRequest } from './server-request.js'

/**
 * Begins a server span for Node's request and response, keeps their context alive and ends the span when the response closes. `state` comes
 * back in `beforeEnd`. Undefined for a request that is traced already.
 */
export type NodeRequestTracer<S = undefined> = (req: IncomingMessage, res: ServerResponse, state?: S) => ServerRequest | undefined

/** Called right before a server span ends, with what is known then: the place to tell the route. */
export type BeforeEnd<S> = (server: ServerRequest, state: S, res: ServerResponse) => void

const TRACED: unique symbol = Symbol.for('clew.request.1')
type Marked = IncomingMessage & { [TRACED]?: ServerRequest }

/**
 * The traced request behind Node's, where there is one.
 *
 * @example
 * server.on('request', (req) => getServerRequest(req)?.setRoute('/orders/:id'))
 */
export function getServerRequest(req: IncomingMessage): ServerRequest | undefined {
  return (req as Marked)[TRACED]
}

/** Notes that the request is traced, for everybody who meets it later. */
export function markTraced(req: IncomingMessage, server: ServerRequest): void {
  const marked: Marked = req
  marked[TRACED] = server
}

/**
 * Makes the function that adapters call for every request of Node's http server, from options or from what `createRequestTracer` made of
 * them. Throws `INVALID_OPTION`.
 *
 * @example
 * const traceRequest = createNodeRequestTracer({ service: 'orders' })
 * server.on('request', (req, res) => {
 *   const traced = traceRequest(req, res)
 *   const answer = () => res.end(getTraceId())
 *   traced === undefined ? answer() : runRequest(traced, answer)
 * })
 */
export function createNodeRequestTracer<S = undefined>(
  source?: AdapterOptions | RequestTracer,
  beforeEnd?: BeforeEnd<S>,
): NodeRequestTracer<S> {
  const start = typeof source === 'function' ? source : createRequestTracer(source)
  return function traceNodeRequest(req, res, state) {
    try {
      if (getServerRequest(req) !== undefined || isUpgrade(req)) return undefined
      const server = start(describeNodeRequest(req))
      markTraced(req, server)
      sendHeaders(res, server)
      const end = (): void => endRequest(server, res, beforeEnd && (() => beforeEnd(server, state as S, res)))
      keepContext(req, server.context, (event) => {
        if (event === 'close' && isStranded(req, res)) end()
      })
      keepContext(res, server.context, (event) => {
        if (event === 'close') end()
        // Emitted by `res.end()` once the response is the one that its connection is sending; HTTP/2 has `finish` alone.
        else if (event === 'prefinish' || event === 'finish') server.answerWritten()
      })
      return server
    } catch (error) {
      // The request goes on without a trace.
      reportInternal(error)
      return undefined
    }
  }
}

/** Given to an application by hand, with a response that never closes. */
function isUpgrade(req: IncomingMessage & { readonly upgrade?: boolean }): boolean {
  return req.upgrade === true
}

/** Tells that tracing failed where its host must not. */
export function reportInternal(error: unknown): void {
  getDefaultTracer().report(new TraceError('INTERNAL', 'A request could not be traced', { cause: error }))
}

/** What Node's request says of itself. */
export function describeNodeRequest(req: IncomingMessage): RequestDescription {
  // Express strips mount paths from `url`.
  const target = (req as { originalUrl?: string }).originalUrl ?? req.url ?? '/'
  const mark = target.indexOf('?')
  const { socket, headers } = req
  return {
    method: req.method ?? 'GET',
    path: pathOf(mark === -1 ? target : target.slice(0, mark)),
    query: mark === -1 ? undefined : target.slice(mark + 1),
    scheme: (socket as Partial<TLSSocket>).encrypted ? 'https' : 'http',
    header: (name) => readHeader(headers, name),
    peerAddress: socket.remoteAddress,
    peerPort: socket.remotePort,
    protocolVersion: req.httpVersion,
  }
}

/** Names are also those that every object has: `constructor`. */
function readHeader(headers: IncomingMessage['headers'], name: string): string | readonly string[] | undefined {
  const value: unknown = headers[name]
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value as readonly string[]
  // HTTP/2 names the host in a pseudo-header (RFC 9113, section 8.3.1).
  return name === 'host' ? headers[':authority'] : undefined
}

/** A target in absolute form (RFC 9112, section 3.2.2) names the host as well. */
function pathOf(target: string): string {
  if (target.startsWith('/') || !target.includes('://')) return target
  return URL.canParse(target) ? new URL(target).pathname : target
}

/**
 * What an application around this one has cut off the path of a request.
 *
 * @example
 * mountPrefix('/shop/orders/7?x=1', '/orders/7') // '/shop'
 */
export function mountPrefix(target: string, path: string): string {
  const mark = target.indexOf('?')
  const whole = pathOf(mark === -1 ? target : target.slice(0, mark))
  if (whole === path) return ''
  if (whole.endsWith(path)) return whole.slice(0, -path.length)
  return path === '/' ? whole : ''
}

/** Closes of both may come: the first one counts. */
function endRequest(server: ServerRequest, res: ServerResponse, beforeEnd: (() => void) | undefined): void {
  try {
    beforeEnd?.()
    const statusCode = res.headersSent ? res.statusCode : undefined
    const error = breakingError(res)
    server.end({ statusCode, aborted: error === undefined && !isComplete(res), error })
  } catch (error) {
    reportInternal(error)
  }
}

/** Node 20 closes no response that waits for its turn when their connection is lost. */
function isStranded({ socket, httpVersionMajor }: IncomingMessage, res: ServerResponse): boolean {
  return httpVersionMajor === 1 && res.socket === null && socket.destroyed && !res.writableFinished
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
