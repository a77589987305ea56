// Requests of three spans that pass, with the flight recorder or without: node worker.mjs <on|off>.
import { createTracer } from '@clew/core'
import { answer } from '../child.mjs'
import { measureCpu } from '../loop.mjs'

const REQUESTS = 1000
const recorder = process.argv[2] === 'on' ? undefined : /** @type {const} */ (false)
const exporter = { export: async () => /** @type {const} */ ({ ok: true }), close: async () => {} }
const tracer = createTracer({
  service: 'bench',
  exporter,
  metrics: false,
  sampling: { rate: 0 },
  ...(recorder === false ? { recorder } : {}),
})
let made = 0

function request() {
  made++
  const attributes = {
    'http.request.method': 'GET',
    'url.path': `/orders/${made}`,
    'url.scheme': 'http',
    'server.address': 'localhost',
    'server.port': 3000,
    'client.address': `10.0.0.${made % 20}`,
    'network.protocol.version': '1.1',
    'http.route': '/orders/:id',
    'http.response.status_code': 200,
  }
  tracer.withSpan('GET /orders/:id', { kind: 'server', attributes }, () =>
    tracer.withSpan('load order', () => tracer.withSpan('render', () => made)),
  )
}

async function run() {
  for (let count = 0; count < REQUESTS; count++) request()
}

/** Throws where the recorder does not hold what passed. */
async function measure() {
  const cpu = await measureCpu(REQUESTS, run)
  const { segments, evicted, bytes } = tracer.stats().recorder
  if (process.argv[2] === 'on' && segments + evicted !== made) throw new Error(`${segments} of ${made} segments are held`)
  return { cpu, bytes: segments === 0 ? 0 : bytes / segments }
}

answer({ measure })
