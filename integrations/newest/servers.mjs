// Hono on the server of the runtime: Bun.serve, Deno.serve, or Node's. One request through two services, exported over OTLP.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTracer, getTraceId, honoTracing, otlpExporter, tracedFetch, withSpan } from '@clew/hono'
import { Hono } from 'hono'

/** A server of this runtime on a free port. */
async function serve(fetch) {
  if (globalThis.Bun) {
    const server = Bun.serve({ port: 0, fetch: (request) => fetch(request) })
    return { port: server.port, close: () => server.stop(true) }
  }
  if (globalThis.Deno) {
    const server = Deno.serve({ port: 0, onListen() {} }, (request) => fetch(request))
    return { port: server.addr.port, close: () => server.shutdown() }
  }
  const node = await import('@hono/node-server')
  const server = await new Promise((resolve) => {
    const made = node.serve({ port: 0, fetch }, () => resolve(made))
  })
  return { port: server.address().port, close: () => server.closeAllConnections() ?? server.close() }
}

const received = []
const receiver = new Hono().post('/v1/traces', async (c) => {
  received.push(await c.req.json())
  return c.json({})
})
const sink = await serve(receiver.fetch)
const tracer = createTracer({ service: 'auth', exporter: otlpExporter({ url: `http://127.0.0.1:${sink.port}/v1/traces` }) })

const app = new Hono()
app.use(honoTracing())
app.get('/sessions/:id', async (c) => {
  const before = getTraceId()
  await sleep(1)
  const after = await withSpan('load', async () => {
    await new Promise((resolve) => queueMicrotask(resolve))
    return getTraceId()
  })
  assert.deepEqual([before, after], [c.get('traceId'), c.get('traceId')])
  const answer = await tracedFetch(`http://127.0.0.1:${server.port}/users/7`)
  return c.json(await answer.json())
})
app.get('/users/:id', (c) => c.json({ traceparent: c.req.header('traceparent'), traceId: c.get('traceId') }))
app.get('/broken', () => {
  throw new Error('out of stock')
})
app.onError((error, c) => c.text(error.message, 500))
const server = await serve(app.fetch)

const origin = `http://127.0.0.1:${server.port}`
const answers = await Promise.all(Array.from({ length: 5 }, () => fetch(`${origin}/sessions/1`)))
const ids = await Promise.all(
  answers.map(async (answer) => {
    const { traceId, traceparent } = await answer.json()
    assert.equal(answer.headers.get('x-trace-id'), traceId)
    assert.match(traceparent, new RegExp(`^00-${traceId}-[0-9a-f]{16}-03$`))
    return traceId
  }),
)
assert.equal(new Set(ids).size, 5)
const broken = await fetch(`${origin}/broken`)
assert.equal(await broken.text(), 'out of stock')

/** Server spans end a moment after their responses have arrived. */
async function receiveSpans(count) {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(5)) {
    await tracer.flush()
    const spans = received.flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    )
    if (spans.length >= count) return spans
  }
  throw new Error(`${count} spans did not arrive within 10 s`)
}

const spans = await receiveSpans(21)
for (const id of ids) {
  const names = spans.filter(({ traceId }) => traceId === id).map(({ name }) => name)
  assert.deepEqual(names.toSorted(), ['GET', 'GET /sessions/:id', 'GET /users/:id', 'load'])
}
const failed = spans.find(({ traceId }) => traceId === broken.headers.get('x-trace-id'))
assert.deepEqual([failed.name, failed.status.code, failed.events[0].name], ['GET /broken', 2, 'exception'])

await tracer.shutdown()
await server.close()
await sink.close()
