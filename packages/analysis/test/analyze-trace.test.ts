import { analyzeTrace, joinTrace } from '@clew/analysis'
import type { BreakdownRow } from '@clew/analysis'
import { describe, expect, it } from 'vitest'
import { call, db, makeSpan, makeSpans, T0, thrown } from './support/span-factory.js'
import type { Branch } from './support/span-factory.js'

function explain(branch: Branch, ...others: readonly Branch[]): ReturnType<typeof analyzeTrace> {
  return analyzeTrace(joinTrace([branch, ...others].flatMap((tree) => makeSpans(tree))))
}

interface Case {
  readonly title: string
  readonly trace: readonly Branch[]
  readonly message: string
  /** What a person should look at first. */
  readonly look: string
  readonly severity?: 'info' | 'warning' | 'error'
}

const server = { kind: 'server' } as const

const SLOW_CHECKOUTS: readonly Case[] = [
  {
    title: 'orders, of gateway 5 ms, auth 10, orders 2,500 and payment 50 one after another',
    trace: [
      [
        'GET /checkout',
        { ...server, service: 'gateway', lasts: 2565 },
        [
          ['POST /auth', { ...server, service: 'auth', at: 2, lasts: 10 }],
          ['POST /orders', { ...server, service: 'orders', at: 13, lasts: 2500 }],
          ['POST /payment', { ...server, service: 'payment', at: 2514, lasts: 50 }],
        ],
      ],
    ],
    message: 'orders: 2,500 of 2,565 ms (97 %), in `POST /orders`',
    look: 'POST /orders',
    severity: 'warning',
  },
  {
    title: 'orders, where it calls payment itself',
    trace: [
      [
        'GET /checkout',
        { ...server, service: 'gateway', lasts: 2515 },
        [
          ['POST /auth', { ...server, service: 'auth', at: 3, lasts: 10 }],
          [
            'POST /orders',
            { ...server, service: 'orders', at: 14, lasts: 2500 },
            [['POST /payment', { ...server, service: 'payment', at: 1000, lasts: 50 }]],
          ],
        ],
      ],
    ],
    message: 'orders: 2,450 of 2,515 ms (97 %), in `POST /orders` itself',
    look: 'POST /orders',
    severity: 'warning',
  },
  {
    title: "the statement in orders, where orders' own database call is traced",
    trace: [
      [
        'GET /checkout',
        { ...server, service: 'gateway', lasts: 2500 },
        [
          ['call auth', { ...call('auth'), at: 1, lasts: 10 }, [['POST /auth', { ...server, service: 'auth', at: 2, lasts: 8 }]]],
          [
            'call orders',
            { ...call('orders'), at: 12, lasts: 2430 },
            [
              [
                'POST /orders',
                { ...server, service: 'orders', at: 13, lasts: 2428 },
                [['select', { ...db('SELECT orders'), at: 20, lasts: 2412 }]],
              ],
            ],
          ],
          [
            'call payment',
            { ...call('payment'), at: 2445, lasts: 50 },
            [['POST /pay', { ...server, service: 'payment', at: 2446, lasts: 48 }]],
          ],
        ],
      ],
    ],
    message: 'orders: 2,412 of 2,500 ms (96 %), in `SELECT orders`',
    look: 'select',
    severity: 'warning',
  },
  {
    title: 'the database write, then the database query, of a checkout of 523 ms',
    trace: [
      [
        'POST /checkout',
        { ...server, service: 'checkout', lasts: 523 },
        [
          ['validate', { at: 2, lasts: 12 }],
          ['query', { ...db('SELECT carts'), at: 16, lasts: 140 }],
          ['write', { ...db('INSERT orders'), at: 158, lasts: 310 }],
          ['notify', { at: 470, lasts: 20 }],
        ],
      ],
    ],
    message: 'checkout: 310 of 523 ms (59 %), in `INSERT orders`; then 140 ms (27 %) in `SELECT carts`',
    look: 'write',
    severity: 'warning',
  },
  {
    title: 'the charge, of a checkout of 450 ms with an order of 380',
    trace: [
      [
        'POST /checkout',
        { ...server, service: 'checkout', lasts: 450 },
        [
          ['authenticate', { at: 5, lasts: 12 }],
          [
            'createOrder',
            { at: 30, lasts: 380 },
            [
              ['SELECT', { ...db('SELECT carts'), at: 40, lasts: 95 }],
              ['redis', { kind: 'client', attributes: { 'db.system.name': 'redis' }, at: 140, lasts: 3 }],
              ['charge', { ...call('payments.example'), name: 'charge', at: 160, lasts: 180 }],
            ],
          ],
          ['serialize', { at: 430, lasts: 8 }],
        ],
      ],
    ],
    message: 'checkout: 180 of 450 ms (40 %), in `charge`; then 95 ms (21 %) in `SELECT carts`',
    look: 'charge',
    severity: 'warning',
  },
]

