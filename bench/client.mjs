// Keep-alive connections that cost the machine little: autocannon takes as much as a fast server does.
import { once } from 'node:events'
import { connect } from 'node:net'

const CLOSING_BRACE = 0x7d

/** Connections with one request under way on each. Answers end with their JSON, which no head does. */
export class Client {
  /** @type {import('node:net').Socket[]} */
  #idle = []
  /** @type {Map<import('node:net').Socket, number>} when each was sent */
  #sent = new Map()
  /** @type {number[]} */
  #milliseconds = []
  #left = 0
  #finished = () => {}
  #failed = (/** @type {Error} */ _error) => {}
  #request

  /** @param {string} path */
  constructor(path) {
    this.#request = `GET ${path} HTTP/1.1\r\nHost: orders.internal:8080\r\n\r\n`
  }

  /**
   * @param {number} port
   * @param {number} count
   */
  async open(port, count) {
    this.#idle = Array.from({ length: count }, () => connect(port, '127.0.0.1').setNoDelay())
    await Promise.all(this.#idle.map((socket) => once(socket, 'connect')))
    for (const socket of this.#idle) {
      socket.on('data', (chunk) => this.#receive(socket, chunk))
      socket.on('close', () => this.#sent.has(socket) && this.#failed(new Error('The server closed a connection')))
    }
  }

  /**
   * Sends so many requests, one after the other on every connection; resolves with what each took, in milliseconds. `spreadMs` is the time
   * over which the first ones are spread.
   *
   * @param {number} amount
   * @param {number} [spreadMs]
   * @returns {Promise<number[]>}
   */
  send(amount, spreadMs = 0) {
    this.#left = amount
    this.#milliseconds = []
    const sockets = this.#idle
    this.#idle = []
    return new Promise((resolve, reject) => {
      this.#finished = () => resolve(this.#milliseconds)
      this.#failed = reject
      for (const [index, socket] of sockets.entries())
        if (spreadMs === 0) this.#sendOn(socket)
        else setTimeout(() => this.#sendOn(socket), (index * spreadMs) / sockets.length)
    })
  }

  close() {
    for (const socket of this.#idle) socket.destroy()
  }

  /** @param {import('node:net').Socket} socket */
  #sendOn(socket) {
    if (this.#left === 0) {
      this.#idle.push(socket)
      if (this.#sent.size === 0) this.#finished()
      return
    }
    if (socket.destroyed) return this.#failed(new Error('The server closed an idle connection'))
    this.#left--
    this.#sent.set(socket, performance.now())
    socket.write(this.#request)
  }

  /**
   * @param {import('node:net').Socket} socket
   * @param {Buffer} chunk
   */
  #receive(socket, chunk) {
    if (chunk[0] === 0x48 && chunk.toString('latin1', 9, 12) !== '200')
      this.#failed(new Error(`An answer that was not 200: ${chunk.toString()}`))
    if (chunk.at(-1) !== CLOSING_BRACE) return
    this.#milliseconds.push(performance.now() - (this.#sent.get(socket) ?? Number.NaN))
    this.#sent.delete(socket)
    this.#sendOn(socket)
  }
}
