// Keep-alive connections out of memory: what a server costs without kernel, network and load generator.
import { AsyncResource } from 'node:async_hooks'
import { Duplex } from 'node:stream'

const REQUEST = Buffer.from('GET /orders/42 HTTP/1.1\r\nHost: orders.internal:8080\r\nConnection: keep-alive\r\nUser-Agent: bench\r\n\r\n')
const CONNECTIONS = 32

/** One connection with one request under way at a time. Answers end with their JSON, which no head does. */
class Connection extends Duplex {
  remoteAddress = '127.0.0.1'
  remotePort = 50_000
  #answered

  /** @param {(connection: Connection) => void} answered */
  constructor(answered) {
    super({ decodeStrings: false })
    this.#answered = answered
  }

  send() {
    this.push(REQUEST)
  }

  /** @override */
  _read() {}

  /**
   * @override
   * @param {string | Buffer} chunk
   * @param {BufferEncoding} _encoding
   * @param {() => void} done
   */
  _write(chunk, _encoding, done) {
    if (endsAnswer(chunk)) this.#answered(this)
    done()
  }
}

/** @param {string | Buffer} chunk */
function endsAnswer(chunk) {
  return typeof chunk === 'string' ? chunk.endsWith('}') : chunk[chunk.length - 1] === 0x7d
}

/**
 * Brings requests to a server, 32 at once; those answered in one turn of the event loop are followed by new ones in the next, as where they
 * come from a socket.
 */
export class Load {
  /** @type {Connection[]} */
  #idle
  #left = 0
  #open = 0
  #scheduled = false
  #finished = () => {}
  /** Answers are written inside a request's context; the requests that follow come from outside, as from a socket. */
  #sendOutside = AsyncResource.bind(() => this.#sendNext())

  /** @param {import('node:http').Server} server */
  constructor(server) {
    this.#idle = Array.from({ length: CONNECTIONS }, () => new Connection((connection) => this.#answered(connection)))
    for (const connection of this.#idle) server.emit('connection', connection)
  }

  /**
   * Resolves when so many requests are answered.
   *
   * @param {number} requests
   */
  send(requests) {
    this.#left = requests
    return /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        this.#finished = resolve
        this.#sendOutside()
      })
    )
  }

  /** @param {Connection} connection */
  #answered(connection) {
    this.#open--
    this.#idle.push(connection)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.#sendOutside)
  }

  #sendNext() {
    this.#scheduled = false
    for (; this.#left > 0 && this.#idle.length > 0; this.#left--) {
      this.#open++
      this.#idle.pop()?.send()
    }
    if (this.#open === 0) this.#finished()
  }
}
