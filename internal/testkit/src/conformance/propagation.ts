import { getTraceHeaders } from '@clew/core'
import { describe, expect, test } from 'vitest'
import type { ConformingAdapter, Handler } from './app-spec.js'
import { runApp } from './harness.js'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'
const UUID = '3f2504e0-4f89-11d3-9a0c-0305e82c3301'

const echo: Handler = () => ({ body: JSON.stringify(getTraceHeaders()) })
const ROUTES = { routes: [{ path: '/', handler: echo }] }

/** Ids that come in and go out. */
export function describePropagation(adapter: ConformingAdapter): void {
  describe('ids', () => {
    testW3c(adapter)
    testFamily(adapter)
    testExternalIds(adapter)
    testGarbage(adapter)
  })
}

function testW3c(adapter: ConformingAdapter): void {
  test('of traceparent are continued and sent on', async () => {
    await using app = await runApp(adapter, ROUTES)
    const reply = await app.get('/', { headers: { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01`, tracestate: 'vendor=1' } })
    const span = await app.onlySpan()
    expect(span).toMatchObject({ traceId: TRACE_ID, parentSpanId: SPAN_ID, parentIsRemote: true })
    expect(reply.traceId).toBe(TRACE_ID)
    expect(JSON.parse(reply.body)).toMatchObject({
      traceparent: `00-${TRACE_ID}-${span.spanId}-01`,
      tracestate: expect.stringContaining('vendor=1'),
      'x-trace-id': TRACE_ID,
      'x-span-id': span.spanId,
      'x-parent-span-id': SPAN_ID,
      'x-sampled': '1',
    })
  })

  test('of traceparent come before those of X-Trace-Id', async () => {
    await using app = await runApp(adapter, ROUTES)
    await app.get('/', { headers: { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01`, 'x-trace-id': 'f'.repeat(32) } })
    expect((await app.onlySpan()).traceId).toBe(TRACE_ID)
  })
}

function testFamily(adapter: ConformingAdapter): void {
  test('of the X-Trace family are continued: the parent is the sending span', async () => {
    await using app = await runApp(adapter, ROUTES)
    await app.get('/', { headers: { 'x-trace-id': TRACE_ID, 'x-span-id': SPAN_ID, 'x-parent-span-id': 'c'.repeat(16) } })
    expect(await app.onlySpan()).toMatchObject({ traceId: TRACE_ID, parentSpanId: SPAN_ID })
  })

  test('that say X-Sampled: 0 are not exported', async () => {
    await using app = await runApp(adapter, ROUTES)
    await app.get('/', { headers: { 'x-trace-id': TRACE_ID, 'x-span-id': SPAN_ID, 'x-sampled': '0' } })
    expect(await app.onlySpan()).toMatchObject({ traceId: TRACE_ID })
    await app.capture.tracer.flush()
    expect(app.capture.exporter.spans).toEqual([])
  })
}

function testExternalIds(adapter: ConformingAdapter): void {
  test('that are UUIDs go back and on as they came', async () => {
    await using app = await runApp(adapter, ROUTES)
    const reply = await app.get('/', { headers: { 'x-trace-id': UUID, 'x-span-id': UUID } })
    const span = await app.onlySpan()
    expect(span).toMatchObject({ traceId: UUID.replaceAll('-', ''), parentSpanId: UUID.replaceAll('-', '').slice(0, 16) })
    expect(span.attributes['trace.external_id']).toBe(UUID)
    expect(reply.traceId).toBe(UUID)
    expect(JSON.parse(reply.body)).toMatchObject({ 'x-trace-id': UUID, traceparent: expect.stringContaining(span.traceId) })
  })

  test('that are neither hex nor UUID keep a trace together', async () => {
    await using app = await runApp(adapter, ROUTES)
    const replies = [
      await app.get('/', { headers: { 'x-trace-id': 'abc-123' } }),
      await app.get('/', { headers: { 'x-trace-id': 'abc-123' } }),
    ]
    const [first, second] = await app.serverSpans(2)
    expect(first?.traceId).toMatch(/^[0-9a-f]{32}$/)
    expect(second?.traceId).toBe(first?.traceId)
    expect(replies.map((reply) => reply.traceId)).toEqual(['abc-123', 'abc-123'])
  })
}

function testGarbage(adapter: ConformingAdapter): void {
  test.each([
    { traceparent: 'garbage' },
    { traceparent: `00-${'0'.repeat(32)}-${SPAN_ID}-01` },
    { traceparent: `ff-${TRACE_ID}-${SPAN_ID}-01` },
    { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01, 00-${TRACE_ID}-${SPAN_ID}-01` },
    { traceparent: 'x'.repeat(4000), tracestate: '='.repeat(4000), baggage: ','.repeat(4000) },
    { 'x-trace-id': 'undefined', 'x-span-id': '{}' },
    { 'x-trace-id': '\u00fe\u00ff' },
    { 'x-trace-id': '', 'x-span-id': '' },
  ])('that are garbage (%o) give a normal answer and a new trace', async (headers) => {
    await using app = await runApp(adapter, ROUTES)
    const { status, traceId } = await app.get('/', { headers: headers as Record<string, string> })
    const span = await app.onlySpan()
    expect(status).toBe(200)
    expect(span.traceId).not.toBe(TRACE_ID)
    expect(span.parentSpanId).toBeUndefined()
    expect(traceId).toBe(span.traceId)
    expect(app.capture.errors).toEqual([])
  })
}
