// What Node itself offers.
import { exec, spawn } from 'node:child_process'
import { createHash, pbkdf2 } from 'node:crypto'
import { lookup } from 'node:dns'
import { EventEmitter } from 'node:events'
import { readFile } from 'node:fs'
import { readFile as readFilePromise } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { connect, createServer } from 'node:net'
import { mock } from 'node:test'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { pipeline, Readable, Transform } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { MessageChannel, Worker } from 'node:worker_threads'
import { gzip } from 'node:zlib'
import { once } from 'node:events'
import { startServer } from '@clew/testkit'
import { promised } from './calls.mjs'

const SELF = fileURLToPath(import.meta.url)

/** @type {Record<string, import('./calls.mjs').LibraryRow>} */
export const NODE_ROWS = {
  'timers, nextTick, microtasks': { call: callTimers },
  'promises, thenables, async generators': { call: callPromises },
  'fs, zlib, crypto, dns: callbacks and promises': { call: callPools },
  'child_process: exec, events of spawn': { callers: 3, call: callProcesses },
  "a Worker of one's own: message, exit": { callers: 3, call: callWorker },
  "streams of one's own: pipeline, transform": { call: callStreams },
  'http.get with a keep-alive agent of two sockets: all events': { setup: startHttp, call: callHttp },
  'fetch on reused connections': { setup: startHttp, call: callFetch },
  'an http2 session shared by requests: events of its streams': { setup: startHttp2, call: callHttp2 },
  'unhandledRejection and uncaughtException handlers': { callers: 1, call: callHandlers },
  'a queue of callbacks written by hand': { setup: createQueue, call: callQueue },
  'messages of a Worker or MessagePort shared by requests': { setup: createPort, call: callPort },
  'a TCP connection shared by requests: its answers': { setup: openConnection, call: callConnection },
  'timers mocked by node:test': { setup: mockTimers, call: callMocked },
  'an async generator shared by requests': { setup: createSharedGenerator, call: callSharedGenerator },
}

async function callTimers(note) {
  await promised((done) => setTimeout(() => (note('timeout'), done()), 1))
  await promised((done) => setImmediate(() => (note('immediate'), done())))
  await promised((done) => process.nextTick(() => (note('nextTick'), done())))
  await promised((done) => queueMicrotask(() => (note('microtask'), done())))
  let ticks = 0
  await promised((done) => {
    const timer = setInterval(() => {
      note('interval')
      if (++ticks < 3) return
      clearInterval(timer)
      done()
    }, 1)
  })
}

async function callPromises(note) {
  await delay(1)
  note('delay')
  const thenable = { then: (done) => setTimeout(() => (note('then'), done()), 1) }
  await /** @type {PromiseLike<unknown>} */ (thenable)
  note('thenable')
  async function* generate() {
    for (let n = 0; n < 3; n++) {
      await delay(0)
      note('generator')
      yield n
    }
  }
  for await (const _value of generate()) note('for await')
  await Promise.all([delay(1).then(() => note('all')), Promise.race([delay(1), delay(2)]).finally(() => note('finally'))])
}

async function callPools(note) {
  await promised((done) => readFile(SELF, () => (note('readFile'), done())))
  await promised((done) => gzip('thread', () => (note('gzip'), done())))
  await promised((done) => pbkdf2('a', 'b', 1, 16, 'sha256', () => (note('pbkdf2'), done())))
  await promised((done) => lookup('localhost', () => (note('lookup'), done())))
  await readFilePromise(SELF)
  note('fs/promises')
  createHash('sha256').update('x').digest()
}

async function callProcesses(note) {
  await promised((done) => exec(`"${process.execPath}" -e 0`, () => (note('exec'), done())))
  const child = spawn(process.execPath, ['-e', 'console.log(1)'])
  child.stdout.on('data', () => note('stdout'))
  child.on('exit', () => note('exit'))
  await promised((done) => child.on('close', () => (note('close'), done())))
}

async function callWorker(note) {
  const worker = new Worker('require("node:worker_threads").parentPort.postMessage(1)', { eval: true })
  worker.on('message', () => note('message'))
  await promised((done) => worker.on('exit', () => (note('exit'), done())))
}

async function callStreams(note) {
  const upper = new Transform({
    transform(chunk, _encoding, done) {
      note('transform')
      setImmediate(() => done(null, chunk))
    },
  })
  upper.on('data', () => note('data'))
  await promised((done) => pipeline(Readable.from(['a', 'b', 'c']), upper, () => (note('callback'), done())))
}

async function startHttp() {
  const server = await startServer((_req, res) => setTimeout(() => res.end('thread'), 1))
  const agent = new Agent({ keepAlive: true, maxSockets: 2 })
  return {
    url: server.url,
    agent,
    async close() {
      agent.destroy()
      await server[Symbol.asyncDispose]()
    },
  }
}

