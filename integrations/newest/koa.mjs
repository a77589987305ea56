// Koa 3 from ESM.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createTracer, koaTracing, memoryExporter } from '@clew/koa'
import Router from '@koa/router'
import Koa from 'koa'

const exporter = memoryExporter()
const tracer = createTracer({ service: 'orders', exporter })
const router = new Router()
router.get('/orders/:id', (ctx) => {
  ctx.body = ctx.state.trace.traceId
})
const app = new Koa().use(koaTracing()).use(router.routes())
const server = app.listen(0)
await once(server, 'listening')

const answer = await fetch(`http://localhost:${server.address().port}/orders/7`)
const traceId = await answer.text()
assert.equal(answer.headers.get('x-trace-id'), traceId)

await tracer.flush()
assert.deepEqual(
  exporter.trace(traceId).map((span) => span.name),
  ['GET /orders/:id'],
)
server.close()
server.closeAllConnections()
await tracer.shutdown()