const BOTTLENECKS: readonly Case[] = [
  {
    title: 'a handler that does all by itself',
    trace: [['GET /', { ...server, lasts: 40 }]],
    message: 'api: 40 of 40 ms (100 %), in `GET /`',
    look: 'GET /',
    severity: 'info',
  },
  {
    title: 'a call to a server that is not traced',
    trace: [['GET /', { ...server, service: 'gateway', lasts: 300 }, [['call', { ...call('payments.internal'), at: 10, lasts: 280 }]]]],
    message: 'gateway: 280 of 300 ms (93 %), in `GET payments.internal`',
    look: 'call',
    severity: 'warning',
  },
  {
    title: 'the way to a server that answered quickly',
    trace: [
      [
        'GET /',
        { ...server, service: 'gateway', lasts: 500 },
        [
          [
            'call',
            { ...call('orders.internal'), at: 10, lasts: 480 },
            [['GET /orders', { ...server, service: 'orders', at: 460, lasts: 20 }]],
          ],
        ],
      ],
    ],
    message: 'gateway: 460 of 500 ms (92 %), in `GET orders.internal` outside orders',
    look: 'call',
    severity: 'warning',
  },
  {
    title: 'the way to a server that was called several times',
    trace: [
      [
        'GET /',
        { ...server, service: 'gateway', lasts: 1000 },
        [0, 1, 2].map((number): Branch => {
          const answer: Branch = [`GET /p ${number}`, { ...server, service: 'p', at: number * 330 + 200, lasts: 100 }]
          return [`call ${number}`, { ...call('p.internal'), at: number * 330, lasts: 320 }, [answer]]
        }),
      ],
    ],
    message: 'gateway: 660 of 1,000 ms (66 %), in 3 × `GET p.internal` outside p; then p: 100 ms (10 %) in `GET /p 0`',
    look: 'call 0',
    severity: 'warning',
  },
  {
    title: 'the longest of several parallel calls, and only that',
    trace: [
      [
        'GET /',
        { ...server, lasts: 200 },
        [
          ['a', { ...db('SELECT a'), at: 5, lasts: 190 }],
          ['b', { ...db('SELECT b'), at: 5, lasts: 150 }],
          ['c', { ...db('SELECT c'), at: 5, lasts: 180 }],
        ],
      ],
    ],
    message: 'api: 190 of 200 ms (95 %), in `SELECT a`',
    look: 'a',
    severity: 'warning',
  },
  {
    title: 'a statement repeated many times, as one thing',
    trace: [
      [
        'GET /list',
        { ...server, lasts: 600 },
        [
          ...Array.from({ length: 100 }, (_, index): Branch => [
            `item ${index}`,
            { ...db('SELECT items'), at: 20 + index * 5, lasts: 4.5 },
          ]),
          ['render', { at: 530, lasts: 60 }],
        ],
      ],
    ],
    message: 'api: 450 of 600 ms (75 %), in 100 × `SELECT items`; then 60 ms (10 %) in `render`',
    look: 'item 0',
    severity: 'warning',
  },
  {
    title: "the service's share and its longest part, where that part does not speak for the service",
    trace: [
      [
        'GET /',
        { ...server, service: 'gateway', lasts: 1000 },
        [
          [
            'GET /orders',
            { ...server, service: 'orders', at: 50, lasts: 900 },
            [
              ['select', { ...db('SELECT orders'), at: 60, lasts: 500 }],
              ['lock', { ...db('SET lock'), at: 600, lasts: 300 }],
            ],
          ],
        ],
      ],
    ],
    message: 'orders: 900 of 1,000 ms (90 %), 500 ms of it in `SELECT orders`; then 300 ms (30 %) in `SET lock`',
    look: 'select',
    severity: 'warning',
  },
  {
    title: 'the second operation with its service where that is another one',
    trace: [
      [
        'GET /',
        { ...server, service: 'gateway', lasts: 100 },
        [
          ['A', { ...server, service: 'a', at: 0, lasts: 60 }],
          ['B', { ...server, service: 'b', at: 60, lasts: 38 }],
        ],
      ],
    ],
    message: 'a: 60 of 100 ms (60 %), in `A`; then b: 38 ms (38 %) in `B`',
    look: 'A',
    severity: 'info',
  },
  {
    title: 'nothing alarming in an evenly spread request, however slow',
    trace: [
      [
        'GET /',
        { ...server, lasts: 1000 },
        Array.from({ length: 10 }, (_, index): Branch => [`step ${index}`, { at: index * 100, lasts: 100 }]),
      ],
    ],
    message: 'api: 100 of 1,000 ms (10 %), in `step 0`; then 100 ms (10 %) in `step 1`',
    look: 'step 0',
    severity: 'info',
  },
  {
    title: 'nothing alarming in a fast request, however lopsided',
    trace: [['GET /', { ...server, lasts: 4.25 }, [['select', { ...db('SELECT users'), at: 0.25, lasts: 3.75 }]]]],
    message: 'api: 3.8 of 4.3 ms (88 %), in `SELECT users`',
    look: 'select',
    severity: 'info',
  },
  {
    title: 'the request, not what ran on after its response',
    trace: [
      [
        'GET /',
        { ...server, lasts: 100 },
        [
          ['audit', { at: 20, lasts: 5000 }],
          ['select', { ...db('SELECT users'), at: 10, lasts: 80 }],
        ],
      ],
    ],
    message: 'api: 80 of 100 ms (80 %), in `SELECT users`',
    look: 'select',
    severity: 'info',
  },
  {
    title: 'the request, not a message that was taken meanwhile',
    trace: [
      [
        'POST /',
        { ...server, lasts: 300 },
        [
          [
            'send jobs',
            { kind: 'producer', at: 5, lasts: 50 },
            [['process jobs', { kind: 'consumer', service: 'worker', at: 10, lasts: 280 }]],
          ],
          ['select', { ...db('SELECT users'), at: 60, lasts: 220 }],
        ],
      ],
    ],
    message: 'api: 220 of 300 ms (73 %), in `SELECT users`; then 50 ms (17 %) in `send jobs`',
    look: 'select',
    severity: 'warning',
  },
  {
    title: 'the server behind a hop that is not traced',
    trace: [
      ['GET /', { ...server, service: 'gateway', lasts: 400 }, [['call', { ...call('legacy'), at: 10, lasts: 380 }]]],
      ['POST /notify', { ...server, service: 'notifier', at: 20, lasts: 360 }],
    ],
    message: 'notifier: 360 of 400 ms (90 %), in `POST /notify`',
    look: 'POST /notify',
    severity: 'warning',
  },
  {
    title: 'a server that streamed on after its client had the head of the response',
    trace: [
      [
        'GET /',
        { ...server, service: 'gateway', lasts: 500 },
        [['call', { ...call('files'), at: 0, lasts: 450 }, [['GET /file', { ...server, service: 'files', at: 1, lasts: 900 }]]]],
      ],
    ],
    message: 'files: 449 of 500 ms (90 %), in `GET /file`',
    look: 'GET /file',
    severity: 'warning',
  },
]

