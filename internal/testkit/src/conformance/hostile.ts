import { connect } from 'node:net'
import { type RequestDescription, withSpan } from '@clew/core'
import type { AdapterOptions } from '@clew/core/adapter'
import { describe, expect, test } from 'vitest'
import type { Answer, ConformingAdapter, Exchange, Handler } from './app-spec.js'
import { countExceptions, runApp } from './harness.js'

const ok: Handler = () => ({ body: 'ok' })

function refuse(): never {
  throw new RangeError('refused')
}

/** What functions of the host do that are to answer at once. */
const DEEDS: Readonly<Record<string, () => unknown>> = {
  throws: refuse,
  'throws nothing at all': () => {
    throw undefined
  },
  rejects: () => Promise.reject(new RangeError('refused')),
  'never settles': () => new Promise(() => {}),
  'calls itself without end': function recurse(): unknown {
    return [recurse()]
  },
  'answers with a proxy that refuses': () => new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse, ownKeys: refuse }),
  'traces itself': () => withSpan('inside', () => {}),
}
const CALLBACKS = ['ignore', 'routeName', 'isError', 'onSpanStart', 'trust', 'sampler'] as const

/** Hosts that do what they should not: the request is answered all the same, and recorded. */
export function describeHostile(adapter: ConformingAdapter): void {
  describe('hostile hosts', () => {
    testCallbacks(adapter)
    testDescription(adapter)
    testProxies(adapter)
    testTraceAfterEnd(adapter)
    testErrors(adapter)
  })
}

function testCallbacks(adapter: ConformingAdapter): void {
  test.each(CALLBACKS.flatMap((name) => Object.keys(DEEDS).map((how) => [name, how] as const)))('a %s that %s', async (name, how) => {
    const deed = DEEDS[how] as () => never
    const options = CALLBACKS.indexOf(name) < 4 ? { [name]: deed } : undefined
    const tracer = name === 'trust' ? { propagation: { trust: deed } } : name === 'sampler' ? { sampling: { sampler: deed } } : {}
    await using app = await runApp(adapter, { ...(options ? { options } : undefined), tracer, routes: [{ path: '/a/:id', handler: ok }] })
    const { status, body, traceId } = await app.get('/a/1')
    expect({ status, body, traceId }).toEqual({ status: 200, body: 'ok', traceId: expect.stringMatching(/^[0-9a-f]{32}$/) })
    const [span] = (await app.capture.ended(app.capture.tracer.stats().spansStarted)).filter(({ kind }) => kind === 'server')
    // What is no boolean counts as JavaScript counts it.
    const verdict = name === 'isError' && how === 'answers with a proxy that refuses' ? 'error' : 'unset'
    expect(span).toMatchObject({ traceId, name: 'GET /a/:id', status: verdict, attributes: { 'http.response.status_code': 200 } })
    expect(new Set(app.capture.errors.map(({ code }) => code))).toEqual(new Set(REPORTED.includes(how) ? ['CALLBACK_FAILED'] : []))
  })
}

const REPORTED = ['throws', 'throws nothing at all', 'rejects', 'calls itself without end']

/** Callbacks get what the host may hold on to, read at odd times, and call without end. */
function testDescription(adapter: ConformingAdapter): void {
  test('callbacks may read all of the request, whatever its headers are called, during it and long after', async () => {
    const seen: RequestDescription[] = []
    const read = (request: RequestDescription): void => {
      seen.push(request)
      for (const name of ['__proto__', 'constructor', '', 'toString', ':authority', 'host', '\n', 'set-cookie']) request.header(name)
    }
    const options: AdapterOptions = {
      ignore: (request) => (read(request), false),
      routeName: (request) => (read(request), undefined),
      onSpanStart: (_span, request) => read(request),
      captureRequestHeaders: ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'host', 'x-own', ':path', 'bad name', 'ü'],
    }
    await using app = await runApp(adapter, { options, routes: [{ path: '/a', handler: ok }] })
    expect(await app.get('/a', { headers: { 'x-own': '1', constructor: 'c' } })).toMatchObject({ status: 200, body: 'ok' })
    const { attributes } = await app.onlySpan()
    expect(attributes).toMatchObject({ 'http.request.header.x-own': ['1'], 'http.request.header.constructor': ['c'] })
    expect(Object.keys(attributes).filter((name) => /__proto__|toString|hasOwn/i.test(name))).toEqual([])
    expect(() => seen.slice().forEach((request) => read({ ...request }))).not.toThrow()
    expect(app.capture.errors).toEqual([])
  })
}

/** Some middlewares hand on what stands for a request or a response. */
function testProxies(adapter: ConformingAdapter): void {
  test('a request and a response behind proxies, and frozen handles', async () => {
    const reading = (exchange: Exchange): Answer => {
      const req = new Proxy(exchange.req, {})
      const res = new Proxy(exchange.res, {})
      expect(() => Object.freeze(exchange.trace)).not.toThrow()
      return { body: `${req.method} ${String(res.headersSent)} ${exchange.trace?.traceId}` }
    }
    await using app = await runApp(adapter, { times: 2, routes: [{ path: '/a/:id', handler: reading }] })
    const { status, body, traceId } = await app.get('/a/1')
    expect({ status, body }).toEqual({ status: 200, body: `GET false ${traceId}` })
    expect(await app.onlySpan()).toMatchObject({ traceId, name: 'GET /a/:id', status: 'unset' })
  })

  test('a server that hands proxies of its request and response to the application', async () => {
    const wrapping: ConformingAdapter = {
      ...adapter,
      create(spec) {
        const listener = adapter.create(spec)
        return (req, res) => listener(transparent(req), transparent(res))
      },
    }
    await using app = await runApp(wrapping, { routes: [{ path: '/a/:id', handler: ok }] })
    const { status, body, traceId } = await app.get('/a/1')
    expect({ status, body, traceId }).toEqual({ status: 200, body: 'ok', traceId: expect.stringMatching(/^[0-9a-f]{32}$/) })
    expect(await app.onlySpan()).toMatchObject({ traceId, name: 'GET /a/:id', attributes: { 'http.response.status_code': 200 } })
    expect(app.capture.errors).toEqual([])
  })
}