async function callHttp(note, { url, agent }) {
  await promised((done, fail) => {
    const request = get(url, { agent }, (response) => {
      note('response')
      response.on('data', () => note('data'))
      response.on('end', () => note('end'))
      response.on('close', () => (note('close'), done()))
    })
    request.on('socket', () => note('socket'))
    request.on('finish', () => note('finish'))
    request.on('error', fail)
  })
}

async function callFetch(note, { url }) {
  const response = await fetch(url)
  note('head')
  for await (const _chunk of response.body) note('chunk')
}

async function startHttp2() {
  const server = createHttp2Server((_req, res) => setTimeout(() => res.end('thread'), 1)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: server.address().port,
    sessions: [],
    async close() {
      for (const session of this.sessions) session.destroy()
      await promised((done) => server.close(done))
    },
  }
}

async function callHttp2(note, { port, sessions }) {
  sessions[0] ??= connectHttp2(`http://127.0.0.1:${port}`)
  const stream = sessions[0].request({ ':path': '/' })
  stream.on('response', () => note('response'))
  stream.on('data', () => note('data'))
  await promised((done, fail) => {
    stream.on('error', fail)
    stream.on('end', () => note('end'))
    stream.on('close', () => (note('close'), done()))
  })
}

async function callHandlers(note) {
  await withHandler('unhandledRejection', () => void Promise.reject(new Error('on purpose')), note)
  await withHandler('uncaughtException', () => setImmediate(() => throwOnPurpose()), note)
}

function throwOnPurpose() {
  throw new Error('on purpose')
}

/** Takes the place of the handlers that the test runner has. */
async function withHandler(event, provoke, note) {
  const others = process.listeners(event)
  process.removeAllListeners(event)
  try {
    const told = promised((done) => process.once(event, () => (note(event), done())))
    provoke()
    await told
  } finally {
    process.removeAllListeners(event)
    for (const other of others) process.on(event, other)
  }
}

/** Two tasks at once; the others wait and are begun by those that end. */
function createQueue() {
  const waiting = []
  let running = 0
  function next() {
    if (running >= 2 || waiting.length === 0) return
    running++
    const task = waiting.shift()
    setTimeout(() => {
      running--
      task()
      next()
    }, 1)
  }
  return { add: (task) => (waiting.push(task), next()) }
}

async function callQueue(note, { add, keep }) {
  await promised((done) => add(keep(() => (note('task'), done()))))
}

function createPort() {
  const { port1, port2 } = new MessageChannel()
  port2.on('message', (id) => port2.postMessage(id))
  const answers = new EventEmitter().setMaxListeners(0)
  port1.on('message', (id) => answers.emit(String(id)))
  return { port: port1, answers, ids: { last: 0 }, close: () => port1.close() }
}

async function callPort(note, { port, answers, ids, keep }) {
  const id = ++ids.last
  await promised((done) => {
    const listener = keep(() => (note('answer'), done()))
    answers.once(String(id), listener)
    port.postMessage(id)
  })
}

/** A client of a protocol written by hand: lines go out, lines come back in order. The first request connects. */
async function openConnection() {
  const server = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  const state = { socket: undefined, waiting: [] }
  return {
    port,
    state,
    async close() {
      state.socket?.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

async function callConnection(note, { port, state, keep }) {
  if (state.socket === undefined) {
    state.socket = connect(port, '127.0.0.1')
    state.socket.on('data', (data) => {
      for (const _line of data.toString().trim().split('\n')) state.waiting.shift()?.()
    })
  }
  await promised((done) => {
    state.waiting.push(keep(() => (note('answer'), done())))
    state.socket.write('ask\n')
  })
}

function mockTimers() {
  return { tracker: mock, state: { count: 0 } }
}

/** The last of them calls `tick`, and the callbacks of all run in its context. */
async function callMocked(note, { tracker, state, keep }) {
  if (state.count === 0) tracker.timers.enable({ apis: ['setInterval'] })
  await promised((done) => {
    const callback = keep(() => {
      clearInterval(timer)
      note('mocked')
      done()
    })
    const timer = setInterval(() => callback(), 5)
    if (++state.count < 20) return
    state.count = 0
    tracker.timers.tick(10)
    tracker.timers.reset()
  })
}

function createSharedGenerator() {
  async function* generate() {
    for (;;) {
      const given = yield
      await delay(0)
      given?.()
    }
  }
  const shared = generate()
  const begun = shared.next()
  return { shared, begun }
}

async function callSharedGenerator(note, { shared, begun, keep }) {
  await begun
  const body = keep(() => note('body'))
  await shared.next(body)
}
