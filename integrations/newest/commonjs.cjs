// CommonJS: Node >= 20.19 can require() ES modules, so one build serves both; two copies of core would break the context.
'use strict'
const assert = require('node:assert/strict')
const { createTracer, getTraceId, memoryExporter, withSpan } = require('@clew/core')
const express = require('@clew/express')
const koa = require('@clew/koa')
const hono = require('@clew/hono')
const { createLogger } = require('@clew/pino')
const { joinTrace } = require('@clew/analysis')
const { memoryStore } = require('@clew/store')
const { toOtlpJson } = require('@clew/interop')
const { createServer } = require('@clew/server')

const exporter = memoryExporter()
const tracer = createTracer({ service: 'legacy', exporter })
assert.equal(express.withSpan, withSpan)
assert.equal(koa.withSpan, withSpan)
assert.equal(hono.withSpan, withSpan)

const lines = []
const logger = createLogger({}, { write: (line) => lines.push(JSON.parse(line)) })
const traceId = withSpan('job', () => {
  logger.info('inside')
  return getTraceId()
})
assert.equal(lines[0].trace_id, traceId)

tracer
  .flush()
  .then(async () => {
    const spans = exporter.trace(traceId)
    assert.equal(joinTrace(spans).traceId, traceId)
    assert.ok(JSON.stringify(toOtlpJson([{ resource: spans[0].resource, spans }])).includes(traceId))
    const store = memoryStore()
    const answer = await createServer({ store }).request('/api/v1/services', { headers: { host: 'localhost' } })
    assert.equal(answer.status, 200)
    await store.close()
    await tracer.shutdown()
  })
  .catch((error) => {
    console.error(error)
    process.exitCode = 1
  })