const FAILURES: readonly Case[] = [
  {
    title: 'the deepest failed span and its way up through the services',
    trace: [
      [
        'POST /checkout',
        { ...server, service: 'gateway', status: 'error', attributes: { 'error.type': '500' }, lasts: 200 },
        [
          [
            'call orders',
            { ...call('orders'), status: 'error', lasts: 190 },
            [
              [
                'POST /orders',
                { ...server, service: 'orders', status: 'error', at: 1, lasts: 180 },
                [
                  [
                    'call payments',
                    { ...call('payments'), status: 'error', at: 20, lasts: 150 },
                    [
                      [
                        'POST /charges',
                        { ...server, service: 'payments', status: 'error', at: 21, lasts: 140 },
                        [['charge', { ...thrown('CardError', 'card declined'), at: 30, lasts: 120 }]],
                      ],
                    ],
                  ],
                ],
              ],
            ],
          ],
        ],
      ],
    ],
    message: 'payments: CardError: card declined, in `charge`; passed up through orders to gateway',
    look: 'charge',
    severity: 'error',
  },
  {
    title: 'an error that stayed in its service',
    trace: [['GET /', { ...server, ...thrown('TypeError', "Cannot read properties of undefined (reading 'id')"), lasts: 5 }]],
    message: "api: TypeError: Cannot read properties of undefined (reading 'id'), in `GET /`",
    look: 'GET /',
    severity: 'error',
  },
  {
    title: 'a server that could not be reached',
    trace: [
      [
        'GET /',
        { ...server, service: 'gateway', status: 'error', attributes: { 'error.type': '502' }, lasts: 20 },
        [
          [
            'call',
            {
              ...call('users'),
              status: 'error',
              statusMessage: 'connect ECONNREFUSED',
              attributes: { ...call('users').attributes, 'error.type': 'ECONNREFUSED' },
              lasts: 10,
            },
          ],
        ],
      ],
    ],
    message: 'gateway: ECONNREFUSED: connect ECONNREFUSED, in `GET users`',
    look: 'call',
    severity: 'error',
  },
  {
    title: 'the attempt that ended the request, not the one that was retried',
    trace: [
      [
        'GET /',
        { ...server, status: 'error', lasts: 100 },
        [
          ['first try', { ...thrown('TimeoutError', 'took too long'), at: 0, lasts: 40 }],
          ['second try', { ...thrown('PaymentError', 'no such account'), at: 50, lasts: 40 }],
        ],
      ],
    ],
    message: 'api: PaymentError: no such account, in `second try`',
    look: 'second try',
    severity: 'error',
  },
  {
    title: 'the failure that rejected the request, not a slower one beside it',
    trace: [
      [
        'GET /',
        { ...server, status: 'error', lasts: 60 },
        [
          ['fast', { ...thrown('QuotaError', 'over quota'), at: 0, lasts: 50 }],
          ['slow', { ...thrown('TimeoutError', 'took too long'), at: 0, lasts: 500 }],
        ],
      ],
    ],
    message: 'api: QuotaError: over quota, in `fast`',
    look: 'fast',
    severity: 'error',
  },
  {
    title: "the handler's own exception, not an error below a call that succeeded",
    trace: [
      [
        'GET /',
        { ...server, ...thrown('RangeError', 'bad page'), lasts: 60 },
        [['cached', { at: 0, lasts: 20 }, [['redis', { ...thrown('ECONNRESET', 'connection lost'), at: 1, lasts: 5 }]]]],
      ],
    ],
    message: 'api: RangeError: bad page, in `GET /`',
    look: 'GET /',
    severity: 'error',
  },
  {
    title: 'a cause below a span that does not know of it',
    trace: [
      [
        'GET /',
        { ...server, service: 'gateway', status: 'error', attributes: { 'error.type': '500' }, lasts: 60 },
        [
          [
            'helper',
            { at: 0, lasts: 50 },
            [['query', { ...db('SELECT users'), status: 'error', statusMessage: 'deadlock detected', at: 1, lasts: 40 }]],
          ],
        ],
      ],
    ],
    message: 'gateway: deadlock detected, in `SELECT users`',
    look: 'query',
    severity: 'error',
  },
  {
    title: 'the last span that can have caused it, not a message that failed later below one that succeeded',
    trace: [
      [
        'POST /',
        { ...server, status: 'error', lasts: 60 },
        [
          [
            'step',
            { status: 'error', statusMessage: 'no luck', at: 0, lasts: 50 },
            [
              [
                'publish',
                { at: 1, lasts: 9 },
                [
                  [
                    'send',
                    { kind: 'producer', at: 2, lasts: 3 },
                    [['process', { ...thrown('E', 'later'), kind: 'consumer', service: 'worker', at: 40, lasts: 5 }]],
                  ],
                ],
              ],
            ],
          ],
        ],
      ],
    ],
    message: 'api: no luck, in `step`',
    look: 'step',
    severity: 'error',
  },
  {
    title: 'a consumer that failed after the response',
    trace: [
      [
        'POST /',
        { ...server, lasts: 10 },
        [
          [
            'send',
            { kind: 'producer', at: 2, lasts: 3 },
            [['process', { ...thrown('MailError', 'mailbox full'), kind: 'consumer', service: 'notifier', at: 40, lasts: 90 }]],
          ],
        ],
      ],
    ],
    message: 'notifier: MailError: mailbox full, in `process`; the request itself did not fail',
    look: 'process',
    severity: 'error',
  },
  {
    title: 'an error that was handled, in a fast request',
    trace: [
      ['GET /', { ...server, service: 'web', lasts: 20 }, [['redis', { ...thrown('ECONNRESET', 'connection lost'), at: 1, lasts: 5 }]]],
    ],
    message: 'web: ECONNRESET: connection lost, in `redis`; the request itself did not fail',
    look: 'redis',
    severity: 'warning',
  },
  {
    title: 'an older span that says so with attributes alone',
    trace: [['GET /', { ...server, attributes: { error: true, 'error.message': 'out of stock' }, lasts: 20 }]],
    message: 'api: out of stock, in `GET /`',
    look: 'GET /',
    severity: 'error',
  },
  {
    title: 'a bare status code where nothing else is known',
    trace: [['GET /', { ...server, status: 'error', attributes: { 'http.status_code': 503 }, lasts: 20 }]],
    message: 'api: HTTP 503, in `GET /`',
    look: 'GET /',
    severity: 'error',
  },
]