/** A proxy that passes everything on; methods run on the real object, as Node's do not work on another one. */
function transparent<T extends object>(target: T): T {
  return new Proxy(target, {
    get(real, name) {
      const value: unknown = Reflect.get(real, name, real)
      return typeof value === 'function' ? (value.bind(real) as unknown) : value
    },
    set: (real, name, value) => Reflect.set(real, name, value, real),
  })
}

function testTraceAfterEnd(adapter: ConformingAdapter): void {
  test('the handle of a request, used after its end, in every way', async () => {
    let trace: Exchange['trace']
    const handler: Handler = (exchange) => {
      trace = exchange.trace
      return { body: 'ok' }
    }
    await using app = await runApp(adapter, { routes: [{ path: '/a', handler }] })
    await app.get('/a')
    const before = JSON.stringify(await app.onlySpan())
    const { span, traceId, spanId } = trace!
    span.setAttribute('late', 1).setAttributes({ late: 1 }).addEvent('late').updateName('late').setStatus({ code: 'error' })
    span.recordException(new Error('late'))
    span.fail(new Error('late')).end()
    expect([span.isRecording(), span.spanContext().traceId, span.spanContext().spanId]).toEqual([false, traceId, spanId])
    expect(JSON.stringify(await app.onlySpan())).toBe(before)
    expect(app.capture.tracer.stats()).toMatchObject({ spansStarted: 1, spansEnded: 1 })
  })

  test('a caller that leaves while a callback of the host recurses', async () => {
    const handler: Handler = () => new Promise((resolve) => setTimeout(() => resolve({ body: 'late' }), 50))
    const options = { routeName: DEEDS['calls itself without end'] as () => never, isError: refuse }
    await using app = await runApp(adapter, { options, routes: [{ path: '/a', handler }] })
    const socket = connect(app.port, '127.0.0.1', () => socket.write('GET /a HTTP/1.1\r\nHost: a\r\n\r\n', () => socket.destroy()))
    await new Promise((resolve) => socket.on('close', resolve))
    expect(await app.onlySpan()).toMatchObject({ kind: 'server', attributes: { 'clew.aborted': true } })
  })
}

/** Errors that are made to hurt whoever looks at them, by name. */
const ERRORS: Readonly<Record<string, () => unknown>> = {
  'an AggregateError of 5,000': () =>
    new AggregateError(
      Array.from({ length: 5_000 }, (_, index) => new Error(`part ${index}`)),
      'many',
    ),
  'AggregateErrors in each other, 5,000 deep': () => {
    let error = new AggregateError([], 'deepest')
    for (let level = 0; level < 5_000; level++) error = new AggregateError([error], 'many')
    return error
  },
  'a cause that is the error itself': () => {
    const error = new Error('many')
    error.cause = error
    return error
  },
  'causes in a circle of three': () => {
    const [a, b, c] = ['many', 'b', 'c'].map((message) => new Error(message)) as [Error, Error, Error]
    a.cause = b
    b.cause = c
    c.cause = a
    return a
  },
  'causes 20,000 deep': () => {
    let error = new Error('deepest')
    for (let level = 0; level < 20_000; level++) error = new Error('many', { cause: error })
    return error
  },
  'a frozen error': () => Object.freeze(new Error('many')),
  'a sealed error without a prototype': () => Object.seal(Object.setPrototypeOf(new Error('many'), null)),
  'an error whose getters throw': () =>
    Object.defineProperties(
      new Error('many'),
      Object.fromEntries(['name', 'code', 'cause', 'errors', 'constructor'].map((name) => [name, { get: refuse }])),
    ),
  'an error with 10 MB of message': () => new Error(`many${'x'.repeat(10_000_000)}`),
  'an error whose name and code are objects': () => Object.assign(new Error('many'), { name: {}, code: {}, errors: 'none' }),
}

function testErrors(adapter: ConformingAdapter): void {
  test.each(Object.entries(ERRORS))('%s is recorded, and answered as any error is', async (_name, make) => {
    const handler: Handler = () => {
      throw make()
    }
    await using app = await runApp(adapter, { routes: [{ path: '/fail', handler }], onError: () => ({ status: 500, body: 'sorry' }) })
    expect((await app.get('/fail')).status).toBe(500)
    const span = await app.onlySpan()
    expect(span).toMatchObject({ name: 'GET /fail', status: 'error', statusMessage: expect.stringMatching(/^many/) })
    expect(countExceptions([span])).toBe(1)
    expect(JSON.stringify(span).length).toBeLessThan(20_000)
    expect(app.capture.errors).toEqual([])
  })
}
