// Express 4 from ESM: the route of a nested router and an error that has passed through next().
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createTracer, expressErrors, expressTracing, memoryExporter } from '@clew/express'
import express from 'express'

const exporter = memoryExporter()
const tracer = createTracer({ service: 'shop', exporter })
const orders = express.Router()
orders.get('/:id', (req, res) => res.json({ traceId: req.trace.traceId }))
orders.post('/', (_req, _res, next) => next(new Error('out of stock')))

const app = express()
app.use(expressTracing())
app.use('/orders', orders)
app.use(expressErrors())
app.use((error, req, res, next) => void (res.headersSent ? next(error) : res.status(500).json({ message: error.message })))

const server = app.listen(0)
await once(server, 'listening')
const origin = `http://localhost:${server.address().port}`

const good = await fetch(`${origin}/orders/7`)
const { traceId } = await good.json()
assert.equal(good.headers.get('x-trace-id'), traceId)
const bad = await fetch(`${origin}/orders`, { method: 'POST' })
assert.equal(bad.status, 500)

await tracer.flush()
assert.deepEqual(
  exporter.trace(traceId).map((span) => span.name),
  ['GET /orders/:id'],
)
const [failed] = exporter.trace(bad.headers.get('x-trace-id'))
assert.equal(failed.status, 'error')
assert.equal(failed.events[0].attributes['exception.message'], 'out of stock')

server.close()
server.closeAllConnections()
await tracer.shutdown()
