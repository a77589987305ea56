import { describe, expect, it } from 'vitest'
import { collectGarbage } from './garbage.js'
import type { HistogramPoint } from '../src/exporter.js'
import type { TracerOptions } from '../src/options.js'
import { createRequestTracer } from '../src/server-request.js'
import { recordValue, withSpan } from '../src/trace-api.js'
import { createTracedFetch } from '../src/traced-fetch.js'
import { defaultTestTracer, manualClock, testTracer, type TestTracer } from './support.js'

const SERVER = 'http.server.request.duration'
const CLIENT = 'http.client.request.duration'
const SPAN = 'clew.span.duration'

interface Exchange {
  readonly method?: string
  readonly path?: string
  readonly route?: string
  readonly status?: number
  readonly ms?: number
}

type Clock = ReturnType<typeof manualClock>

/** Requests as an adapter describes them, on a clock of their own. */
function serve(options: TracerOptions = {}): TestTracer & { request(exchange: Exchange): string; clock: Clock } {
  const clock = manualClock()
  const test = testTracer({ clock, ...options })
  const start = createRequestTracer({ tracer: test.tracer })
  function request({ method = 'GET', path = '/a/1', route = '/a/:id', status = 200, ms = 5 }: Exchange): string {
    const server = start({ method, path, scheme: 'http', header: () => undefined })
    clock.advance(ms)
    server.headWritten()
    server.answerWritten()
    server.setRoute(route)
    server.end({ statusCode: status })
    return server.trace?.traceId ?? ''
  }
  return { ...test, request, clock }
}

async function pointsOf({ tracer, exporter }: TestTracer, name: string): Promise<readonly HistogramPoint[]> {
  await tracer.flush()
  return exporter.metrics.find((metric) => metric.name === name)?.points ?? []
}

function tellOf({ attributes, count }: HistogramPoint): unknown[] {
  return [attributes, count]
}

