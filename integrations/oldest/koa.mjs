// Koa 2 from ESM, with pino 9: the line carries the trace of the request.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createTracer, koaTracing, memoryExporter } from '@clew/koa'
import { createLogger } from '@clew/pino'
import Koa from 'koa'

const exporter = memoryExporter()
const tracer = createTracer({ service: 'orders', exporter })
const lines = []
const logger = createLogger({}, { write: (line) => lines.push(JSON.parse(line)) })
const app = new Koa().use(koaTracing()).use((ctx) => {
  logger.info('asked')
  ctx.body = ctx.state.trace.traceId
})
const server = app.listen(0)
await once(server, 'listening')

const answer = await fetch(`http://localhost:${server.address().port}/`)
const traceId = await answer.text()
assert.equal(answer.headers.get('x-trace-id'), traceId)
assert.equal(lines[0].trace_id, traceId)

await tracer.flush()
assert.equal(exporter.trace(traceId).length, 1)
server.close()
server.closeAllConnections()
await tracer.shutdown()
