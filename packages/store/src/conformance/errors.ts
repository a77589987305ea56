import type { SpanData } from '@clew/core'
import { expect, it } from 'vitest'
import { BASE_TIME, buildTrace, exportSpans, toHexId, type UseStore } from './builders.js'

const DAY_MS = 86_400_000
const TODAY = Math.floor(BASE_TIME / DAY_MS) * DAY_MS

/** How errors are grouped. */
export function testErrors(useStore: UseStore): void {
  it(
    'counts only the deepest failed span of an error that crossed several',
    useStore(async (store) => {
      await exportSpans(store, buildChain())
      expect(await store.errors({ date: toDate(BASE_TIME) })).toEqual([
        {
          date: toDate(BASE_TIME),
          service: 'payments',
          operation: 'charge',
          type: 'CardError',
          message: 'card declined',
          count: 1,
          firstSeen: BASE_TIME,
          lastSeen: BASE_TIME,
          traceIds: [toHexId(1, 32)],
        },
      ])
    }),
  )

  it(
    'counts an exception of its own beside the error that its span had handled before',
    useStore(async (store) => {
      await exportSpans(store, buildHandled())
      const groups = await store.errors({ date: toDate(BASE_TIME) })
      expect(groups.map(({ service, operation, type, count }) => [service, operation, type, count])).toEqual([
        ['gateway', 'GET /checkout', 'TypeError', 1],
        ['gateway', 'GET cache', 'ECONNREFUSED', 1],
      ])
    }),
  )

  it(
    'groups by service, operation and type: the most frequent first, the newest traces first',
    useStore(async (store) => {
      const fail = (number: number, type: string): SpanData => {
        return buildTrace(number, { status: 'error', startTime: BASE_TIME + number, attributes: { 'error.type': type } })
      }
      await exportSpans(store, [fail(1, 'A'), fail(2, 'A'), ...[3, 4, 5, 6, 7, 8].map((number) => fail(number, 'B')), fail(9, 'C')])
      const groups = await store.errors({ date: toDate(BASE_TIME) })
      expect(groups.map(({ type, count }) => [type, count])).toEqual([
        ['B', 6],
        ['A', 2],
        ['C', 1],
      ])
      expect(groups[0]).toMatchObject({
        firstSeen: BASE_TIME + 3,
        lastSeen: BASE_TIME + 8,
        traceIds: [8, 7, 6, 5, 4].map((n) => toHexId(n, 32)),
      })
      expect(await store.errors({ date: toDate(BASE_TIME), limit: 1 })).toEqual([groups[0]])
    }),
  )

  testDays(useStore)
}

function testDays(useStore: UseStore): void {
  it(
    'keeps the days apart at midnight UTC',
    useStore(async (store) => {
      const failed = { status: 'error' } as const
      await exportSpans(store, [buildTrace(1, { ...failed, startTime: TODAY - 1 }), buildTrace(2, { ...failed, startTime: TODAY })])
      expect(await store.errors({ date: toDate(TODAY - 1) })).toMatchObject([{ count: 1, traceIds: [toHexId(1, 32)] }])
      expect(await store.errors({ date: toDate(TODAY) })).toMatchObject([{ count: 1, traceIds: [toHexId(2, 32)] }])
      expect(await store.errors({ date: toDate(TODAY), service: 'payments' })).toEqual([])
      expect(await store.errors({ date: '2001-01-01' })).toEqual([])
    }),
  )

  it(
    'counts a failure to the day on which the failed span started, not its trace',
    useStore(async (store) => {
      const failed = buildTrace(1, { spanId: 'a'.repeat(16), parentSpanId: toHexId(1, 16), status: 'error', startTime: TODAY })
      await exportSpans(store, [buildTrace(1, { startTime: TODAY - 1 }), failed])
      expect(await store.errors({ date: toDate(TODAY - 1) })).toEqual([])
      expect(await store.errors({ date: toDate(TODAY) })).toMatchObject([{ count: 1, firstSeen: TODAY }])
    }),
  )
}

/** gateway fails because orders does, by way of an internal span that says nothing, because payments does. */
function buildChain(): SpanData[] {
  const failed = { status: 'error', statusMessage: 'HTTP 502' } as const
  const card = { status: 'error', statusMessage: 'card declined', attributes: { 'error.type': 'CardError' } } as const
  return [
    buildTrace(1, { ...failed, service: 'gateway', spanId: toHexId(1, 16) }),
    buildTrace(1, { ...failed, spanId: toHexId(2, 16), parentSpanId: toHexId(1, 16) }),
    buildTrace(1, { name: 'pay', spanId: toHexId(3, 16), parentSpanId: toHexId(2, 16), kind: 'internal' }),
    buildTrace(1, { ...card, service: 'payments', name: 'charge', spanId: toHexId(4, 16), parentSpanId: toHexId(3, 16) }),
  ]
}

/** The cache could not be reached, which did no harm; 284 ms later the handler failed by a mistake of its own. */
function buildHandled(): SpanData[] {
  const attributes = { 'exception.type': 'TypeError', 'exception.message': 'Cannot read properties of undefined' }
  const exception = { name: 'exception', time: BASE_TIME + 299, attributes }
  const gateway = { service: 'gateway', status: 'error' } as const
  return [
    buildTrace(1, { ...gateway, name: 'GET /checkout', startTime: BASE_TIME, duration: 300, events: [exception] }),
    buildTrace(1, {
      ...gateway,
      name: 'GET cache',
      kind: 'client',
      spanId: toHexId(2, 16),
      parentSpanId: toHexId(1, 16),
      startTime: BASE_TIME,
      attributes: { 'error.type': 'ECONNREFUSED' },
    }),
  ]
}

function toDate(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
