import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { buildSpan, buildTrace, toHexId } from '../src/conformance/builders.js'
import { type ExportResult, memoryStore, type SpanData, type TraceStore } from '../src/index.js'

const NOW = Date.UTC(2026, 0, 15, 12)
const HOUR_MS = 3_600_000
const SHARED_RESOURCE = buildSpan().resource

function exportTo(store: TraceStore, spans: readonly SpanData[], signal = new AbortController().signal): Promise<ExportResult> {
  return store.export({ resource: spans[0]?.resource ?? { attributes: {} }, spans, logs: [], metrics: [] }, { signal })
}

async function listIds(store: TraceStore): Promise<string[]> {
  return (await store.findTraces({ limit: 1000 })).items.map((item) => item.traceId)
}

describe('memoryStore, bounded by bytes', () => {
  it('evicts the oldest traces by their start, whatever the order they came in', async () => {
    await using store = memoryStore({ maxBytes: 5_000, clock: () => NOW })
    for (const number of [3, 1, 4, 2, 5]) await exportTo(store, [buildTrace(number, { startTime: NOW + number })])
    const { traceCount, bytes, maxBytes, dropped, oldestTime } = await store.health()
    expect(traceCount).toBeLessThan(5)
    expect(bytes).toBeLessThanOrEqual(maxBytes)
    expect(dropped).toEqual({ evicted: 5 - traceCount })
    expect(await listIds(store)).toEqual([5, 4, 3, 2, 1].slice(0, traceCount).map((number) => toHexId(number, 32)))
    expect(oldestTime).toBe(NOW + 6 - traceCount)
  })

  it('forgets all about traces it evicted', async () => {
    await using store = memoryStore({ maxBytes: 5_000, clock: () => NOW })
    const attributes = { 'trace.external_id': 'ticket/7' }
    await exportTo(store, [buildTrace(1, { startTime: NOW, service: 'gone', status: 'error', attributes })])
    for (const number of [2, 3, 4, 5]) await exportTo(store, [buildTrace(number, { startTime: NOW + number })])
    expect(await store.getTrace(toHexId(1, 32))).toBeUndefined()
    expect(await store.getTrace('ticket/7')).toBeUndefined()
    expect((await store.services()).map((service) => service.name)).toEqual(['orders'])
    expect(await store.operations('gone')).toEqual([])
    expect(await store.errors()).toEqual([])
    expect((await store.findTraces({ service: 'gone' })).items).toEqual([])
  })

  it('refuses spans that would make one trace larger than the store', async () => {
    await using store = memoryStore({ maxBytes: 5_000, clock: () => NOW })
    const spans = Array.from({ length: 20 }, (_, index) => buildSpan({ spanId: toHexId(index + 1, 16), startTime: NOW }))
    const result = await exportTo(store, spans)
    const { traceCount, spanCount, dropped } = await store.health()
    expect(traceCount).toBe(1)
    expect(spanCount).toBeGreaterThan(0)
    expect(dropped).toEqual({ trace_too_large: 20 - spanCount })
    expect(result).toEqual({ ok: true, rejected: 20 - spanCount })
  })

  it('counts a span that comes twice once', async () => {
    await using store = memoryStore({ clock: () => NOW })
    const spans = Array.from({ length: 200 }, (_, index) => buildSpan({ spanId: toHexId(index + 1, 16), startTime: NOW }))
    await exportTo(store, spans)
    const once = await store.health()
    await exportTo(store, structuredClone(spans))
    expect(await store.health()).toEqual(once)
  })

  it('gives back all bytes when its traces are gone', async () => {
    let now = NOW
    await using store = memoryStore({ clock: () => now })
    for (let number = 1; number < 100; number += 1) await exportTo(store, [buildTrace(number, { startTime: NOW - number })])
    now += 25 * HOUR_MS
    expect(await store.health()).toMatchObject({ traceCount: 0, spanCount: 0, bytes: 0, dropped: { expired: 99 } })
  })
})