describe('the first finding', () => {
  describe.each([
    ['of a slow checkout names', SLOW_CHECKOUTS],
    ['of a request that succeeded names', BOTTLENECKS],
    ['of a failure names', FAILURES],
  ])('%s', (_, cases) => {
    it.each(cases)('$title', ({ trace, message, look, severity }) => {
      const [finding] = explain(trace[0]!, ...trace.slice(1)).findings
      expect(finding?.message).toBe(message)
      expect(finding?.spanIds[0]).toBe(look)
      expect(finding?.severity).toBe(severity)
    })
  })

  it('is a significant bottleneck rather than an error that was handled', () => {
    const { findings } = explain([
      'GET /',
      { ...server, lasts: 900 },
      [
        ['redis', { ...thrown('ECONNRESET', 'connection lost'), at: 1, lasts: 5 }],
        ['select', { ...db('SELECT users'), at: 10, lasts: 800 }],
      ],
    ])
    expect(findings.map(({ kind, severity }) => `${kind} ${severity}`)).toEqual(['bottleneck warning', 'root-cause warning'])
  })

  it('names both database calls of a slow checkout by their spans, in order', () => {
    const { findings } = explain(SLOW_CHECKOUTS[3]!.trace[0]!)
    expect(findings[0]?.spanIds).toEqual(['write', 'query'])
  })
})

