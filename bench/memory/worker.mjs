// A server under load whose exporter stops answering: node --expose-gc worker.mjs <framework>.
import { setTimeout as sleep } from 'node:timers/promises'
import { getHeapStatistics } from 'node:v8'
import { createTracer, withSpan } from '@clew/core'
import { Load } from '../added/connections.mjs'
import { answer } from '../child.mjs'
import { LISTEN } from '../request/apps.mjs'
import { createMiddleware } from '../request/clew.mjs'

const [framework = ''] = process.argv.slice(2)
let hangs = false
const tracer = createTracer({
  service: 'bench',
  sampling: { maxTracesPerSecond: Infinity },
  exporter: {
    export: () => (hangs ? new Promise(() => {}) : Promise.resolve({ ok: true })),
    close: async () => {},
  },
  onError() {},
})
let requests = 0
const variant = { middlewares: [await createMiddleware(framework)], withSpan, finish: async () => ({ exported: 0, dropped: 0 }) }
const server = await LISTEN[framework]?.(variant, () => void requests++)
if (server === undefined) throw new Error(`No framework ${framework}`)
const load = new Load(server)

/** Bytes that live, when all that can be collected is. */
function liveBytes() {
  globalThis.gc?.()
  globalThis.gc?.()
  const { used_heap_size, external_memory } = getHeapStatistics()
  return used_heap_size + external_memory
}

/** A part of a second of load and a rest, some 2,000 requests a second, so that the machine keeps up. */
async function loadFor(/** @type {number} */ seconds) {
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    await load.send(200)
    await sleep(100)
  }
}

/** @param {{ hang: boolean, seconds: number }} input */
async function run({ hang, seconds }) {
  hangs = hang
  const before = requests
  await loadFor(seconds)
  const { queue } = tracer.stats()
  const dropped = Object.values(queue.dropped).reduce((sum, spans) => sum + spans, 0)
  return {
    liveBytes: liveBytes(),
    requests: requests - before,
    queueBytes: queue.bytes,
    maxBytes: queue.maxBytes,
    waiting: queue.spans,
    dropped,
  }
}

answer({ run })
