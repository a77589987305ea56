import { describe, expect, it } from 'vitest'
import { buildTrace } from '../src/conformance/builders.js'
import { createRandom } from '../src/conformance/random.js'
import { generateSpans } from '../src/conformance/traces.js'
import { TraceTable } from '../src/trace-table.js'

const admitAll = (): boolean => true

describe('TraceTable', () => {
  it('leaves no index entry behind when all traces are deleted', () => {
    const table = new TraceTable()
    for (const span of generateSpans(createRandom(7), 200)) table.add(span.traceId, [{ span, bytes: 100 }], admitAll)
    expect(table.indexSize).toBeGreaterThan(400)
    for (let { oldest } = table; oldest !== undefined; oldest = table.oldest) table.delete(oldest)
    const { traceCount, spanCount, bytes, indexSize } = table
    expect({ traceCount, spanCount, bytes, indexSize }).toEqual({ traceCount: 0, spanCount: 0, bytes: 0, indexSize: 0 })
  })

  it('moves a trace when a span comes that started earlier', () => {
    const table = new TraceTable()
    const [early, late] = [buildTrace(1, { startTime: 10 }), buildTrace(2, { startTime: 20 })]
    for (const span of [early, late]) table.add(span.traceId, [{ span, bytes: 1 }], admitAll)
    table.add(late.traceId, [{ span: buildTrace(2, { spanId: 'a'.repeat(16), startTime: 5 }), bytes: 1 }], admitAll)
    expect(table.oldest?.traceId).toBe(late.traceId)
    expect(Array.from(table.newestFirst({ from: 0, to: 100 }, 'orders'), (trace) => trace.traceId)).toEqual([early.traceId, late.traceId])
  })

  it('leaves a trace that was listed as it was when more spans come', () => {
    const table = new TraceTable()
    const [first, second] = [buildTrace(1, { startTime: 10 }), buildTrace(1, { spanId: 'a'.repeat(16), startTime: 5, status: 'error' })]
    table.add(first.traceId, [{ span: first, bytes: 1 }], admitAll)
    const list = (): unknown =>
      table.newestFirst({ from: 0, to: 100 }).map(({ spans, startTime, mayHaveFailed, view }) => ({
        spans,
        startTime,
        mayHaveFailed,
        count: view.summary.spanCount,
      }))
    const [listed] = table.newestFirst({ from: 0, to: 100 })
    table.add(first.traceId, [{ span: second, bytes: 1 }], admitAll)
    expect([listed?.spans, listed?.startTime, listed?.mayHaveFailed, listed?.view.summary.spanCount]).toEqual([[first], 10, false, 1])
    expect(list()).toEqual([{ spans: [first, second], startTime: 5, mayHaveFailed: true, count: 2 }])
    expect(table.add(first.traceId, [{ span: { ...second }, bytes: 1 }], () => false)).toBe(0)
  })

  it('keeps nothing of a trace none of whose spans was admitted', () => {
    const table = new TraceTable()
    const span = buildTrace(1)
    expect(table.add(span.traceId, [{ span, bytes: 1 }], () => false)).toBe(1)
    expect([table.traceCount, table.indexSize, table.bytes]).toEqual([0, 0, 0])
  })
})
