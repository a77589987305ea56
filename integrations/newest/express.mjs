// Express 5 from ESM: one request through two services.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createTracer, expressErrors, expressTracing, memoryExporter, tracedFetch, withSpan } from '@clew/express'
import express from 'express'

const exporter = memoryExporter()
const tracer = createTracer({ service: 'shop', exporter })
const app = express()
app.use(expressTracing())
app.get('/users/:id', (req, res) => withSpan('load', () => res.json({ id: req.params.id, traceId: req.trace.traceId })))
app.get('/orders/:id', async (req, res) => {
  const answer = await tracedFetch(`http://localhost:${req.socket.localPort}/users/7`)
  res.json(await answer.json())
})
app.get('/broken', async () => {
  throw new Error('out of stock')
})
app.use(expressErrors())
// Express would print the error.
app.use((error, req, res, next) => void (res.headersSent ? next(error) : res.status(500).json({ message: error.message })))

const server = app.listen(0)
await once(server, 'listening')
const origin = `http://localhost:${server.address().port}`

const order = await fetch(`${origin}/orders/1`)
const { traceId } = await order.json()
assert.equal(order.headers.get('x-trace-id'), traceId)

const broken = await fetch(`${origin}/broken`)
assert.equal(broken.status, 500)

await tracer.flush()
const names = exporter.trace(traceId).map((span) => span.name)
assert.deepEqual(names.toSorted(), ['GET', 'GET /orders/:id', 'GET /users/:id', 'load'])
const failed = exporter.trace(broken.headers.get('x-trace-id'))
assert.deepEqual(
  failed.map(({ name, status }) => [name, status]),
  [['GET /broken', 'error']],
)
assert.equal(failed[0].events[0].attributes['exception.message'], 'out of stock')

server.close()
server.closeAllConnections()
await tracer.shutdown()