describe('the sentences', () => {
  const address = { ...call('127.0.0.1'), at: 10, lasts: 480 }
  const answer: Branch = ['GET /orders', { ...server, service: 'orders', at: 460, lasts: 20 }]
  const inGateway = (child: Branch): Branch => ['GET /', { ...server, service: 'gateway', lasts: 500 }, [child]]

  it('call a call to a bare address by the service that answered it', () => {
    const bottleneck = explain(inGateway(['call', address, [answer]])).findings[0]
    expect(bottleneck?.message).toBe('gateway: 460 of 500 ms (92 %), in `GET orders` outside orders')
    expect(bottleneck?.evidence['operation']).toBe('GET orders')
    const failed: Branch = ['call', { ...address, ...thrown('ECONNRESET', 'read failed'), attributes: address.attributes }, [answer]]
    const cause = explain(inGateway(failed)).findings.find(({ kind }) => kind === 'root-cause')
    expect(cause?.message).toBe('gateway: ECONNRESET: read failed, in `GET orders`; the request itself did not fail')
    expect(cause?.evidence['operation']).toBe('GET orders')
  })

  it('cut names of more than 120 characters, and never within a character', () => {
    const name = `${'n'.repeat(118)}🧶🧶 and more`
    const service = 's'.repeat(121)
    const cut = { name: `${'n'.repeat(118)}…`, service: `${'s'.repeat(119)}…` }
    const work: Branch = [name, { service, at: 10, lasts: 480, ...thrown('Error', 'broken') }]
    const [cause, bottleneck] = explain(['GET /', { ...server, service, lasts: 500, status: 'error' }, [work]]).findings
    expect(cause?.message).toBe(`${cut.service}: Error: broken, in \`${cut.name}\``)
    expect(bottleneck?.message).toBe(`${cut.service}: 480 of 500 ms (96 %), in \`${cut.name}\``)
    expect(cause?.evidence['operation']).toBe(name)
    const [orphan] = joinTrace(makeSpans(['a', { kind: 'server' }]).concat(makeSpans([name, { service, parentSpanId: 'lost' }]))).issues
    expect(orphan?.message).toBe(`The parent of \`${cut.name}\` in ${cut.service} was not recorded`)
  })
})

