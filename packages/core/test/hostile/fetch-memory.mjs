// `node --expose-gc fetch-memory.mjs <calls>`: prints how many bytes the heap grew over so many calls of fetch, and of tracedFetch.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createTracer, suppressTracing, tracedFetch, withSpan } from '../../dist/index.js'

const calls = Number(process.argv[2])
/** @type {import('../../dist/index.js').Exporter} */
const discard = { export: async () => ({ ok: true }), close: async () => {} }
const tracer = createTracer({ service: 'soak', exporter: discard, sampling: { maxTracesPerSecond: Infinity } })
const server = createServer((_req, res) => res.end('ok'))
await once(server.listen(0, '127.0.0.1'), 'listening')
const url = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/a?b=c`

const kinds = {
  fetch: () => suppressTracing(() => fetch(url)),
  tracedFetch: () => withSpan('outer', () => tracedFetch(url, { headers: { 'x-own': '1' } })),
  'tracedFetch of a Request': () => withSpan('outer', () => tracedFetch(new Request(url))),
}
/** @type {Record<string, number>} */
const grown = {}
for (const [name, call] of Object.entries(kinds)) {
  // What is filled once, caches and pools, is no growth.
  await run(call, Math.max(1_000, calls / 5))
  const before = await heapUsed()
  await run(call, calls)
  grown[name] = (await heapUsed()) - before
}
await tracer.shutdown()
server.closeAllConnections()
server.close()
console.log(JSON.stringify({ calls, grown, stats: tracer.stats() }))

/** @param {() => Promise<Response>} call @param {number} count */
async function run(call, count) {
  for (let done = 0; done < count; done += 10) {
    await Promise.all(Array.from({ length: 10 }, async () => (await call()).text()))
  }
}

async function heapUsed() {
  await tracer.flush()
  for (let round = 0; round < 4; round++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed
}
