// Requests as the tests send them: dripped, pipelined, on connections that are kept alive, and all in flight at once.
import { randomBytes } from 'node:crypto'
import { connectRaw } from '@clew/testkit'

const SOCKETS = 50
const PIPELINED = 4

/**
 * @typedef {object} RequestSeed
 * @property {string} [method]
 * @property {string} [path]
 * @property {Record<string, string>} [headers]
 * @property {string | Buffer} [body]
 */

/** Lets those wait who came first, until the last has come. */
export class Gate {
  #expected = 1
  /** @type {(() => void)[]} */
  #waiting = []

  /** @param {number} count */
  expect(count) {
    this.#expected = count
  }

  /**
   * Resolves for all when the last has called it; that one calls `last` before.
   *
   * @param {() => void} [last]
   * @returns {Promise<void>}
   */
  pass(last) {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      if (this.#waiting.length < this.#expected) return
      last?.()
      for (const release of this.#waiting.splice(0)) release()
    })
  }
}

/**
 * Two hundred requests at once, four on each of fifty connections, then one more on each. Every body arrives in parts. Returns the trace
 * ids that were sent.
 *
 * The connections are closed when `settle` has resolved: a response whose caller has gone may close without having finished.
 *
 * @param {{ port: number, gate: Gate, seed: RequestSeed, pipelined?: number, settle: (ids: string[]) => Promise<void> }} load
 */
export async function sendLoad({ port, gate, seed, pipelined = PIPELINED, settle }) {
  const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => connectRaw(port)))
  try {
    const first = await sendWave({ sockets, gate, seed, each: pipelined, before: 0 })
    const ids = [...first, ...(await sendWave({ sockets, gate, seed, each: 1, before: pipelined }))]
    await settle(ids)
    return ids
  } finally {
    for (const socket of sockets) await socket[Symbol.asyncDispose]()
  }
}

/**
 * @typedef {object} Wave
 * @property {Awaited<ReturnType<typeof connectRaw>>[]} sockets
 * @property {Gate} gate
 * @property {RequestSeed} seed
 * @property {number} each how many requests per connection
 * @property {number} before how many answers each has had
 */

/** @param {Wave} wave */
async function sendWave({ sockets, gate, seed, each, before }) {
  gate.expect(sockets.length * each)
  const ids = await Promise.all(
    sockets.map(async (socket) => {
      const own = Array.from({ length: each }, createTraceId)
      await socket.drip(own.flatMap((id) => cutRequest(id, seed)))
      const answers = (await socket.responses(before + each)).slice(before)
      checkAnswers(own, answers)
      return own
    }),
  )
  return ids.flat()
}

/**
 * Answers come in the order of the requests, each with the id of its own.
 *
 * @param {string[]} ids @param {readonly import('@clew/testkit').RawResponse[]} answers
 */
function checkAnswers(ids, answers) {
  const came = answers.map(({ headers }) => headers['x-trace-id'])
  if (came.join() !== ids.join()) throw new Error(`The answers to ${ids.join()} said ${came.join()}`)
}

export function createTraceId() {
  return randomBytes(16).toString('hex')
}

/**
 * The bytes of a request, head and thirds of its body.
 *
 * @param {string} traceId @param {RequestSeed} seed
 */
export function cutRequest(traceId, { method = 'GET', path = '/', headers = {}, body = '' }) {
  const bytes = Buffer.from(body)
  const lengths = bytes.length > 0 ? { 'content-length': String(bytes.length) } : {}
  const lines = Object.entries({ host: 'localhost', 'x-trace-id': traceId, ...lengths, ...headers })
  const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  const third = Math.ceil(bytes.length / 3)
  const parts = third === 0 ? [] : [0, 1, 2].map((n) => bytes.subarray(n * third, (n + 1) * third)).filter((part) => part.length > 0)
  return [Buffer.from(head), ...parts]
}

/** @param {unknown} value @returns {RequestSeed} */
export function jsonRequest(value = { name: 'Ariadne', thread: 'x'.repeat(300) }) {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}

/** A form with a field and a file. @returns {RequestSeed} */
export function formRequest() {
  const parts = [
    '--thread\r\ncontent-disposition: form-data; name="field"\r\n\r\nvalue\r\n',
    '--thread\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\ncontent-type: text/plain\r\n\r\n',
    `${'file '.repeat(100)}\r\n--thread--\r\n`,
  ]
  return { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=thread' }, body: parts.join('') }
}

/** @returns {RequestSeed} */
export function textRequest() {
  return { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'thread '.repeat(50) }
}

/** Lets the event loop go around. @returns {Promise<void>} */
export function turn() {
  return new Promise((resolve) => setImmediate(resolve))
}