describe('the further findings', () => {
  it('follow the cause of a failure with the bottleneck', () => {
    const { findings } = explain(FAILURES[0]!.trace[0]!)
    expect(findings.map(({ kind }) => kind)).toEqual(['root-cause', 'bottleneck'])
    expect(findings[0]?.spanIds).toEqual(['charge', 'POST /charges', 'call payments', 'POST /orders', 'call orders', 'POST /checkout'])
    expect(findings[0]?.evidence).toMatchObject({ service: 'payments', type: 'CardError', message: 'card declined', failedSpans: 6 })
  })

  it('take a refused call that was handled for a remark', () => {
    const refused = {
      ...call('users'),
      status: 'error',
      attributes: { ...call('users').attributes, 'http.response.status_code': 404 },
    } as const
    const { findings } = explain(['GET /', { ...server, lasts: 20 }, [['call', { ...refused, at: 1, lasts: 5 }]]])
    expect(findings.find(({ kind }) => kind === 'root-cause')).toMatchObject({
      severity: 'info',
      message: 'api: HTTP 404, in `GET users`; the request itself did not fail',
    })
  })

  it('say that spans are missing', () => {
    const { findings } = explain(
      ['GET /', { ...server, lasts: 20 }],
      ['lost', { service: 'orders', parentSpanId: 'gone', at: 5, lasts: 3 }],
    )
    expect(findings.at(-1)).toMatchObject({
      kind: 'incomplete',
      message: 'The parent of `lost` in orders was not recorded',
      spanIds: ['lost'],
    })
  })

  it('say that a clock differs', () => {
    const { findings } = explain([
      'GET /',
      { ...server, lasts: 100 },
      [['call', { ...call('orders'), at: 10, lasts: 80 }, [['GET /orders', { ...server, service: 'orders', at: -4980, lasts: 60 }]]]],
    ])
    expect(findings.at(-1)).toMatchObject({
      kind: 'clock-skew',
      message: 'The clock of orders is 5,000 ms behind that of api; its spans are shown shifted',
    })
  })

  it('do not exist for a trace that took no time and went well', () => {
    expect(explain(['GET /', { ...server, lasts: 0 }])).toMatchObject({ criticalPath: [], findings: [] })
  })
})

