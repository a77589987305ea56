// A service with everything in it: three frameworks, logs, an outgoing call. It checks itself, and is bundled by bundle.mjs.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { serve } from '@hono/node-server'
import { createTracer, expressErrors, expressTracing, getTraceId, memoryExporter, tracedFetch, withSpan } from '@clew/express'
import { honoTracing } from '@clew/hono'
import { koaTracing } from '@clew/koa'
import { createLogger } from '@clew/pino'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'

const exporter = memoryExporter()
const tracer = createTracer({ exporter })
const lines = []
const logger = createLogger({}, { write: (line) => lines.push(JSON.parse(line)) })

const koaApp = new Koa().use(koaTracing()).use((ctx) => {
  ctx.body = ctx.state.trace.traceId
})
const koaServer = koaApp.listen(0)
await once(koaServer, 'listening')

const honoApp = new Hono().use(honoTracing()).get('/users/:id', async (c) => {
  const answer = await tracedFetch(`http://localhost:${koaServer.address().port}/`)
  return c.text(await answer.text())
})
const honoServer = serve({ port: 0, fetch: honoApp.fetch })
await once(honoServer, 'listening')

const app = express()
app.use(expressTracing())
app.get('/orders/:id', async (_req, res) => {
  logger.info('asked')
  const answer = await withSpan('load', () => tracedFetch(`http://localhost:${honoServer.address().port}/users/7`))
  res.json({ traceId: getTraceId(), last: await answer.text() })
})
app.use(expressErrors())
const expressServer = app.listen(0)
await once(expressServer, 'listening')

const answer = await fetch(`http://localhost:${expressServer.address().port}/orders/1`)
const { traceId, last } = await answer.json()
assert.equal(answer.headers.get('x-trace-id'), traceId)
assert.equal(last, traceId)
assert.equal(lines[0].trace_id, traceId)

for (const server of [expressServer, honoServer, koaServer]) {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}
await tracer.shutdown()
const spans = exporter.trace(traceId)
assert.deepEqual(spans.map(({ name }) => name).toSorted(), ['GET', 'GET', 'GET', 'GET /orders/:id', 'GET /users/:id', 'load'])
// The nearest package.json above the bundle.
assert.equal(spans[0].service, 'clew-consumer-newest')
