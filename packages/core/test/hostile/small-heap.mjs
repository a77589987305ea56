// `node --max-old-space-size=64 small-heap.mjs <seconds>`: a traced server under load whose receiver takes the connection and never answers. Prints what became of it.
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import { createServer as createSocketServer } from 'node:net'
import { createNodeRequestTracer, runRequest } from '../../dist/adapter.js'
import { createTracer, otlpExporter, withSpan } from '../../dist/index.js'

const seconds = Number(process.argv[2])
const silent = createSocketServer((socket) => void socket.on('error', () => {}))
await once(silent.listen(0, '127.0.0.1'), 'listening')
const big = Array.from({ length: 128 }, () => 'x'.repeat(10_000))

/** @type {Set<string>} */
const errors = new Set()
const tracer = createTracer({
  service: 'small',
  exporter: otlpExporter({ url: `http://127.0.0.1:${portOf(silent)}` }),
  sampling: { maxTracesPerSecond: Infinity },
  queue: { exportTimeoutMs: 500 },
  onError: (error) => errors.add(error.code),
})
const traceRequest = createNodeRequestTracer()
let served = 0
const server = createServer((req, res) => {
  const traced = traceRequest(req, res)
  if (traced === undefined) throw new Error('This request is not traced')
  runRequest(traced, () => {
    const attributes = served++ % 20 === 0 ? { big } : { served }
    for (const name of ['query', 'render']) withSpan(name, { attributes }, (span) => span.addEvent('step', { text: 'y'.repeat(500) }))
    res.end('ok')
  })
})
await once(server.listen(0, '127.0.0.1'), 'listening')

const agent = new Agent({ keepAlive: true, maxSockets: 20 })
const until = performance.now() + seconds * 1000
let failed = 0
let heap = 0
await Promise.all(Array.from({ length: 20 }, call))
const { spansEnded, queue } = tracer.stats()
process.stdout.write(`${JSON.stringify({ served, failed, heap, spansEnded, queue, errors: [...errors] })}\n`)
process.exit(0)

async function call() {
  while (performance.now() < until) {
    failed += Number((await ask()) !== 200)
    heap = Math.max(heap, process.memoryUsage().heapUsed)
  }
}

/** @returns {Promise<number | undefined>} */
function ask() {
  return new Promise((resolve) => {
    request({ port: portOf(server), host: '127.0.0.1', agent }, (answer) => answer.resume().on('end', () => resolve(answer.statusCode)))
      .on('error', () => resolve(undefined))
      .end()
  })
}

/** @param {import('node:net').Server} listening */
function portOf(listening) {
  return /** @type {import('node:net').AddressInfo} */ (listening.address()).port
}