describe('metrics of requests', () => {
  it('are counted by method, route and status', async () => {
    const test = serve()
    for (const exchange of [{}, {}, { method: 'POST' }, { status: 404 }, { status: 503 }, { path: '/b', route: '/b' }])
      test.request(exchange)
    const base = { 'http.request.method': 'GET', 'url.scheme': 'http', 'http.route': '/a/:id' }
    expect((await pointsOf(test, SERVER)).map(tellOf)).toEqual([
      [{ ...base, 'http.response.status_code': 200 }, 2],
      [{ ...base, 'http.request.method': 'POST', 'http.response.status_code': 200 }, 1],
      [{ ...base, 'http.response.status_code': 404 }, 1],
      [{ ...base, 'http.response.status_code': 503, 'error.type': '503' }, 1],
      [{ ...base, 'http.route': '/b', 'http.response.status_code': 200 }, 1],
    ])
    expect(test.exporter.metrics).toMatchObject([{ name: SERVER, unit: 's', description: 'Duration of HTTP server requests.' }])
  })

  it.each([0, 0.5, 1])('count every request at a rate of %d, with exemplars that lead to kept traces', async (rate) => {
    const test = serve({ sampling: { rate, keep: { errors: false }, maxTracesPerSecond: Infinity } })
    for (let count = 0; count < 200; count++) test.request({ ms: 1 + count })
    const [point] = await pointsOf(test, SERVER)
    expect(point?.count).toBe(200)
    const kept = new Set(test.exporter.spans.map((span) => span.traceId))
    expect(kept.size > 0).toBe(rate > 0)
    expect((point?.exemplars ?? []).length > 0).toBe(rate > 0)
    for (const { traceId } of point?.exemplars ?? []) expect(kept).toContain(traceId)
  })

  it('have an exemplar where a request was kept because it failed', async () => {
    const test = serve({ sampling: { rate: 0 } })
    test.request({})
    const traceId = test.request({ status: 500, ms: 20 })
    const points = await pointsOf(test, SERVER)
    expect(points.map(({ exemplars }) => exemplars?.map((each) => [each.traceId, each.value]))).toEqual([undefined, [[traceId, 0.02]]])
  })

  it('are seconds since the start, and say when that was', async () => {
    const test = serve()
    const startTime = test.clock.now()
    test.request({ ms: 250 })
    const [first] = await pointsOf(test, SERVER)
    test.request({ ms: 500 })
    const [second] = await pointsOf(test, SERVER)
    expect(first).toMatchObject({
      startTime,
      time: startTime + 250,
      count: 1,
      sum: 0.25,
      min: 0.25,
      max: 0.25,
      offset: -17,
      bucketCounts: [1],
    })
    expect(second).toMatchObject({ startTime, time: startTime + 750, count: 2, sum: 0.75, max: 0.5, offset: -17, bucketCounts: [1, 0, 0, 0, 0, 0, 0, 0, 1] }) // prettier-ignore
    expect(second?.attributes).toBe(first?.attributes)
  })

  it('take the name of a span where method and route do not tell it', async () => {
    const test = serve()
    const start = createRequestTracer({ tracer: test.tracer })
    for (const name of ['query GetUser', 'query GetCart', 'query GetUser']) {
      const server = start({ method: 'POST', path: '/graphql', scheme: 'https', header: () => undefined })
      server.setRoute('/graphql')
      server.trace?.span.updateName(name)
      server.end({ statusCode: 200 })
    }
    const points = await pointsOf(test, SERVER)
    expect(points.map(({ attributes, count }) => [attributes['clew.operation'], count])).toEqual([['query GetUser', 2], ['query GetCart', 1]]) // prettier-ignore
  })

  it('tell methods and routes apart where all spans have one name', async () => {
    const test = serve()
    const start = createRequestTracer({ tracer: test.tracer })
    for (const [method, route] of [['GET', '/a'], ['POST', '/a'], ['GET', '/b'], ['GET', '/a']] as const) {
      const server = start({ method, path: route, scheme: 'http', header: () => undefined })
      server.setRoute(route)
      server.trace?.span.updateName('api')
      server.end({ statusCode: 200 })
    } // prettier-ignore
    const points = await pointsOf(test, SERVER)
    expect(points.map(({ attributes, count }) => [attributes['http.request.method'], attributes['http.route'], count])).toEqual([['GET', '/a', 2], ['POST', '/a', 1], ['GET', '/b', 1]]) // prettier-ignore
  })

  it('do not count requests that are ignored', async () => {
    const test = serve()
    test.request({ path: '/healthz', route: '/healthz' })
    expect(await pointsOf(test, SERVER)).toEqual([])
  })

  it('count requests without a route under their method, and answers never begun under the error', async () => {
    const test = serve()
    const server = createRequestTracer({ tracer: test.tracer })({ method: 'BREW', path: '/x', scheme: 'http', header: () => undefined })
    server.end({ error: new TypeError('broken') })
    const [point] = await pointsOf(test, SERVER)
    expect(point?.attributes).toEqual({ 'http.request.method': '_OTHER', 'url.scheme': 'http', 'error.type': 'TypeError' })
  })
})

