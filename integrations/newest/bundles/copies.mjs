// Two copies of core in one process, as a bundle and a plugin outside of it may bring: they share the context and the default tracer.
import assert from 'node:assert/strict'
import { createTracer, getTraceId, memoryExporter, withSpan } from '@clew/core'
import * as other from '@clew/core-copy'

assert.notEqual(other.withSpan, withSpan)
const exporter = memoryExporter()
const tracer = createTracer({ service: 'plugins', exporter })
const ids = await withSpan('outer', async (outer) => {
  outer.setAttribute('copy', 1)
  return other.withSpan('inner', async (inner) => {
    inner.setAttribute('copy', 2)
    await Promise.resolve()
    assert.equal(other.getTraceHeaders()['x-span-id'], other.getSpanId())
    return [getTraceId(), other.getTraceId(), withSpan('innermost', () => getTraceId())]
  })
})
assert.equal(new Set(ids).size, 1)
assert.throws(() => other.createTracer({ sampling: { rate: 2 } }), { name: 'TraceError', code: 'INVALID_OPTION' })

await tracer.shutdown()
const spans = exporter.trace(ids[0])
const parentOf = (name) => spans.find(({ spanId }) => spanId === spans.find((span) => span.name === name).parentSpanId)?.name
assert.deepEqual(['innermost', 'inner', 'outer'].map(parentOf), ['inner', 'outer', undefined])
