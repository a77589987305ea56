import type { SpanData } from '@clew/core'
import { drawTrace, toHexId } from './shop-spans.js'
import type { SpanSketch } from './shop-spans.js'

/** Ids that tests look for. */
export const SLOW_ID = '5105105105105105105105105105105a'
export const FAILED_ID = 'fa11fa11fa11fa11fa11fa11fa11fa11'
export const HOSTILE_ID = 'bad0bad0bad0bad0bad0bad0bad0bad0'
export const BIG_ID = 'b16b16b16b16b16b16b16b16b16b16b1'

/** How many spans the big trace has. */
export const BIG_SPANS = 3_000

/** A server span and the client span that called it, of which only `ms` of the server's are told. */
function call(from: string, to: string, route: string, server: Omit<SpanSketch, 'service' | 'name'> & { status?: number }): SpanSketch {
  const [method = 'GET', path = '/'] = route.split(' ')
  const { status = 200, ...rest } = server
  const failed = status >= 500 ? { failed: `Request failed with status ${status}` } : {}
  return {
    service: from,
    name: method,
    kind: 'client',
    at: server.at - 1.2,
    ms: server.ms + 2.6,
    attributes: {
      'http.request.method': method,
      'server.address': to,
      'url.full': `http://${to}${path}`,
      'http.response.status_code': status,
    },
    ...failed,
    children: [
      {
        service: to,
        name: route,
        kind: 'server',
        attributes: { 'http.request.method': method, 'http.route': path, 'url.path': path, 'http.response.status_code': status },
        ...failed,
        ...rest,
      },
    ],
  }
}

function query(service: string, name: string, at: number, ms: number, text: string): SpanSketch {
  const attributes = {
    'db.system.name': 'postgresql',
    'db.operation.name': name.split(' ')[0]!,
    'db.query.text': text,
    'server.address': 'pg-1',
  }
  return { service, name, kind: 'client', at, ms, attributes }
}

function gateway(route: string, ms: number, status: number, children: readonly SpanSketch[]): SpanSketch {
  const [method = 'GET', path = '/'] = route.split(' ')
  return {
    service: 'gateway',
    name: route,
    kind: 'server',
    at: 0,
    ms,
    attributes: {
      'http.request.method': method,
      'http.route': path,
      'url.path': path.replace(':id', '81724'),
      'http.response.status_code': status,
      'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64)',
      'client.address': '10.3.0.17',
    },
    ...(status >= 500 ? { failed: 'Answered 502' } : {}),
    children,
  }
}

/** 2.5 s, of which the orders service waits 2.35 s for one query. */
export function slowTrace(startTime: number): SpanData[] {
  const select = 'SELECT o.*, i.* FROM orders o JOIN items i ON i.order_id = o.id WHERE o.customer_id = ? ORDER BY o.created_at DESC'
  const orders: SpanSketch[] = [
    {
      service: 'orders',
      name: 'loadCustomer',
      at: 24,
      ms: 9,
      children: [query('orders', 'SELECT customers', 25, 7, 'SELECT * FROM customers WHERE id = ?')],
    },
    query('orders', 'SELECT orders', 36, 2_352, select),
    {
      service: 'orders',
      name: 'GET',
      kind: 'client',
      at: 2_390,
      ms: 3,
      attributes: { 'db.system.name': 'redis', 'db.operation.name': 'GET' },
    },
    call('orders', 'inventory', 'GET /stock/:sku', {
      at: 2_396,
      ms: 41,
      children: [query('inventory', 'SELECT stock', 2_399, 30, 'SELECT * FROM stock WHERE sku IN (?, ?, ?)')],
    }),
  ]
  return drawTrace(SLOW_ID, startTime, [
    gateway('POST /checkout', 2_500, 200, [
      call('gateway', 'auth', 'POST /verify', { at: 5, ms: 11, children: [{ service: 'auth', name: 'verify token', at: 7, ms: 8 }] }),
      call('gateway', 'orders', 'POST /orders', { at: 21, ms: 2_420, children: orders }),
      call('gateway', 'payments', 'POST /charge', {
        at: 2_446,
        ms: 47,
        children: [{ service: 'payments', name: 'charge card', at: 2_450, ms: 40 }],
      }),
      { service: 'gateway', name: 'render', at: 2_496, ms: 3 },
    ]),
  ])
}

const STACK = `CardDeclinedError: card was declined by the issuer
    at charge (/srv/payments/src/charge.ts:41:11)
    at async handler (/srv/payments/src/server.ts:18:20)
    at async /srv/payments/node_modules/express/lib/router/layer.js:152:17`

