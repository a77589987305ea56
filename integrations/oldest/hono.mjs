// The first Hono 4.
import assert from 'node:assert/strict'
import { createTracer, honoTracing, memoryExporter } from '@clew/hono'
import { Hono } from 'hono'

const exporter = memoryExporter()
const tracer = createTracer({ service: 'auth', exporter })
const app = new Hono()
app.use(honoTracing())
app.get('/sessions/:id', (c) => c.text(c.get('traceId')))

const answer = await app.request('/sessions/7')
assert.equal(answer.headers.get('x-trace-id'), await answer.text())
await tracer.flush()
assert.deepEqual(
  exporter.spans.map((span) => span.name),
  ['GET /sessions/:id'],
)
await tracer.shutdown()
