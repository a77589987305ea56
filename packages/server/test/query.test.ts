import type { Trace, TraceAnalysis } from '@clew/analysis'
import type { TraceError } from '@clew/core'
import { describe, expect, test } from 'vitest'
import { ask, createSpan, failingStore, NOON, postTraces, startServer, toPayload } from './support.js'

const checkout = [
  createSpan(1, { name: 'POST /checkout', service: 'gateway', duration: 100, resource: resourceOf('gateway', '1.0') }),
  createSpan(1, {
    spanId: 'b'.repeat(16),
    parentSpanId: createSpan(1).spanId,
    name: 'charge',
    service: 'payments',
    startTime: NOON + 1_010,
    duration: 80,
    status: 'error',
    statusMessage: 'card declined',
    attributes: { 'error.type': 'CardError', 'peer/name': 'a=b&c' },
  }),
]
const orders = [createSpan(2), createSpan(3), createSpan(4)]

function resourceOf(service: string, version: string) {
  return { attributes: { 'service.name': service, 'service.version': version, 'deployment.environment.name': 'prod' } }
}

/** What the answers of all routes hold, taken together. */
interface Body {
  items: { traceId: string }[]
  nextCursor?: string
  date: string
  error: { code: string; message: string }
  trace?: Trace
  analysis?: TraceAnalysis
}

async function startFilled(options: Parameters<typeof startServer>[0] = {}) {
  const server = await startServer(options)
  const response = await postTraces(server.url, toPayload([...checkout, ...orders]))
  expect([response.status, await response.json()]).toEqual([200, {}])
  return server
}

async function read(url: string): Promise<{ status: number; body: Body }> {
  const response = await fetch(url)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(response.headers.get('cache-control')).toBe('no-store')
  return { status: response.status, body: (await response.json()) as Body }
}

function idsOf({ items = [] }: Body): number[] {
  return items.map((item) => Number.parseInt(item.traceId, 16))
}

test('lists traces, newest first', async () => {
  await using server = await startFilled()
  const { status, body } = await read(`${server.url}/api/v1/traces`)

  expect(status).toBe(200)
  expect(idsOf(body)).toEqual([4, 3, 2, 1])
  expect(body.nextCursor).toBeUndefined()
  expect(body.items[3]).toMatchObject({ rootService: 'gateway', rootName: 'POST /checkout', duration: 100, spanCount: 2, errorCount: 1 })
})

test.each([
  ['service=payments', [1]],
  ['operation=charge', [1]],
  ['minDuration=40&maxDuration=99.5', [4]],
  ['status=error', [1]],
  ['status=ok', [4, 3, 2]],
  ['errorType=CardError', [1]],
  ['attribute.error.type=CardError', [1]],
  [`${encodeURIComponent('attribute.peer/name')}=${encodeURIComponent('a=b&c')}`, [1]],
  ['attribute.error.type=CardError&attribute.peer/name=other', []],
  ['environment=prod', [1]],
  ['version=1.0', [1]],
  ['order=slowest&limit=2', [1, 4]],
  [`from=${NOON + 2_000}&to=${NOON + 4_000}`, [3, 2]],
  ['from=2026-03-04T12:00:03Z', [4, 3]],
  ['from=2026-03-04T14:00:03%2B02:00', [4, 3]],
  ['from=2026-03-04T14:00:03+02:00', [4, 3]],
  ['to=2026-03-05', [4, 3, 2, 1]],
])('finds traces by %s', async (query, expected) => {
  await using server = await startFilled()
  const { status, body } = await read(`${server.url}/api/v1/traces?${query}`)
  expect([status, idsOf(body)]).toEqual([200, expected])
})