/** Fails in payments; the failure crosses orders and the gateway. */
export function failedTrace(startTime: number): SpanData[] {
  const exception = {
    'exception.type': 'CardDeclinedError',
    'exception.message': 'card was declined by the issuer',
    'exception.stacktrace': STACK,
  }
  const charge: SpanSketch = {
    service: 'payments',
    name: 'charge card',
    at: 68,
    ms: 101,
    failed: 'card was declined by the issuer',
    attributes: { 'error.type': 'CardDeclinedError', 'payment.provider': 'examplepay', 'payment.attempt': 2, 'payment.amount': 129.9 },
    events: [
      { name: 'retry', time: 120, attributes: { 'retry.reason': 'timeout' } },
      { name: 'exception', time: 168, attributes: exception },
    ],
  }
  return drawTrace(FAILED_ID, startTime, [
    gateway('POST /checkout', 190, 502, [
      call('gateway', 'auth', 'POST /verify', { at: 4, ms: 12 }),
      call('gateway', 'orders', 'POST /orders', {
        at: 22,
        ms: 160,
        status: 500,
        children: [
          query('orders', 'INSERT orders', 26, 14, 'INSERT INTO orders (customer_id, total) VALUES (?, ?)'),
          call('orders', 'inventory', 'POST /reserve', { at: 43, ms: 16 }),
          call('orders', 'payments', 'POST /charge', { at: 64, ms: 108, status: 500, children: [charge] }),
        ],
      }),
    ]),
    {
      service: 'notifier',
      name: 'process mail',
      kind: 'consumer',
      at: 230,
      ms: 31,
      parentSpanId: '00000000deadbeef',
      attributes: { 'messaging.system': 'queue' },
    },
  ])
}

/** A report that asks the database once per row. */
export function bigTrace(startTime: number, spanCount: number = BIG_SPANS): SpanData[] {
  const rows = Math.floor((spanCount - 3) / 3)
  const step = 1_480 / rows
  const children = Array.from({ length: rows }, (_, index): SpanSketch => {
    const at = 8 + index * step
    return {
      service: 'reports',
      name: 'row',
      at,
      ms: step * 0.95,
      children: [
        query('reports', 'SELECT totals', at + step * 0.1, step * 0.6, 'SELECT sum(total) FROM orders WHERE day = ?'),
        {
          service: 'reports',
          name: 'format',
          at: at + step * 0.75,
          ms: step * 0.15,
          ...(index === rows - 40 ? { failed: 'Invalid currency' } : {}),
        },
      ],
    }
  })
  const padding = Array.from({ length: spanCount - 3 - rows * 3 }, (): SpanSketch => ({
    service: 'gateway',
    name: 'write',
    at: 1_510,
    ms: 1,
  }))
  return drawTrace(BIG_ID, startTime, [
    gateway('GET /reports/:id', 1_520, 200, [call('gateway', 'reports', 'GET /reports/:id', { at: 4, ms: 1_500, children }), ...padding]),
  ])
}

/** Everyday requests, the newest last, from `startTime` on at one every 3.7 s. */
export function everydayTraces(startTime: number, count: number): SpanData[][] {
  return Array.from({ length: count }, (_, index) => {
    const at = startTime + index * 3_700
    const id = toHexId(index + 1, 32)
    const ms = 12 + ((index * 37) % 83)
    if (index % 5 === 4)
      return drawTrace(id, at, [gateway('GET /products', ms, 200, [call('gateway', 'inventory', 'GET /stock', { at: 4, ms: ms - 9 })])])
    const orders = call('gateway', 'orders', 'GET /orders/:id', {
      at: 9,
      ms: ms + 10,
      children: [query('orders', 'SELECT orders', 12, ms, 'SELECT * FROM orders WHERE id = ?')],
    })
    return drawTrace(id, at, [
      gateway('GET /orders/:id', ms + 24, index % 11 === 3 ? 404 : 200, [
        call('gateway', 'auth', 'POST /verify', { at: 2, ms: 4 }),
        orders,
      ]),
    ])
  })
}

/** What a page must bear: names that are long, reverse text or hold markup, 120 services, and calls 40 deep. */
export function hostileTrace(startTime: number): SpanData[] {
  const long = 'inventory-reservation-and-fulfilment-orchestrator.eu-central-1.prod'
  const chain = (depth: number): SpanSketch => ({
    service: depth % 2 === 0 ? `${long}-${depth}` : 'short',
    name: depth === 20 ? `GET /${'x'.repeat(100_000)}` : `step ${depth} with a name of some length`,
    kind: 'server',
    at: depth,
    ms: 1_000 - depth * 2,
    children: depth < 40 ? [chain(depth + 1)] : [],
  })
  const many = Array.from({ length: 120 }, (_, index) => ({ service: `service-${index}`, name: 'work', at: 2_000 + index * 5, ms: 5 }))
  const reversed = {
    service: `pay\u202estnem${long}`,
    name: 'charge \u2067<b>card</b>\u202e\n now',
    at: 1_000,
    ms: 900,
    failed: `declined \u202ereverse me ${'y'.repeat(5_000)}`,
    attributes: { 'note\u202e': 'z'.repeat(20_000) },
  }
  const root = { service: `${long}.gateway`, name: `POST /\u202e${'w'.repeat(100_000)}`, kind: 'server' as const, at: 0, ms: 3_000 }
  return drawTrace(HOSTILE_ID, startTime, [{ ...root, failed: 'no', children: [chain(1), reversed, ...many] }])
}
