import type { SpanData } from '@clew/core'
import { expect, it } from 'vitest'
import type { TraceQuery, TraceStore } from '../contract.js'
import { BASE_TIME, buildTrace, exportSpans, toHexId, type UseStore } from './builders.js'

/** How traces are searched and paged. What conditions mean is tested against the oracle. */
export function testQueries(useStore: UseStore): void {
  it(
    'finds nothing where nothing is',
    useStore(async (store) => {
      expect(await store.findTraces()).toEqual({ items: [] })
      expect(await store.findTraces({ service: 'orders', order: 'slowest' })).toEqual({ items: [] })
      expect(await Promise.all([store.services(), store.operations('orders'), store.slowest(), store.errors()])).toEqual([[], [], [], []])
      expect(await store.health()).toMatchObject({ traceCount: 0, spanCount: 0, dropped: {} })
    }),
  )

  it(
    'takes conditions that are undefined for absent ones',
    useStore(async (store) => {
      await exportSpans(store, [buildTrace(1)])
      const query = { service: undefined, from: undefined, attributes: undefined, cursor: undefined } as unknown as TraceQuery
      expect((await store.findTraces(query)).items).toHaveLength(1)
    }),
  )

  it(
    'asks service, operation, version and environment of one and the same span',
    useStore(async (store) => {
      const resource = { attributes: { 'service.name': 'payments', 'service.version': '2.0.0', 'deployment.environment.name': 'staging' } }
      await exportSpans(store, [buildTrace(1), buildTrace(1, { spanId: 'a'.repeat(16), service: 'payments', name: 'charge', resource })])
      const count = async (query: TraceQuery): Promise<number> => (await store.findTraces(query)).items.length
      expect(await count({ service: 'payments', operation: 'charge', version: '2.0.0', environment: 'staging' })).toBe(1)
      expect(await count({ service: 'orders', operation: 'charge' })).toBe(0)
      expect(await count({ service: 'orders', version: '2.0.0' })).toBe(0)
      expect(await count({ operation: 'GET /orders/:id', environment: 'staging' })).toBe(0)
    }),
  )

  testPaging(useStore)
  testWrongQueries(useStore)
}

function testPaging(useStore: UseStore): void {
  it(
    'orders traces that are equal by their ids',
    useStore(async (store) => {
      await exportSpans(store, [buildTrace(2), buildTrace(3), buildTrace(1)])
      for (const order of ['newest', 'slowest'] as const)
        expect(await listIds(store, { order, limit: 1 })).toEqual([1, 2, 3].map(toTraceId))
      expect((await store.slowest()).map((item) => item.traceId)).toEqual([1, 2, 3].map(toTraceId))
    }),
  )

  it(
    'pages on undisturbed while new traces arrive',
    useStore(async (store) => {
      await exportSpans(
        store,
        [1, 2, 3, 4].map((number) => buildTrace(number, { startTime: BASE_TIME + number })),
      )
      const first = await store.findTraces({ limit: 2 })
      await exportSpans(store, [buildTrace(5, { startTime: BASE_TIME + 5 })])
      const second = await store.findTraces({ limit: 2, cursor: String(first.nextCursor) })
      expect([first, second].map((page) => page.items.map((item) => item.traceId))).toEqual([[4, 3].map(toTraceId), [2, 1].map(toTraceId)])
      expect(second).not.toHaveProperty('nextCursor')
    }),
  )

  it(
    'pages on where the bounds in time have moved meanwhile, as "the last hour" does',
    useStore(async (store) => {
      await exportSpans(
        store,
        [1, 2, 3, 4, 5].map((number) => buildTrace(number, { startTime: BASE_TIME + number, duration: 10 * number })),
      )
      for (const order of ['newest', 'slowest'] as const) {
        const first = await store.findTraces({ order, limit: 2, from: BASE_TIME + 1, to: BASE_TIME + 6 })
        const later = { order, limit: 2, from: BASE_TIME + 2, to: BASE_TIME + 9 }
        const second = await store.findTraces({ ...later, cursor: String(first.nextCursor) })
        expect([first, second].flatMap((page) => page.items.map((item) => item.traceId))).toEqual([5, 4, 3, 2].map(toTraceId))
        expect(second).not.toHaveProperty('nextCursor')
      }
    }),
  )

  it(
    'orders and pages by the first start received, also where a span came again with another one',
    useStore(async (store) => {
      const traces = [1, 3, 5].map((number) => buildTrace(number, { startTime: BASE_TIME + number }))
      const unfinished = buildTrace(2, { startTime: BASE_TIME + 2, duration: 1, attributes: { 'clew.unfinished': true } })
      await exportSpans(store, [...traces, unfinished, buildTrace(2, { startTime: BASE_TIME + 4, duration: 50 })])
      const { items } = await store.findTraces()
      expect(items.map(({ traceId, startTime }) => [traceId, startTime])).toEqual(
        [5, 3, 2, 1].map((number) => [toTraceId(number), BASE_TIME + number]),
      )
      let cursor: string | undefined
      for (const item of items) {
        const page = await store.findTraces({ limit: 1, ...(cursor === undefined ? {} : { cursor }) })
        expect(page.items).toEqual([item])
        cursor = page.nextCursor
      }
      expect(cursor).toBeUndefined()
    }),
  )

  it(
    'gives 20 traces unless told otherwise',
    useStore(async (store) => {
      await exportSpans(
        store,
        Array.from({ length: 21 }, (_, index) => buildTrace(index + 1)),
      )
      const { items, nextCursor } = await store.findTraces()
      expect([items.length, (await store.slowest()).length]).toEqual([20, 20])
      expect((await store.findTraces({ cursor: String(nextCursor) })).items).toHaveLength(1)
    }),
  )
}

