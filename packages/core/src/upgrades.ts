import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { AdapterOptions } from './adapter-options.js'
import { invalid } from './check.js'
import { keepContext } from './kept-context.js'
import { describeNodeRequest, getServerRequest, markTraced, reportInternal } from './node-request.js'
import { createRequestTracer, type RequestTracer, runRequest, type ServerRequest } from './server-request.js'
import { watchHead } from './upgrade-head.js'

/**
 * What `traceUpgrades` uses of a server of `node:http`, `node:https` or `node:http2`.
 *
 * @example
 * const servers: UpgradeServer[] = [server]
 * for (const each of servers) traceUpgrades(each)
 */
export interface UpgradeServer extends EventEmitter {
  getConnections(callback: (error: Error | null, count: number) => void): unknown
}

const TRACED: unique symbol = Symbol.for('clew.upgrades.1')
type Marked = UpgradeServer & { [TRACED]?: boolean }

/**
 * Traces the requests that Node hands out as an event of their own (`upgrade`: WebSocket and others; `connect`), which no middleware sees.
 * The server span lasts until the handshake is answered; its status is what was written on the socket, and its ids go out with it.
 * The listeners of the socket, and with them those of a `ws` WebSocket for what it receives, run in the context of the upgrade.
 *
 * No listener is added: a server without one of `upgrade` answers such requests as before. A second call for the same server does nothing.
 * Throws a `TraceError` with `INVALID_OPTION` where an option cannot be used, or `server` is none.
 *
 * @example
 * const server = app.listen(0)
 * traceUpgrades(server)
 * const sockets = new WebSocketServer({ server })
 */
export function traceUpgrades(server: UpgradeServer, options?: AdapterOptions): void {
  if (typeof server?.getConnections !== 'function') throw invalid('server', 'a server of Node, such as app.listen() returns', server)
  const start = createRequestTracer(options)
  const marked: Marked = server
  if (marked[TRACED]) return
  marked[TRACED] = true
  const emit = server.emit
  server.emit = function tracedEmit(this: EventEmitter, ...args: [string | symbol, ...unknown[]]) {
    const hand = (): boolean => Reflect.apply(emit, this, args)
    if ((args[0] !== 'upgrade' && args[0] !== 'connect') || this.listenerCount(args[0]) === 0) return hand()
    const handshake = begin(start, args[1] as IncomingMessage, args[2] as Socket)
    return handshake === undefined ? hand() : handshake.run(hand)
  }
}

/** Undefined where the request is traced already, or is one of HTTP/2, whose `connect` comes with a response. */
function begin(start: RequestTracer, req: IncomingMessage, socket: Socket): Handshake | undefined {
  try {
    if (typeof socket?.setNoDelay !== 'function' || getServerRequest(req) !== undefined) return undefined
    const server = start(describeNodeRequest(req))
    server.setRoute(undefined)
    markTraced(req, server)
    return new Handshake(server, req, socket)
  } catch (error) {
    reportInternal(error)
    return undefined
  }
}

/** The part of a connection's life that is a request: from its event to the answer, or to the end of the socket without one. */
class Handshake {
  readonly #server: ServerRequest
  readonly #socket: Socket
  #statusCode: number | undefined
  #isAnswered = false
  #listening = true

  constructor(server: ServerRequest, req: IncomingMessage, socket: Socket) {
    this.#server = server
    this.#socket = socket
    watchHead(socket, server, (statusCode) => this.#answered(statusCode))
    keepContext(req, server.context)
    keepContext(socket, server.context, (event) => {
      if (event === 'close') this.#closed()
    })
  }

  /** What the listeners do at once belongs to the request. */
  run(hand: () => boolean): boolean {
    try {
      return runRequest(this.#server, hand)
    } catch (error) {
      this.#server.end({ statusCode: this.#statusCode, error })
      throw error
    } finally {
      this.#listening = false
      if (this.#isAnswered) this.#server.end({ statusCode: this.#statusCode })
    }
  }

  #answered(statusCode: number | undefined): void {
    this.#isAnswered = true
    this.#statusCode = statusCode
    if (!this.#listening) this.#server.end({ statusCode })
  }

  /** Without an answer: the caller has left, or the application has hung up, which is its way to refuse. */
  #closed(): void {
    const { errored, readableEnded } = this.#socket
    const broken = errored !== null && !('syscall' in errored)
    if (broken) this.#server.end({ error: errored })
    else this.#server.end({ aborted: errored !== null || readableEnded })
  }
}