describe('the duration of a request', () => {
  interface Times {
    head?: number
    answer?: number
    end: number
    aborted?: boolean
  }

  async function durationOf({ head, answer, end, aborted = false }: Times, options?: TracerOptions): Promise<number | undefined> {
    const test = serve(options)
    const server = createRequestTracer({ tracer: test.tracer })({ method: 'GET', path: '/', scheme: 'http', header: () => undefined })
    const steps: [number | undefined, () => void][] = [
      [head, () => server.headWritten()],
      [answer, () => server.answerWritten()],
      [end, () => server.end({ statusCode: 200, aborted })],
    ]
    let now = 0
    for (const [at, step] of steps) {
      if (at === undefined) continue
      test.clock.advance(at - now)
      now = at
      step()
    }
    return (await pointsOf(test, SERVER))[0]?.sum
  }

  it.each<[string, Times, number]>([
    ['is the time to the end of the answer, not to the end of the connection', { head: 10, answer: 200, end: 900 }, 0.2],
    [
      'of an answer that is still written when it would be slow is the time to its first byte',
      { head: 10, answer: 60_000, end: 60_001 },
      0.01,
    ],
    ['of an answer that came late is the whole time', { head: 3000, answer: 3000, end: 3001 }, 3],
    ['of a stream that the caller ended is the time to its first byte', { head: 10, end: 300, aborted: true }, 0.01],
    ['of a request that was given up before an answer is the whole time', { end: 300, aborted: true }, 0.3],
    ['is the whole time where the end of the answer is not known', { head: 10, end: 300 }, 0.3],
  ])('%s', async (_name, times, seconds) => {
    expect(await durationOf(times)).toBe(seconds)
  })

  it('knows slow routes', async () => {
    const keep = { slowerThanMs: 100 }
    expect(await durationOf({ head: 10, answer: 200, end: 201 }, { sampling: { keep } })).toBe(0.01)
  })
})

describe('metrics of other spans', () => {
  it('count calls by host, port and status', async () => {
    await using test = defaultTestTracer()
    const statuses = [200, 500, 200]
    const fetch = createTracedFetch({ fetch: async () => new Response('', { status: statuses.shift() ?? 200 }) })
    for (const url of ['http://users.internal/1', 'http://users.internal/2', 'https://cart.internal/', 'http://users.internal/3'])
      await fetch(url)
    const failing = createTracedFetch({
      fetch: () => Promise.reject(Object.assign(new TypeError('fetch failed'), { code: 'ECONNREFUSED' })),
    })
    await expect(failing('http://users.internal/')).rejects.toThrow('fetch failed')
    const base = { 'http.request.method': 'GET', 'server.address': 'users.internal', 'server.port': 80 }
    expect((await pointsOf(test, CLIENT)).map(tellOf)).toEqual([
      [{ ...base, 'http.response.status_code': 200 }, 2],
      [{ ...base, 'http.response.status_code': 500, 'error.type': '500' }, 1],
      [{ ...base, 'server.address': 'cart.internal', 'server.port': 443, 'http.response.status_code': 200 }, 1],
      [{ ...base, 'error.type': 'ECONNREFUSED' }, 1],
    ])
  })

  it('count spans that ask for it, and those whose names were asked for', async () => {
    await using test = testTracer({ metrics: { spans: ['price *', /^job\b/g] } })
    const { tracer } = test
    tracer.withSpan('plain', () => {})
    tracer.withSpan('asked', { metric: true }, () => {})
    tracer.withSpan('price cart', () => tracer.startSpan('price line', { metric: false }).end())
    tracer.startSpan('job a', { kind: 'consumer', parent: null }).end()
    tracer.startSpan('job a', { kind: 'consumer', parent: null, metric: false }).end()
    tracer.startSpan('new', { parent: null, metric: true }).end()
    expect(() => tracer.withSpan('price cart', () => { throw new RangeError('too much') })).toThrow('too much') // prettier-ignore
    expect((await pointsOf(test, SPAN)).map(tellOf)).toEqual([
      [{ 'clew.operation': 'asked', 'span.kind': 'internal' }, 1],
      [{ 'clew.operation': 'price cart', 'span.kind': 'internal' }, 1],
      [{ 'clew.operation': 'job a', 'span.kind': 'consumer' }, 1],
      [{ 'clew.operation': 'new', 'span.kind': 'internal' }, 1],
      [{ 'clew.operation': 'price cart', 'span.kind': 'internal', 'error.type': 'RangeError' }, 1],
    ])
  })

  it('do not count an HTTP request twice, and leave it out where it says so', async () => {
    await using test = testTracer({ metrics: { spans: ['*'] } })
    const attributes = { 'http.request.method': 'GET', 'server.address': 'a' }
    test.tracer.startSpan('GET', { kind: 'client', attributes, metric: true }).end()
    test.tracer.startSpan('GET', { kind: 'client', attributes, metric: false }).end()
    expect((await pointsOf(test, CLIENT)).map(({ count }) => count)).toEqual([1])
    expect(await pointsOf(test, SPAN)).toEqual([])
  })

  it('are the same series where masking makes their names the same', async () => {
    await using test = testTracer()
    for (const name of ['mail a@example.com', 'mail b@example.com']) test.tracer.startSpan(name, { metric: true }).end()
    const points = await pointsOf(test, SPAN)
    expect(points.map(({ count }) => count)).toEqual([2])
    expect(JSON.stringify(points)).not.toContain('example.com')
  })
})