const WRONG_QUERIES: readonly object[] = [
  { limit: 0 },
  { limit: 1001 },
  { limit: 1.5 },
  { order: 'fastest' },
  { status: 'failed' },
  { from: 'yesterday' },
  { to: Number.NaN },
  { minDuration: '5' },
  { service: 5 },
  { attributes: { a: 1 } },
  { attributes: 'a=1' },
  { sevice: 'orders' },
]

function testWrongQueries(useStore: UseStore): void {
  it(
    'names the field of a query that cannot be used',
    useStore(async (store) => {
      for (const query of WRONG_QUERIES) {
        const message = expect.stringContaining(Object.keys(query).join())
        await expect(store.findTraces(query)).rejects.toThrow(expect.objectContaining({ code: 'INVALID_QUERY', message }))
      }
      const invalid = expect.objectContaining({ code: 'INVALID_QUERY' })
      await expect(store.slowest({ limit: 101 })).rejects.toThrow(invalid)
      for (const date of ['today', '2026-02-30', '2026-1-1', '']) await expect(store.errors({ date })).rejects.toThrow(invalid)
    }),
  )

  it(
    'refuses cursors that are none, or not of this query',
    useStore(async (store) => {
      await exportSpans(
        store,
        [1, 2, 3].map((number) => buildTrace(number)),
      )
      const cursor = String((await store.findTraces({ limit: 1 })).nextCursor)
      const invalid = expect.objectContaining({ code: 'INVALID_CURSOR' })
      for (const wrong of ['', 'garbage', cursor.slice(0, -4), `${cursor}AAAA`, 'bnVsbA', 'WzEsMiwzXQ']) {
        await expect(store.findTraces({ cursor: wrong })).rejects.toThrow(invalid)
      }
      await expect(store.findTraces({ cursor, service: 'orders' })).rejects.toThrow(invalid)
      await expect(store.findTraces({ cursor, order: 'slowest' })).rejects.toThrow(invalid)
      expect((await store.findTraces({ cursor, limit: 2 })).items).toHaveLength(2)
    }),
  )
}

async function listIds(store: TraceStore, query: TraceQuery): Promise<string[]> {
  const page = await store.findTraces(query)
  const ids = page.items.map((item) => item.traceId)
  return page.nextCursor === undefined ? ids : [...ids, ...(await listIds(store, { ...query, cursor: page.nextCursor }))]
}

function toTraceId(number: number): SpanData['traceId'] {
  return toHexId(number, 32)
}
