// What the names mean that the examples in the doc blocks of this package use and do not make. They are run by scripts/test/examples.test.ts.
import { joinTrace, traceTree } from '@clew/analysis'
import type { SpanNode, Trace } from '@clew/analysis'
import type { HistogramPoint, SpanData } from '@clew/core'
import { call as callTo, db, makeSpan, makeSpans } from './support/span-factory.js'

const address = { 'http.request.method': 'POST', 'server.address': '127.0.0.1', 'server.port': 4001 }
export const spans: SpanData[] = makeSpans([
  'GET /checkout',
  { kind: 'server', service: 'gateway', lasts: 2_500 },
  [
    [
      'POST',
      { kind: 'client', attributes: address, at: 10, lasts: 2_450 },
      [
        [
          'POST /orders',
          { kind: 'server', service: 'orders', at: 20, lasts: 2_430 },
          [['rows', { ...db('SELECT orders'), at: 25, lasts: 2_412 }]],
        ],
      ],
    ],
  ],
])
export const trace: Trace = joinTrace(spans)
export const node: SpanNode = [...traceTree(trace).nodes.values()].find(({ span }) => span.name === 'POST') as SpanNode
export const client: SpanData = makeSpan('a', callTo('payments.internal'))
export const query: SpanData = makeSpan('b', db('SELECT orders'))
export const request: SpanData = makeSpan('c', { kind: 'server', name: 'GET /orders/:id' })
export const charge: SpanData = makeSpan('d', {
  status: 'error',
  events: [{ name: 'exception', time: 0, attributes: { 'exception.type': 'CardError', 'exception.message': 'card declined' } }],
})
export const call: SpanData = makeSpan('e', {
  ...callTo('payments.internal'),
  status: 'error',
  attributes: { 'http.response.status_code': 503 },
})
export const point: HistogramPoint = {
  attributes: { 'http.route': '/orders/:id' },
  startTime: 0,
  time: 60_000,
  count: 2,
  sum: 3,
  scale: 3,
  zeroCount: 0,
  zeroThreshold: 0,
  offset: 0,
  bucketCounts: [1, 1],
}
export const points: HistogramPoint[] = [point]