describe('recordValue', () => {
  const attributesOf = ({ attributes }: HistogramPoint): unknown => attributes

  it('counts values by name and attributes, whatever the order of these', async () => {
    await using test = defaultTestTracer()
    recordValue('cart.items', 3, { country: 'de', vip: true })
    recordValue('cart.items', 5, { vip: true, country: 'de' })
    recordValue('cart.items', 0)
    recordValue('cart.items', 1, { country: undefined })
    const points = await pointsOf(test, 'cart.items')
    expect(points).toMatchObject([
      { attributes: { country: 'de', vip: true }, count: 2, sum: 8 },
      { attributes: {}, count: 2, zeroCount: 1 },
    ])
  })

  it('has the active trace for an exemplar, if it is kept', async () => {
    await using test = defaultTestTracer()
    const ids = withSpan('checkout', (span) => {
      recordValue('price', 12.5)
      return span.spanContext()
    })
    test.tracer.setSampling({ rate: 0 })
    withSpan('dropped', () => recordValue('price', 100))
    const [point] = await pointsOf(test, 'price')
    expect(point?.count).toBe(2)
    expect(point?.exemplars).toEqual([{ time: expect.any(Number), value: 12.5, traceId: ids.traceId, spanId: ids.spanId }])
  })

  it.each([
    ['price', -1, 'was given -1: a histogram holds values of 0 and more'],
    ['price', NaN, 'was given NaN, which is no finite number'],
    ['price', Infinity, 'was given Infinity, which is no finite number'],
    ['price', '12' as unknown as number, 'was given 12, which is no finite number'],
    ['price', Symbol('x') as unknown as number, 'was given Symbol(x), which is no finite number'],
    ['9 lives', 1, 'has no name that OpenTelemetry allows: a letter, then letters, digits and _ . - /'],
    [SERVER, 1, 'has the name of a metric that is counted from spans'],
  ])('says once that %s cannot be %s', async (name, value, problem) => {
    await using test = defaultTestTracer()
    recordValue(name, value)
    recordValue(name, value)
    expect(test.errors.map(({ code, message }) => [code, message])).toEqual([
      ['INVALID_MEASUREMENT', `recordValue(${JSON.stringify(name)}) ${problem}; the value is not counted`],
    ])
    await test.tracer.flush()
    expect(test.exporter.metrics).toEqual([])
    expect(test.tracer.stats().metrics).toEqual({ series: 0, overflowed: 0, invalid: 2 })
  })

  it('counts attributes that look the same after masking and cutting as the same', async () => {
    await using test = defaultTestTracer({ limits: { valueLength: 4 } })
    recordValue('mails', 1, { text: 'long text' })
    recordValue('mails', 1, { text: 'long tale' })
    recordValue('mails', 1, { password: 'a' })
    recordValue('mails', 1, { password: 'b' })
    expect((await pointsOf(test, 'mails')).map(tellOf)).toEqual([
      [{ text: 'long' }, 2],
      [{ password: '[REDACTED]' }, 2],
    ])
  })

  it('survives attributes that throw', async () => {
    await using test = defaultTestTracer()
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    const hostile = { get bad(): string { throw new Error('no') }, circular, big: 10n } // prettier-ignore
    recordValue('odd', 1, hostile)
    recordValue('odd', 1, new Proxy({}, { ownKeys: () => { throw new Error('no') } })) // prettier-ignore
    expect((await pointsOf(test, 'odd')).reduce((total, { count }) => total + count, 0)).toBe(2)
    expect(test.errors).toEqual([])
  })

  it('holds on to no more of long attributes than is recorded, and counts what is the same up to there as the same', async () => {
    await using test = defaultTestTracer({ metrics: { maxSeries: 600 } })
    const before = process.memoryUsage().heapUsed
    for (let user = 0; user < 500; user++) recordValue('a', 1, { user: `${user} ${'x'.repeat(100_000)}` })
    collectGarbage()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20 * 2 ** 20)
    for (let user = 0; user < 500; user++) recordValue('b', 1, { user: `${'x'.repeat(100_000)} ${user}` })
    expect((await pointsOf(test, 'a')).length).toBe(500)
    expect((await pointsOf(test, 'b')).map(({ count }) => count)).toEqual([500])
    expect(test.tracer.stats().metrics).toEqual({ series: 501, overflowed: 0, invalid: 0 })
  })

  it('shares one bound among all names', async () => {
    await using test = defaultTestTracer({ metrics: { maxSeries: 3 } })
    for (let user = 0; user < 10; user++) recordValue('a', 1, { user })
    recordValue('b', 1)
    expect((await pointsOf(test, 'a')).map(attributesOf)).toEqual([{ user: 0 }, { user: 1 }, { user: 2 }, { 'otel.metric.overflow': true }])
    expect(test.tracer.stats().metrics).toEqual({ series: 4, overflowed: 7, invalid: 1 })
    expect(test.errors.map(({ message }) => message)).toEqual([expect.stringContaining('one name too many')])
    test.tracer.startSpan('still there', { metric: true }).end()
    expect((await pointsOf(test, SPAN)).map(({ count }) => count)).toEqual([1])
  })
})

