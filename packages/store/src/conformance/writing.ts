import type { SpanData } from '@clew/core'
import { expect, it } from 'vitest'
import type { TraceStore } from '../contract.js'
import { BASE_TIME, buildSpan, buildTrace, exportSpans, toHexId, type UseStore } from './builders.js'

/** How spans come in. */
export function testWriting(useStore: UseStore): void {
  it(
    'answers alike after the same spans came twice',
    useStore(async (store) => {
      const spans = [buildTrace(1), buildTrace(2, { status: 'error' }), buildTrace(2, { spanId: 'a'.repeat(16), status: 'error' })]
      await exportSpans(store, spans)
      const once = await askEverything(store)
      await exportSpans(store, structuredClone(spans))
      expect(await askEverything(store)).toEqual(once)
    }),
  )

  it(
    'joins late spans into their trace',
    useStore(async (store) => {
      const child = buildSpan({
        spanId: '2'.repeat(16),
        parentSpanId: '1'.repeat(16),
        name: 'charge',
        service: 'payments',
        startTime: BASE_TIME + 5,
      })
      await exportSpans(store, [child])
      expect((await store.findTraces()).items).toMatchObject([{ rootName: 'charge', spanCount: 1, startTime: BASE_TIME + 5 }])
      await exportSpans(store, [buildSpan({ duration: 500 })])
      const joined = { rootName: 'GET /orders/:id', spanCount: 2, startTime: BASE_TIME, duration: 500 }
      expect((await store.findTraces()).items).toMatchObject([joined])
      expect((await store.findTraces({ service: 'payments' })).items).toMatchObject([joined])
      expect((await store.getTrace(child.traceId))?.spans).toHaveLength(2)
    }),
  )

  it(
    'takes an empty batch',
    useStore(async (store) => {
      const batch = { resource: { attributes: {} }, spans: [], logs: [], metrics: [] }
      expect(await store.export(batch, { signal: new AbortController().signal })).toEqual({ ok: true })
    }),
  )

  it(
    'refuses spans that start at no time, or later than in an hour',
    useStore(async (store) => {
      const times = [Number.NaN, Infinity, Date.now() + 2 * 3_600_000]
      const spans = times.map((startTime, index) => buildTrace(index + 2, { startTime, resource: buildSpan().resource }))
      const batch = { resource: buildSpan().resource, spans: [buildTrace(1), ...spans], logs: [], metrics: [] }
      expect(await store.export(batch, { signal: new AbortController().signal })).toEqual({ ok: true, rejected: 3 })
      await store.flush?.()
      expect((await store.findTraces()).items.map(({ traceId }) => traceId)).toEqual([toHexId(1, 32)])
      expect((await store.health()).dropped).toEqual({ invalid_time: 3 })
    }),
  )

  testLargeTraces(useStore)
  testSharedIds(useStore)
  testClosing(useStore)
}

function testLargeTraces(useStore: UseStore): void {
  it(
    'keeps 50,000 spans of one trace and refuses more',
    useStore(async (store) => {
      const resource = { attributes: { 'service.name': 'loop' } }
      const spans = Array.from({ length: 50_010 }, (_, index): SpanData => {
        return buildSpan({ spanId: toHexId(index + 1, 16), service: 'loop', name: 'a', resource })
      })
      const batch = { resource, spans, logs: [], metrics: [] }
      expect(await store.export(batch, { signal: new AbortController().signal })).toEqual({ ok: true, rejected: 10 })
      await store.flush?.()
      const { spanCount, dropped } = await store.health()
      expect({ spanCount, dropped }).toEqual({ spanCount: 50_000, dropped: { trace_too_large: 10 } })
    }),
  )
}

/** Senders that give every span one id must not make each further one dearer. */
function testSharedIds(useStore: UseStore): void {
  it(
    'keeps 16 spans of one id in a trace and refuses more',
    useStore(async (store) => {
      const { resource } = buildSpan()
      const spans = Array.from({ length: 20 }, (_, index) => buildTrace(1, { startTime: BASE_TIME + index, resource }))
      const other = buildTrace(1, { spanId: 'a'.repeat(16), startTime: BASE_TIME + 30, resource })
      const batch = { resource, spans: [...spans, other], logs: [], metrics: [] }
      expect(await store.export(batch, { signal: new AbortController().signal })).toEqual({ ok: true, rejected: 4 })
      await store.flush?.()
      expect(await store.health()).toMatchObject({ spanCount: 17, dropped: { id_reused: 4 } })
      expect(await store.export({ ...batch, spans: spans.slice(0, 16) }, { signal: new AbortController().signal })).toEqual({ ok: true })
    }),
  )
}

function testClosing(useStore: UseStore): void {
  it(
    'refuses to work after close()',
    useStore(async (store) => {
      await store.close()
      const closed = expect.objectContaining({ code: 'STORE_CLOSED' })
      await expect(store.getTrace('1'.repeat(32))).rejects.toThrow(closed)
      await expect(store.findTraces()).rejects.toThrow(closed)
      const span = buildSpan()
      const batch = { resource: span.resource, spans: [span], logs: [], metrics: [] }
      const result = await store.export(batch, { signal: new AbortController().signal })
      expect(result).toEqual({ ok: false, retryable: false, error: closed })
    }),
  )

  it(
    'can be closed twice',
    useStore(async (store) => {
      await store.close()
      await expect(store.close()).resolves.toBeUndefined()
    }),
  )
}

async function askEverything(store: TraceStore): Promise<unknown> {
  const { traceCount, spanCount } = await store.health()
  const date = new Date(BASE_TIME).toISOString().slice(0, 10)
  const [services, operations, errors] = await Promise.all([store.services(), store.operations('orders'), store.errors({ date })])
  const [found, slowest, trace] = await Promise.all([store.findTraces(), store.slowest(), store.getTrace(toHexId(2, 32))])
  return { traceCount, spanCount, services, operations, errors, found, slowest, trace }
}