describe('the critical path', () => {
  function listPath(branch: Branch): string[] {
    return explain(branch).criticalPath.map(({ spanId, startTime, duration }) => `${spanId} ${startTime - T0}+${duration}`)
  }

  it('goes through the children in turn and gives the time between them to their parent', () => {
    expect(
      listPath([
        'root',
        { lasts: 100 },
        [
          ['a', { at: 10, lasts: 30 }],
          ['b', { at: 50, lasts: 40 }],
        ],
      ]),
    ).toEqual(['root 0+10', 'a 10+30', 'root 40+10', 'b 50+40', 'root 90+10'])
  })

  it('passes from a call into its server and back', () => {
    expect(
      listPath([
        'root',
        { lasts: 50 },
        [['call', { ...call('b'), at: 5, lasts: 40 }, [['server', { ...server, service: 'b', at: 10, lasts: 30 }]]]],
      ]),
    ).toEqual(['root 0+5', 'call 5+5', 'server 10+30', 'call 40+5', 'root 45+5'])
  })

  it('leaves out a parallel child that ended earlier', () => {
    expect(
      listPath([
        'root',
        { lasts: 100 },
        [
          ['short', { at: 0, lasts: 60 }],
          ['long', { at: 0, lasts: 100 }],
        ],
      ]),
    ).toEqual(['long 0+100'])
  })

  it('gives a gap between two children to the one that ran throughout', () => {
    expect(
      listPath([
        'root',
        { lasts: 100 },
        [
          ['first', { at: 0, lasts: 40 }],
          ['background', { at: 10, lasts: 85 }],
          ['last', { at: 45, lasts: 55 }],
        ],
      ]),
    ).toEqual(['first 0+40', 'background 40+5', 'last 45+55'])
  })

  it('continues with a child that overlaps the one taken, where nothing ended before it', () => {
    expect(
      listPath([
        'root',
        { lasts: 100 },
        [
          ['long', { at: 0, lasts: 90 }],
          ['tail', { at: 85, lasts: 15 }],
        ],
      ]),
    ).toEqual(['long 0+85', 'tail 85+15'])
  })

  it('takes ends and starts that differ by less than a clock can tell for one moment', () => {
    const third = 100 / 3
    const steps = ['first', 'second', 'last'].map((name, index): Branch => [name, { at: index * third, lasts: third + 0.0004 }])
    const { criticalPath } = explain(['root', { lasts: 100.0004 }, [['background', { at: 10, lasts: 85 }], ...steps]])
    expect(criticalPath.filter(({ duration }) => duration > 0.01).map(({ spanId }) => spanId)).toEqual(['first', 'second', 'last'])
  })

  it('waits for a child that outlived a parent which failed, as a timeout does', () => {
    expect(listPath(['root', { ...thrown('TimeoutError', 'gave up'), lasts: 50 }, [['query', { at: 5, lasts: 500 }]]])).toEqual([
      'root 0+5',
      'query 5+45',
    ])
  })

  it("counts a child that began before its parent from the parent's start on", () => {
    expect(listPath(['root', { at: 10, lasts: 50 }, [['early', { at: 0, lasts: 30 }]]])).toEqual(['early 10+20', 'root 30+30'])
  })
})

describe('the breakdown', () => {
  it('adds self time, path time and errors up per service, the longest waited for first', () => {
    const { breakdown } = explain([
      'GET /',
      { ...server, service: 'gateway', lasts: 100 },
      [
        [
          'call',
          { ...call('orders'), at: 10, lasts: 80 },
          [['GET /orders', { ...server, service: 'orders', status: 'error', at: 15, lasts: 70 }]],
        ],
        ['aside', { at: 20, lasts: 50 }],
      ],
    ])
    expect(breakdown).toEqual<BreakdownRow[]>([
      { service: 'orders', spanCount: 1, errorCount: 1, selfTime: 70, pathTime: 70, share: 0.7 },
      { service: 'gateway', spanCount: 3, errorCount: 0, selfTime: 80, pathTime: 30, share: 0.3 },
    ])
  })
})

describe('analyzeTrace', () => {
  it('gives the same answer for a trace that went through JSON', () => {
    const trace = joinTrace([
      ...makeSpans(FAILURES[0]!.trace[0]!),
      makeSpan('POST /notify', { kind: 'server', service: 'notifier', at: 25, lasts: 5 }),
    ])
    expect(analyzeTrace(JSON.parse(JSON.stringify(trace)))).toEqual(analyzeTrace(trace))
  })

  it('refuses a trace whose root is not among its spans', () => {
    const trace = joinTrace([makeSpan('a')])
    expect(() => analyzeTrace({ ...trace, root: makeSpan('b') })).toThrow(new RangeError('trace.root is not among trace.spans'))
  })
})
