import { createHash } from 'node:crypto'
import { joinTrace } from '@clew/analysis'
import type { SpanData } from '@clew/core'
import { expect, it } from 'vitest'
import { BASE_TIME, buildSpan, buildTrace, exportSpans, type UseStore } from './builders.js'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'

/** A span that carries all a span can carry. */
const fullSpan: SpanData = {
  traceId: TRACE_ID,
  spanId: 'b7ad6b7169203331',
  parentSpanId: '00f067aa0ba902b7',
  name: 'größe 😀',
  kind: 'consumer',
  service: 'orders',
  startTime: BASE_TIME + 0.123,
  startNanos: 456,
  duration: 12.345,
  durationNanos: 678,
  status: 'error',
  statusMessage: 'boom',
  attributes: { text: 'a', number: 1.5, flag: false, list: ['a', 'b'], numbers: [1, 2], none: [] },
  events: [{ name: 'exception', time: BASE_TIME + 1, timeNanos: 7, attributes: { 'exception.type': 'Error' }, droppedAttributes: 1 }],
  links: [{ traceId: '1'.repeat(32), spanId: '1'.repeat(16), flags: 1, traceState: 'a=b', attributes: { a: 1 }, droppedAttributes: 2 }],
  scope: { name: 'pg', version: '8.0.0', attributes: { a: true } },
  resource: { attributes: { 'service.name': 'orders', 'service.version': '1.0.0' } },
  flags: 3,
  traceState: 'ot=th:8',
  parentIsRemote: true,
  droppedAttributes: 3,
  droppedEvents: 4,
  droppedLinks: 5,
}

/** How traces are found by an id. */
export function testLookups(useStore: UseStore): void {
  it(
    'gives a span back with all it carried',
    useStore(async (store) => {
      await exportSpans(store, [fullSpan])
      expect(await store.getTrace(TRACE_ID)).toEqual(joinTrace([fullSpan]))
    }),
  )

  it(
    'finds a trace by its id in upper case and as a UUID',
    useStore(async (store) => {
      await exportSpans(store, [buildSpan({ traceId: TRACE_ID })])
      for (const id of [TRACE_ID.toUpperCase(), '0af76519-16cd-43dd-8448-eb211c80319c', '0AF76519-16CD-43DD-8448-EB211C80319C']) {
        expect((await store.getTrace(id))?.traceId).toBe(TRACE_ID)
      }
    }),
  )

  it(
    'knows no trace by another id',
    useStore(async (store) => {
      await exportSpans(store, [buildSpan({ traceId: TRACE_ID })])
      for (const id of ['f'.repeat(32), 'abc-123', TRACE_ID.slice(1), '', ' ']) expect(await store.getTrace(id)).toBeUndefined()
    }),
  )

  testExternalIds(useStore)
}

function testExternalIds(useStore: UseStore): void {
  it(
    'finds by an external id the trace that started last',
    useStore(async (store) => {
      const attributes = { 'trace.external_id': 'ticket/7' }
      const starts = [BASE_TIME + 1, BASE_TIME + 3, BASE_TIME + 2]
      await exportSpans(
        store,
        starts.map((startTime, index) => buildTrace(index + 1, { attributes, startTime })),
      )
      expect(await store.getTrace('ticket/7')).toMatchObject({ startTime: BASE_TIME + 3, externalId: 'ticket/7' })
      expect((await store.findTraces()).items.map((item) => item.externalId)).toEqual(['ticket/7', 'ticket/7', 'ticket/7'])
    }),
  )

  it(
    'finds by an external id the trace whose id is derived from it',
    useStore(async (store) => {
      const traceId = createHash('sha256').update('abc-123').digest('hex').slice(0, 32)
      await exportSpans(store, [buildSpan({ traceId })])
      expect((await store.getTrace('abc-123'))?.traceId).toBe(traceId)
    }),
  )
}
