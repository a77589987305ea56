import { analyzeTrace, findErrorOrigins, joinTrace } from '@clew/analysis'
import type { SpanEvent } from '@clew/core'
import { describe, expect, it } from 'vitest'
import { call, db, makeSpans, T0, thrown } from './support/span-factory.js'
import type { Branch, SpanPlan } from './support/span-factory.js'

const server = { kind: 'server' } as const

/** An exception of one's own, so many milliseconds after T0. */
function thrownAt(at: number, { type, message, stack }: { type: string; message: string; stack?: string }): Partial<SpanPlan> {
  const attributes = { 'exception.type': type, 'exception.message': message, ...(stack ? { 'exception.stacktrace': stack } : {}) }
  const event: SpanEvent = { name: 'exception', time: T0 + at, attributes }
  return { status: 'error', attributes: { 'error.type': type }, events: [event] }
}

function refused(host: string): SpanPlan {
  return { ...call(host), status: 'error', attributes: { ...call(host).attributes, 'error.type': 'ECONNREFUSED' } }
}

function answered(host: string, status: number): SpanPlan {
  const attributes = { ...call(host).attributes, 'error.type': String(status), 'http.response.status_code': status }
  return { ...call(host), status: 'error', attributes }
}

interface Case {
  readonly title: string
  readonly trace: Branch
  readonly origins: readonly string[]
  /** What the finding names; the first origin where nothing else is said. */
  readonly cause?: string
}

const TYPE_ERROR = { type: 'TypeError', message: 'Cannot read properties of undefined' }

const CASES: readonly Case[] = [
  {
    title: 'the exception of the handler, and the failed call that it had handled long before',
    trace: [
      'GET /checkout',
      { ...server, ...thrownAt(299, TYPE_ERROR), lasts: 300 },
      [
        ['cache', { ...refused('cache'), at: 5, lasts: 10 }],
        ['select', { ...db('SELECT orders'), at: 20, lasts: 200 }],
      ],
    ],
    origins: ['GET /checkout', 'cache'],
  },
  {
    title: 'the exception of the handler, thrown soon after a failed call, but with another call between',
    trace: [
      'GET /',
      { ...server, ...thrownAt(18, TYPE_ERROR), lasts: 20 },
      [
        ['cache', { ...refused('cache'), at: 1, lasts: 2 }],
        ['select', { ...db('SELECT orders'), at: 4, lasts: 12 }],
      ],
    ],
    origins: ['GET /', 'cache'],
  },
  {
    title: 'a timeout of its own, not the refused answer before it',
    trace: [
      'POST /pay',
      { ...server, ...thrownAt(290, { type: 'TimeoutError', message: 'gave up after 250 ms' }), lasts: 300 },
      [
        ['auth', { ...answered('auth', 401), at: 5, lasts: 20 }],
        ['bank', { ...call('bank'), at: 40, lasts: 250 }],
      ],
    ],
    origins: ['POST /pay', 'auth'],
  },
  {
    title: 'the failed call, where the handler threw because of its answer',
    trace: [
      'GET /',
      { ...server, ...thrownAt(52, { type: 'UpstreamError', message: 'orders answered 502' }), lasts: 53 },
      [
        ['users', { ...call('users'), at: 1, lasts: 10 }],
        [
          'orders',
          { ...answered('orders', 502), at: 12, lasts: 39 },
          [['GET /orders', { ...server, ...thrown('E', 'no'), service: 'orders', at: 13, lasts: 30 }]],
        ],
      ],
    ],
    origins: ['GET /orders'],
  },
  {
    title: 'the deepest span of an exception that every span recorded',
    trace: [
      'GET /',
      { ...server, ...thrownAt(200, { type: 'Error', message: 'deadlock detected' }), lasts: 210 },
      [
        [
          'load',
          { ...thrown('Error', 'deadlock detected'), lasts: 50 },
          [['select', { ...db('SELECT a'), ...thrown('Error', 'deadlock detected'), lasts: 40 }]],
        ],
      ],
    ],
    origins: ['select'],
  },
  {
    title: 'the cause that an exception quotes in its message, however late it was thrown',
    trace: [
      'GET /',
      { ...server, ...thrownAt(200, { type: 'OrderError', message: 'no order: connect ECONNREFUSED' }), lasts: 210 },
      [['orders', { ...call('orders'), ...thrown('Error', 'connect ECONNREFUSED'), lasts: 40 }]],
    ],
    origins: ['orders'],
  },
  {
    title: 'the cause that an exception names in its stack',
    trace: [
      'GET /',
      {
        ...server,
        ...thrownAt(200, {
          type: 'OrderError',
          message: 'no order',
          stack: 'OrderError: no order\nCaused by: Error: connect ECONNREFUSED',
        }),
        lasts: 210,
      },
      [['helper', { lasts: 50 }, [['orders', { ...call('orders'), ...thrown('Error', 'connect ECONNREFUSED'), lasts: 40 }]]]],
    ],
    origins: ['orders'],
  },
  {
    title: 'the cause of the same code, where that is all there is',
    trace: [
      'GET /',
      { ...server, ...thrownAt(200, { type: 'ECONNREFUSED', message: 'gave up' }), lasts: 210 },
      [['orders', { ...refused('orders'), lasts: 40 }]],
    ],
    origins: ['orders'],
  },
  {
    title: 'both of two errors that only their class is common to',
    trace: [
      'GET /',
      { ...server, ...thrownAt(200, TYPE_ERROR), lasts: 210 },
      [['cache', { ...call('cache'), ...thrown('TypeError', 'fetch failed'), lasts: 40 }]],
    ],
    origins: ['GET /', 'cache'],
  },
  {
    title: 'a consumer that failed too, which nobody waited for',
    trace: [
      'POST /',
      { ...server, status: 'error', statusMessage: 'no luck', lasts: 60 },
      [
        [
          'send',
          { kind: 'producer', at: 2, lasts: 3 },
          [['process', { kind: 'consumer', service: 'worker', ...thrown('E', 'later'), at: 9, lasts: 5 }]],
        ],
      ],
    ],
    origins: ['POST /', 'process'],
  },
]

describe('findErrorOrigins', () => {
  it.each(CASES)('names $title', ({ trace, origins, cause }) => {
    const joined = joinTrace(makeSpans(trace))
    expect(findErrorOrigins(joined).map(({ spanId }) => spanId)).toEqual(origins)
    const finding = analyzeTrace(joined).findings.find(({ kind }) => kind === 'root-cause')
    expect(finding?.spanIds[0]).toBe(cause ?? origins[0])
  })

  it('finds none where nothing failed', () => {
    expect(findErrorOrigins(joinTrace(makeSpans(['GET /', server, [['a', {}]]])))).toEqual([])
  })
})