test('pages through all traces by cursor', async () => {
  await using server = await startFilled()
  const seen: number[] = []
  let cursor = ''
  do {
    const { body } = await read(`${server.url}/api/v1/traces?limit=1${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
    seen.push(...idsOf(body))
    cursor = body.nextCursor ?? ''
  } while (cursor && seen.length < 10)
  expect(seen).toEqual([4, 3, 2, 1])
})

test.each([
  ['servce=orders', 'INVALID_QUERY', /"servce" is not known.*service/],
  ['constructor=1', 'INVALID_QUERY', /"constructor" is not known/],
  ['__proto__=1', 'INVALID_QUERY', /"__proto__" is not known/],
  ['service=a&service=b', 'INVALID_QUERY', /service is given more than once/],
  ['service=', 'INVALID_QUERY', /service must not be empty/],
  ['attribute.=x', 'INVALID_QUERY', /attribute\. lacks the name/],
  ['attribute.a=1&attribute.a=2', 'INVALID_QUERY', /attribute\.a is given more than once/],
  ['minDuration=fast', 'INVALID_QUERY', /minDuration must be a number of milliseconds.*"fast"/],
  ['minDuration=-1', 'INVALID_QUERY', /minDuration/],
  ['minDuration=5&maxDuration=4', 'INVALID_QUERY', /minDuration is greater than maxDuration/],
  ['status=failed', 'INVALID_QUERY', /status must be error or ok.*"failed"/],
  ['order=oldest', 'INVALID_QUERY', /order must be newest or slowest/],
  ['limit=0', 'INVALID_QUERY', /limit must be a whole number from 1 to 1000/],
  ['limit=1001', 'INVALID_QUERY', /limit/],
  ['limit=2.5', 'INVALID_QUERY', /limit/],
  ['limit=0x10', 'INVALID_QUERY', /limit/],
  ['from=yesterday', 'INVALID_QUERY', /from must be epoch milliseconds or ISO 8601.*"yesterday"/],
  ['from=2026-02-31', 'INVALID_QUERY', /from/],
  ['from=2026-03-04T12:00:00', 'INVALID_QUERY', /from must be .* with a zone/],
  ['from=2&to=1', 'INVALID_QUERY', /from is greater than to/],
  ['cursor=garbage', 'INVALID_CURSOR', /cursor/i],
])('answers 400 to the query %s and names what is wrong', async (query, code, message) => {
  await using server = await startFilled()
  const { status, body } = await read(`${server.url}/api/v1/traces?${query}`)
  expect(status).toBe(400)
  expect(body).toEqual({ error: { code, message: expect.stringMatching(message) } })
})

test('explains one trace, by its id in any spelling', async () => {
  await using server = await startFilled()
  const id = createSpan(1).traceId
  const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-').toUpperCase()
  const { status, body } = await read(`${server.url}/api/v1/traces/${id}`)

  expect(status).toBe(200)
  expect(body.trace).toMatchObject({ traceId: id, duration: 100, hasErrors: true, root: { name: 'POST /checkout' } })
  expect(body.trace?.spans.map((span) => span.name)).toEqual(['POST /checkout', 'charge'])
  expect(body.analysis?.breakdown).toHaveLength(2)
  expect(body.analysis?.findings[0]?.message).toContain('payments')
  expect((await read(`${server.url}/api/v1/traces/${uuid}`)).body).toEqual(body)
})

test('finds a trace by an external id that has to be escaped', async () => {
  await using server = await startServer()
  const id = 'order/7:a=b+c'
  await postTraces(server.url, toPayload([createSpan(5, { attributes: { 'trace.external_id': id } })]))
  const { status, body } = await read(`${server.url}/api/v1/traces/${encodeURIComponent(id)}`)
  expect([status, body.trace?.traceId]).toEqual([200, createSpan(5).traceId])
})

test.each(['f'.repeat(32), 'abc-123', '%', '..%2f..%2fetc%2fpasswd', 'x'.repeat(5_000)])(
  'answers 404 to the unknown trace %s',
  async (id) => {
    await using server = await startFilled()
    const { status, body } = await read(`${server.url}/api/v1/traces/${id}`)
    expect(status).toBe(404)
    expect(body).toEqual({ error: { code: 'NOT_FOUND', message: expect.stringContaining('There is no trace') } })
  },
)

test('lists services and their operations', async () => {
  await using server = await startFilled()
  const services = await read(`${server.url}/api/v1/services`)
  const operations = await read(`${server.url}/api/v1/services/payments/operations`)

  expect(services.body.items).toMatchObject([
    { name: 'gateway', traceCount: 1, spanCount: 1, errorCount: 0, versions: ['1.0'] },
    { name: 'orders', traceCount: 3, spanCount: 3 },
    { name: 'payments', traceCount: 1, errorCount: 1 },
  ])
  expect(operations.body.items).toMatchObject([{ service: 'payments', name: 'charge', spanCount: 1, errorCount: 1 }])
  expect((await read(`${server.url}/api/v1/services/unknown/operations`)).body).toEqual({ items: [] })
})

test('lists the slowest traces, of a service where it is asked', async () => {
  await using server = await startFilled()
  expect(idsOf((await read(`${server.url}/api/v1/slow?limit=3`)).body)).toEqual([1, 4, 3])
  expect(idsOf((await read(`${server.url}/api/v1/slow?service=orders&operation=${encodeURIComponent('GET /orders/:id')}`)).body)).toEqual([
    4, 3, 2,
  ])
  expect(idsOf((await read(`${server.url}/api/v1/slow?from=${NOON + 2_000}&to=${NOON + 3_000}`)).body)).toEqual([2])
})

test('lists the errors of a UTC day, today where none is given', async () => {
  await using server = await startFilled()
  const today = await read(`${server.url}/api/v1/errors`)

  expect(today.body.date).toBe('2026-03-04')
  expect(today.body.items).toMatchObject([
    { service: 'payments', operation: 'charge', type: 'CardError', message: 'card declined', count: 1, traceIds: [createSpan(1).traceId] },
  ])
  expect((await read(`${server.url}/api/v1/errors?date=2026-03-04&service=payments&limit=1`)).body).toEqual(today.body)
  expect((await read(`${server.url}/api/v1/errors?date=2026-03-03`)).body).toEqual({ date: '2026-03-03', items: [] })
})

test.each(['2026-3-4', '2026-02-30', '2026-13-01', 'today', '2026-03-04T00:00:00Z'])(
  'answers 400 to errors of the day %s',
  async (date) => {
    await using server = await startServer()
    const { status, body } = await read(`${server.url}/api/v1/errors?date=${date}`)
    expect(status).toBe(400)
    expect(body.error).toEqual({ code: 'INVALID_QUERY', message: expect.stringMatching(/^Parameter date must be a day/) })
  },
)

test('tells how the store is', async () => {
  await using server = await startFilled()
  const { body } = await read(`${server.url}/api/v1/health`)
  expect(body).toEqual(JSON.parse(JSON.stringify(await server.store.health())))
  expect(body).toMatchObject({ kind: 'memory', traceCount: 4, spanCount: 5 })
})

test.each(['services', 'services/orders/operations', 'slow', 'errors', 'health', 'traces/abc'])(
  'refuses an unknown parameter of %s',
  async (path) => {
    await using server = await startServer()
    const { status, body } = await read(`${server.url}/api/v1/${path}?serivce=x`)
    expect([status, body.error.code]).toEqual([400, 'INVALID_QUERY'])
  },
)

test.each(['traces', 'traces/abc', 'services', 'services/a/operations', 'slow', 'errors', 'health'])(
  'answers 405 to a POST to %s',
  async (path) => {
    await using server = await startServer()
    const response = await fetch(`${server.url}/api/v1/${path}`, { method: 'POST', body: '{}' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    expect(await response.json()).toMatchObject({ error: { code: 'METHOD_NOT_ALLOWED' } })
  },
)

test('answers HEAD like GET, without a body', async () => {
  await using server = await startServer()
  const { status, body } = await ask(server.url, { path: '/api/v1/services', method: 'HEAD' })
  expect([status, body]).toEqual([200, ''])
})

test.each(['/api', '/api/', '/api/v2/traces', '/api/v1/trace', '/api/v1/traces/'])('answers 404 in JSON to %s', async (path) => {
  await using server = await startServer()
  const { status, body } = await read(server.url + path)
  expect([status, body.error.code]).toEqual([404, 'NOT_FOUND'])
})

test('keeps what failed inside to itself and reports it', async () => {
  const errors: TraceError[] = []
  await using server = await startFilled({ onError: (error) => errors.push(error) })
  const broken = new Error('secret path /var/lib/clew')
  server.store.services = () => Promise.reject(broken)
  const { status, body } = await read(`${server.url}/api/v1/services`)

  expect([status, body.error.code]).toEqual([500, 'INTERNAL'])
  expect(body.error.message).not.toContain('secret')
  expect(errors).toMatchObject([{ code: 'INTERNAL', message: broken.message, cause: broken }])
})

test('answers 503 once the store is closed', async () => {
  const errors: TraceError[] = []
  await using server = await startServer({ onError: (error) => errors.push(error) })
  await server.store.close()
  const { status, body } = await read(`${server.url}/api/v1/traces`)
  expect([status, body.error.code]).toEqual([503, 'STORE_CLOSED'])
  expect(errors).toMatchObject([{ code: 'STORE_CLOSED' }])
})

test('survives a query far beyond what a header may hold', async () => {
  await using server = await startServer()
  const { status } = await ask(server.url, { path: `/api/v1/traces?service=${'x'.repeat(100_000)}` })
  expect(status).toBe(431)
  expect((await read(`${server.url}/api/v1/traces?service=${'x'.repeat(10_000)}`)).body).toEqual({ items: [] })
})

test.each(['traces', 'traces/x', 'services', 'services/x/operations', 'slow', 'errors', 'health'])(
  'gives a store up that never answers a query for %s',
  async (path) => {
    const errors: TraceError[] = []
    const never = (): Promise<never> => new Promise(() => {})
    const queries = { getTrace: never, findTraces: never, services: never, operations: never, slowest: never, errors: never, health: never }
    const store = { ...failingStore({ ok: true }), ...queries }
    await using server = await startServer({ store, limits: { storeTimeoutMs: 20 }, onError: (error) => errors.push(error) })
    const { status, body } = await read(`${server.url}/api/v1/${path}`)

    expect([status, body.error.code]).toEqual([503, 'STORE_TIMEOUT'])
    expect(errors).toMatchObject([{ code: 'STORE_TIMEOUT', message: 'The store did not answer within 20 ms' }])
  },
)

describe('a trace of 400 spans', () => {
  const spans = Array.from({ length: 400 }, (_, n) => createSpan(1, { spanId: (n + 1).toString(16).padStart(16, '0'), name: `Größe ${n}` }))
  const path = `/api/v1/traces/${createSpan(1).traceId}`

  test.each(['gzip', 'br, GZIP', 'gzip;q=0.5, deflate', 'identity;q=0.5 , gzip ; q=1.0'])(
    'travels packed to whom accepts %j',
    async (accepted) => {
      await using server = await startServer()
      await postTraces(server.url, toPayload(spans))
      const response = await fetch(server.url + path, { headers: { 'accept-encoding': accepted } })

      expect(response.headers.get('content-encoding')).toBe('gzip')
      expect(response.headers.get('vary')).toBe('Accept-Encoding')
      expect(response.headers.get('content-type')).toBe('application/json')
      expect(((await response.json()) as Body).trace?.spans.map(({ name }) => name)).toEqual(spans.map(({ name }) => name))
    },
  )

  test.each([undefined, '', 'br', 'gzip;q=0', 'gzip;q=0.000', 'x-gzips'])('travels as it is to whom accepts %j', async (accepted) => {
    await using server = await startServer()
    await postTraces(server.url, toPayload(spans))
    const { headers, body } = await ask(server.url, {
      path,
      ...(accepted === undefined ? {} : { headers: { 'accept-encoding': accepted } }),
    })

    expect([headers['content-encoding'], headers.vary]).toEqual([undefined, 'Accept-Encoding'])
    expect(body.length).toBeGreaterThan(64 * 1024)
    expect((JSON.parse(body) as Body).trace?.spans).toHaveLength(400)
  })
})

test('does not pack a small trace', async () => {
  await using server = await startFilled()
  const response = await fetch(`${server.url}/api/v1/traces/${createSpan(2).traceId}`, { headers: { 'accept-encoding': 'gzip' } })
  expect([response.headers.get('content-encoding'), response.headers.get('vary')]).toEqual([null, 'Accept-Encoding'])
})
