import { createTracer, getTraceContext, memoryExporter, withSpan } from '@clew/core'
import { memoryStore } from '@clew/store'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { createServer } from '../src/index.js'
import { createSpan, toPayload } from './support.js'

test('records no span of what the store does for it, though mounted in a traced app', async () => {
  const exporter = memoryExporter()
  const tracer = createTracer({ service: 'host', exporter, flushOnExit: false })
  const store = memoryStore()
  const contexts: unknown[] = []
  const exportBatch = store.export.bind(store)
  store.export = (batch, options) =>
    withSpan('write', () => {
      contexts.push(getTraceContext())
      return exportBatch(batch, options)
    })
  const app = new Hono().route('/clew', createServer({ store }))
  const init = { method: 'POST', body: toPayload([createSpan(1)]), headers: { 'content-type': 'application/json' } }
  const response = await withSpan('request', () => app.request('/clew/v1/traces', init))
  await tracer.shutdown()

  expect(response.status).toBe(200)
  expect(contexts).toHaveLength(1)
  expect(exporter.spans.map((span) => span.name)).toEqual(['request'])
})
