// What it costs to hold a segment of three spans in the flight recorder: node bench/recorder/run.mjs, after a build.
import { createIdGenerator } from '../../packages/core/dist/ids.js'
import { FlightRecorder } from '../../packages/core/dist/recorder.js'

const BATCH = 100
const BATCHES = 2000
const ids = createIdGenerator()
const resource = { attributes: {} }
let made = 0

/**
 * @param {string} traceId
 * @param {string | undefined} parentSpanId
 * @param {{ name: string, kind: 'server' | 'internal', attributes: Record<string, string | number> }} what
 */
function createSpan(traceId, parentSpanId, { name, kind, attributes }) {
  return {
    traceId,
    spanId: ids.spanId(),
    parentSpanId,
    name,
    kind,
    service: 'orders',
    startTime: 1_790_000_000_000 + made,
    duration: (made % 100) + 0.5,
    status: /** @type {const} */ ('unset'),
    attributes,
    events: [],
    links: [],
    resource,
    flags: 2,
    parentIsRemote: parentSpanId === undefined ? undefined : false,
  }
}

function createSegment() {
  made++
  const traceId = ids.traceId()
  const address = `10.0.0.${made % 20}`
  const attributes = {
    'http.request.method': 'GET',
    'url.path': `/orders/${made}`,
    'url.scheme': 'http',
    'server.address': 'localhost',
    'server.port': 3000,
    'client.address': address,
    'network.peer.address': address,
    'network.peer.port': 30_000 + (made % 2000),
    'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    'network.protocol.version': '1.1',
    'http.route': '/orders/:id',
    'http.response.status_code': 200,
  }
  const root = createSpan(traceId, undefined, { name: 'GET /orders/:id', kind: 'server', attributes })
  const middle = createSpan(traceId, root.spanId, { name: 'load order', kind: 'internal', attributes: {} })
  const leaf = createSpan(traceId, middle.spanId, { name: 'render', kind: 'internal', attributes: {} })
  return { traceId, part: { spans: [leaf, middle, root], logs: [] } }
}

const recorder = new FlightRecorder({ windowMs: 30_000, maxBytes: 24 * 1024 * 1024 })
const batches = []
for (let batch = 0; batch < BATCHES; batch++) {
  const segments = Array.from({ length: BATCH }, createSegment)
  const start = performance.now()
  for (const { traceId, part } of segments) recorder.add(traceId, part, batch)
  batches.push(((performance.now() - start) * 1e6) / BATCH)
}
batches.sort((a, b) => a - b)
const { bytes, segments } = recorder.stats(BATCHES)
const lookups = 200
const before = process.cpuUsage()
for (let lookup = 0; lookup < lookups; lookup++) recorder.take([ids.traceId()])
const { user, system } = process.cpuUsage(before)
console.log(`Node ${process.version}, ${segments} segments of three spans held`)
console.log(`writing one: ${batches[BATCHES / 10]?.toFixed(0)} ns (10th percentile), ${batches[BATCHES / 2]?.toFixed(0)} ns (median)`)
console.log(`bytes of one: ${(bytes / segments).toFixed(0)}`)
console.log(`looking one up: ${((user + system) / lookups).toFixed(0)} us of CPU`)