describe('the bound of metrics', () => {
  it('counts what is beyond it without attributes', async () => {
    const test = serve({ metrics: { maxSeries: 10 } })
    for (let route = 0; route < 50; route++) test.request({ route: `/r${route}` })
    test.request({ route: '/r0' })
    const points = await pointsOf(test, SERVER)
    expect(points).toHaveLength(11)
    expect(points.find(({ attributes }) => attributes['otel.metric.overflow'])).toMatchObject({
      attributes: { 'otel.metric.overflow': true },
      count: 40,
    })
    expect(points[0]).toMatchObject({ attributes: { 'http.route': '/r0' }, count: 2 })
    expect(test.tracer.stats().metrics).toEqual({ series: 11, overflowed: 40, invalid: 0 })
  })

  it('holds for calls to many hosts, too', async () => {
    await using test = testTracer({ metrics: { maxSeries: 5 } })
    for (let host = 0; host < 20; host++)
      test.tracer.startSpan('GET', { kind: 'client', attributes: { 'http.request.method': 'GET', 'server.address': `h${host}` } }).end()
    expect((await pointsOf(test, CLIENT)).map(({ count }) => count)).toEqual([1, 1, 1, 1, 1, 15])
  })
})

describe('metrics that are off', () => {
  it.each<[string, TracerOptions]>([
    ['by the option', { metrics: false }],
    ['as nothing is exported', { exporter: false }],
  ])('%s count nothing', async (_name, options) => {
    await using test = defaultTestTracer(options)
    withSpan('work', { metric: true }, () => recordValue('price', 1))
    await test.tracer.flush()
    expect(test.exporter.metrics).toEqual([])
    expect(test.tracer.metrics).toBeUndefined()
    expect(test.tracer.stats().metrics).toEqual({ series: 0, overflowed: 0, invalid: 0 })
  })
})