describe('memoryStore, bounded by age', () => {
  it('keeps a trace for 24 hours from its start', async () => {
    let now = NOW
    await using store = memoryStore({ clock: () => now })
    await exportTo(store, [buildTrace(1, { startTime: NOW }), buildTrace(2, { startTime: NOW + HOUR_MS })])
    now = NOW + 24 * HOUR_MS
    expect(await listIds(store)).toHaveLength(2)
    now += 1
    expect(await listIds(store)).toEqual([toHexId(2, 32)])
    expect((await store.health()).dropped).toEqual({ expired: 1 })
  })

  it('keeps it for as long as it is told', async () => {
    await using store = memoryStore({ retentionMs: 1_000, clock: () => NOW })
    await exportTo(store, [buildTrace(1, { startTime: NOW - 1_001 }), buildTrace(2, { startTime: NOW - 1_000 })])
    expect(await listIds(store)).toEqual([toHexId(2, 32)])
  })

  it('refuses what is too old on arrival, so that one wrong clock does not take the whole trace along', async () => {
    await using store = memoryStore({ clock: () => NOW })
    const late = buildTrace(1, { spanId: 'a'.repeat(16), startTime: NOW - 24 * HOUR_MS - 1 })
    expect(await exportTo(store, [buildTrace(1, { startTime: NOW }), late])).toEqual({ ok: true, rejected: 1 })
    expect(await store.health()).toMatchObject({ traceCount: 1, spanCount: 1, dropped: { expired: 1 } })
  })

  it('refuses what starts more than an hour from now, which would outlive everything else', async () => {
    await using store = memoryStore({ maxBytes: 5_000, clock: () => NOW })
    const future = Array.from({ length: 20 }, (_, index) => buildTrace(100 + index, { startTime: NOW + HOUR_MS + 1 + index }))
    expect(await exportTo(store, future)).toEqual({ ok: true, rejected: 20 })
    expect(await exportTo(store, [buildTrace(1, { startTime: NOW }), buildTrace(2, { startTime: NOW + HOUR_MS })])).toEqual({ ok: true })
    expect(await listIds(store)).toEqual([2, 1].map((number) => toHexId(number, 32)))
    expect((await store.health()).dropped).toEqual({ invalid_time: 20 })
  })

  it('takes the day of its clock for today', async () => {
    await using store = memoryStore({ clock: () => NOW })
    await exportTo(store, [
      buildTrace(1, { startTime: NOW, status: 'error' }),
      buildTrace(2, { startTime: NOW - 13 * HOUR_MS, status: 'error' }),
    ])
    expect(await store.errors()).toMatchObject([{ date: '2026-01-15', count: 1 }])
  })
})

