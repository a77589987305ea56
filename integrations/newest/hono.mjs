// Hono 4 from ESM.
import assert from 'node:assert/strict'
import { createTracer, honoTracing, memoryExporter } from '@clew/hono'
import { Hono } from 'hono'

const exporter = memoryExporter()
const tracer = createTracer({ service: 'auth', exporter })
const app = new Hono()
app.use(honoTracing())
app.get('/sessions/:id', (c) => c.text(c.get('traceId')))

const answer = await app.request('/sessions/7')
const traceId = await answer.text()
assert.equal(answer.headers.get('x-trace-id'), traceId)

await tracer.flush()
assert.deepEqual(
  exporter.trace(traceId).map((span) => span.name),
  ['GET /sessions/:id'],
)
await tracer.shutdown()