describe('memoryStore', () => {
  it('shows the finished form of a span that came unfinished first', async () => {
    await using store = memoryStore({ clock: () => NOW })
    await exportTo(store, [buildTrace(1, { startTime: NOW, duration: 0, attributes: { 'clew.unfinished': true } })])
    await exportTo(store, [buildTrace(1, { startTime: NOW, duration: 80 })])
    expect((await store.findTraces({ minDuration: 80 })).items).toMatchObject([{ spanCount: 1, duration: 80 }])
    expect(await store.services()).toMatchObject([{ spanCount: 1 }])
    expect(await store.operations('orders')).toMatchObject([{ spanCount: 1 }])
  })

  it('lists the slowest by the root, not by the longest span', async () => {
    await using store = memoryStore({ clock: () => NOW })
    const late = { spanId: 'a'.repeat(16), parentSpanId: toHexId(1, 16), kind: 'consumer', startTime: NOW + 5, duration: 900 } as const
    await exportTo(store, [
      buildTrace(1, { startTime: NOW, duration: 10 }),
      buildTrace(1, late),
      buildTrace(2, { startTime: NOW, duration: 20 }),
    ])
    expect((await store.slowest({ limit: 1 })).map((item) => item.traceId)).toEqual([toHexId(2, 32)])
    expect((await store.findTraces({ maxDuration: 10 })).items.map((item) => item.traceId)).toEqual([toHexId(1, 32)])
  })

  it('refuses spans that start at no time', async () => {
    await using store = memoryStore({ clock: () => NOW })
    expect(await exportTo(store, [buildTrace(1, { startTime: Number.NaN }), buildTrace(2, { startTime: NOW })])).toEqual({
      ok: true,
      rejected: 1,
    })
    expect(await store.health()).toMatchObject({ traceCount: 1, dropped: { invalid_time: 1 } })
  })

  it('takes nothing once the exporter has given up', async () => {
    await using store = memoryStore({ clock: () => NOW })
    const reason = new Error('deadline')
    expect(await exportTo(store, [buildTrace(1, { startTime: NOW })], AbortSignal.abort(reason))).toEqual({
      ok: false,
      retryable: true,
      error: reason,
    })
    expect(await store.health()).toMatchObject({ traceCount: 0 })
  })

  it.each([
    [{ maxBytes: 0 }, 'maxBytes'],
    [{ maxBytes: Number.NaN }, 'maxBytes'],
    [{ retentionMs: -1 }, 'retentionMs'],
    [{ clock: 5 as unknown as () => number }, 'clock'],
  ])('refuses the options %j by name', (options, name) => {
    expect(() => memoryStore(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(name) }))
  })

  it.each<[string, number, (number: number) => Partial<SpanData>]>([
    ['1 span per trace', 1, () => ({})],
    ['8 spans per trace', 8, () => ({})],
    ['500 spans per trace', 500, () => ({})],
    ['long attribute names of their own', 8, (number) => ({ attributes: buildNames(number, 'x'.repeat(300)) })],
    ['short attribute names of their own', 8, (number) => ({ attributes: buildNames(number, '') })],
    ['a scope of their own', 8, (number) => ({ scope: { name: `scope ${number}`, attributes: { text: `${number}${'y'.repeat(900)}` } } })],
    ['a resource of their own', 8, (number) => ({ resource: { attributes: { text: `${number}${'y'.repeat(900)}` } } })],
    ['a service of their own', 100, (number) => ({ service: `service ${number}` })],
    ['an external id of their own', 1, (number) => ({ attributes: { 'trace.external_id': `ticket ${number}` } })],
  ])('estimates its bytes within a factor of two of the heap, for %s', async (_, spansPerTrace, fields) => {
    await using store = memoryStore({ maxBytes: 1e9, clock: () => NOW })
    const before = readHeap()
    for (let number = 0; number < 20_000; number += 100) {
      const spans = Array.from({ length: 100 }, (__, index) => buildReceivedSpan(number + index, spansPerTrace, fields(number + index)))
      await exportTo(store, spans)
    }
    const { bytes } = await store.health()
    const used = readHeap() - before
    expect(bytes / used).toBeGreaterThan(0.5)
    expect(bytes / used).toBeLessThan(2)
  })

  it('counts a resource for as long as one of the traces that share it is kept', async () => {
    const heavy = { attributes: { 'service.name': 'orders', text: 'x'.repeat(100_000) } }
    let now = NOW
    await using store = memoryStore({ clock: () => now })
    const spans = [1, 2, 3].map((number) => buildTrace(number, { startTime: NOW + number, resource: heavy }))
    await exportTo(store, spans)
    const whole = await store.health()
    expect([whole.bytes > 100_000, whole.bytes < 110_000]).toEqual([true, true])
    now = NOW + 24 * HOUR_MS + 3
    const rest = await store.health()
    expect([rest.traceCount, rest.bytes > 100_000]).toEqual([1, true])
    now += 1
    expect(await store.health()).toMatchObject({ traceCount: 0, bytes: 0 })
  })
})

function buildNames(number: number, tail: string): SpanData['attributes'] {
  return Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`n${number}.${index}.${tail}`, true]))
}

/** As a receiver has it: every text is an object of its own, the resource one for the batch unless it is given. */
function buildReceivedSpan(number: number, spansPerTrace: number, fields: Partial<SpanData>): SpanData {
  const attributes = {
    'http.request.method': 'GET',
    'url.path': `/orders/${number}`,
    'user_agent.original': 'node/20 (a client)',
    'server.port': 3000,
  }
  const traceId = toHexId(Math.floor(number / spansPerTrace) + 1, 32)
  const span = buildSpan({ traceId, spanId: toHexId(number + 1, 16), startTime: NOW + 0.5, duration: 1.5, attributes, ...fields })
  const received = JSON.parse(JSON.stringify(span)) as SpanData
  return fields.resource === undefined ? { ...received, resource: SHARED_RESOURCE } : received
}

function readHeap(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().heapUsed
}
