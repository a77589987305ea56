import { Readable } from 'node:stream'
import { getTraceId, type SpanData, TraceError } from '@clew/core'
import { captureSpans, startServer } from '@clew/testkit'
import { expressTracing } from '@clew/express'
import Router from '@koa/router'
import express from 'express'
import Koa from 'koa'
import Koa2 from 'koa2'
import mount from 'koa-mount'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { type AdapterOptions, type KoaMiddleware, type KoaTraceState, koaTracing, type RequestTrace } from '../src/index.js'

type App = Koa<KoaTraceState>

/** The span of one request to an application that is traced first of all. */
async function spanOf(path: string, build: (app: App) => void, Framework: new () => unknown = Koa): Promise<SpanData> {
  await using capture = captureSpans()
  const app = new Framework() as App
  app.use(koaTracing({ tracer: capture.tracer }))
  build(app)
  const callback = app.callback()
  await using server = await startServer((req, res) => void callback(req, res))
  await fetch(server.url + path).then((response) => response.text())
  const [span] = await capture.ended(1)
  return span as SpanData
}

function createRouter(path: string | RegExp | string[], prefix?: string): Router {
  const router = new Router(prefix === undefined ? {} : { prefix })
  return router.get(path, (ctx) => {
    ctx.body = 'ok'
  })
}

describe.each([
  ['3', Koa],
  ['2', Koa2],
])('the route in Koa %s', (_version, Framework) => {
  const nameOf = async (path: string, build: (app: App) => void): Promise<string> => (await spanOf(path, build, Framework)).name

  test('has the prefix of the router', async () => {
    const router = createRouter('/:id', '/orders')
    expect(await nameOf('/orders/7', (app) => app.use(router.routes()))).toBe('GET /orders/:id')
  })

  test('has the prefixes of nested mounts', async () => {
    const innermost = new Koa().use(createRouter('/items/:id').routes())
    const inner = new Koa().use(mount('/b', innermost))
    expect(await nameOf('/a/b/items/7', (app) => app.use(mount('/a', inner)))).toBe('GET /a/b/items/:id')
  })

  test('has no prefix of a mount that the request has left', async () => {
    const inner = new Koa().use(createRouter('/items/:id').routes())
    const build = (app: App): unknown => app.use(mount('/a', inner)).use(createRouter('/a/others/:id').routes())
    expect(await nameOf('/a/others/7', build)).toBe('GET /a/others/:id')
  })

  test('is a regular expression as it is written', async () => {
    expect(await nameOf('/v2', (app) => app.use(createRouter(/^\/v\d+$/).routes()))).toBe(String.raw`GET /^\/v\d+$/`)
  })

  test('is the path of an array that matched', async () => {
    const router = createRouter(['/a', '/b/:id'], '/v1')
    expect(await nameOf('/v1/b/7', (app) => app.use(router.routes()))).toBe('GET /v1/b/:id')
    expect(await nameOf('/v1/a', (app) => app.use(router.routes()))).toBe('GET /v1/a')
  })

  test('is that of the route before which a middleware of the router answered', async () => {
    const router = new Router().use((ctx) => void (ctx.status = 401)).get('/orders/:id', (ctx) => void (ctx.body = 'ok'))
    expect(await nameOf('/orders/7', (app) => app.use(router.routes()))).toBe('GET /orders/:id')
  })

  test('is not that of router.use', async () => {
    const router = createRouter('/api/items').use('/api/:any', (_ctx, next) => next())
    expect(await nameOf('/api/others', (app) => app.use(router.routes()))).toBe('GET')
  })

  test('is there for applications without a router to tell', async () => {
    const span = await spanOf('/orders/7', (app) => app.use((ctx) => void (ctx.body = 'ok')), Framework)
    expect(span).toMatchObject({ name: 'GET', attributes: { 'http.response.status_code': 200 } })
  })
})

describe.each([
  ['3', Koa],
  ['2', Koa2],
])('Koa %s', (_version, Framework) => {
  /** The span of one request to an application of this version. */
  async function observe(build: (app: App) => unknown, init?: RequestInit & { path?: string }): Promise<{ span: SpanData; body: string }> {
    await using capture = captureSpans()
    const app = new Framework() as App
    app.silent = true
    app.use(koaTracing({ tracer: capture.tracer }))
    build(app)
    const callback = app.callback()
    await using server = await startServer((req, res) => void callback(req, res))
    const body = await fetch(server.url + (init?.path ?? '/'), init).then((response) => response.text())
    const [span] = await capture.ended(1)
    return { span: span as SpanData, body }
  }

  test('that is told not to answer is followed to the end of what the handler answers itself', async () => {
    const { span, body } = await observe((app) =>
      app.use((ctx) => {
        ctx.respond = false
        setImmediate(() => ctx.res.writeHead(202).end(getTraceId()))
      }),
    )
    expect(span).toMatchObject({ status: 'unset', attributes: { 'http.response.status_code': 202 } })
    expect(body).toBe(span.traceId)
  })

  test.each([
    ['DELETE', 405],
    ['OPTIONS', 200],
    ['PROPFIND', 501],
  ])('has no route for %s, which allowedMethods() answers', async (method, status) => {
    const router = createRouter('/orders/:id')
    const { span } = await observe((app) => app.use(router.routes()).use(router.allowedMethods()), { method, path: '/orders/7' })
    expect(span.attributes).toMatchObject({ 'http.response.status_code': status })
    expect(span.attributes['http.route']).toBeUndefined()
  })

  test.each([
    ['an error', (): never => raise(new RangeError('out of stock')), 500, 'error'],
    ['an error with a status', (): never => raise(Object.assign(new Error('gone'), { status: 410 })), 410, 'unset'],
    ['what is no error', (): never => raise('out of stock'), 500, 'error'],
  ])('answers %s as ever', async (_what, handler, status, outcome) => {
    const { span } = await observe((app) => app.use(handler))
    expect(span).toMatchObject({ status: outcome, attributes: { 'http.response.status_code': status } })
  })

  test('reads the streams of its answers in the context', async () => {
    const seen: (string | undefined)[] = []
    async function* parts(): AsyncGenerator<string> {
      seen.push(getTraceId())
      yield 'one '
      await new Promise((resolve) => setImmediate(resolve))
      seen.push(getTraceId())
      yield 'two'
    }
    const { span, body } = await observe((app) => app.use((ctx) => void (ctx.body = Readable.from(parts()))))
    expect(body).toBe('one two')
    expect(seen).toEqual([span.traceId, span.traceId])
  })

  test('is recovered by a middleware before the adapter, which sees what was thrown', async () => {
    const recovered: unknown[] = []
    await using capture = captureSpans()
    const app = new Framework() as App
    app.use(async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        recovered.push(error)
        ctx.status = 503
      }
    })
    app.use(koaTracing({ tracer: capture.tracer }))
    app.use(() => raise(new RangeError('out of stock')))
    const callback = app.callback()
    await using server = await startServer((req, res) => void callback(req, res))
    await fetch(server.url).then((response) => response.text())
    expect(recovered).toEqual([new RangeError('out of stock')])
    expect(await capture.ended(1)).toMatchObject([{ status: 'error', attributes: { 'http.response.status_code': 503 } }])
  })
})

function raise(error: unknown): never {
  throw error
}

describe('inside an application of Express', () => {
  async function observeInside(build: (inner: App) => unknown): Promise<{ span: SpanData; body: string }> {
    await using capture = captureSpans()
    const inner: App = new Koa()
    inner.silent = true
    inner.use(koaTracing({ tracer: capture.tracer }))
    build(inner)
    const outer = express()
    outer.use(expressTracing({ tracer: capture.tracer }))
    const callback = inner.callback()
    outer.use('/shop', (req, res) => void callback(req, res))
    await using server = await startServer(outer)
    const body = await fetch(`${server.url}/shop/orders/7?x=1`).then((response) => response.text())
    const [span] = await capture.ended(1)
    expect(capture.tracer.stats().spansStarted).toBe(1)
    return { span: span as SpanData, body }
  }

  test('a request has one span, the trace at hand and the route of both', async () => {
    const router = new Router<KoaTraceState>().get('/orders/:id', (ctx) => void (ctx.body = ctx.state.trace.traceId))
    const { span, body } = await observeInside((inner) => inner.use(router.routes()))
    expect(span).toMatchObject({ name: 'GET /shop/orders/:id', traceId: body, attributes: { 'url.path': '/shop/orders/7' } })
  })

  test('what a handler throws is recorded', async () => {
    const { span } = await observeInside((inner) => inner.use(() => raise(new RangeError('out of stock'))))
    expect(span).toMatchObject({ status: 'error', statusMessage: 'out of stock', attributes: { 'error.type': 'RangeError' } })
  })
})

describe('app.on("error")', () => {
  test('is told in the context of the request', async () => {
    const seen: (string | undefined)[] = []
    const span = await spanOf('/', (app) => {
      app.on('error', () => seen.push(getTraceId()))
      app.use(() => {
        throw new Error('out of stock')
      })
    })
    expect(seen).toEqual([span.traceId])
  })

  test('keeps printing where nobody listens', async () => {
    const app: App = new Koa()
    app.silent = true
    const printed: Error[] = []
    app.onerror = (error) => void printed.push(error)
    await using capture = captureSpans()
    app.use(koaTracing({ tracer: capture.tracer }))
    app.use(() => {
      throw new Error('out of stock')
    })
    const callback = app.callback()
    await using server = await startServer((req, res) => void callback(req, res))
    await fetch(server.url).then((response) => response.text())
    await fetch(server.url).then((response) => response.text())
    expect(printed.map((error) => error.message)).toEqual(['out of stock', 'out of stock'])
  })
})

test('what Koa answers on is a promise without a then of its own, which would slow down every promise of the process', async () => {
  await using capture = captureSpans()
  const app: App = new Koa()
  const traced = koaTracing({ tracer: capture.tracer })
  const returned: unknown[] = []
  app.use((ctx, next) => {
    const answered = traced(ctx as never, next)
    returned.push(answered)
    return answered
  })
  app.use((ctx) => {
    ctx.body = Readable.from(['ok'])
  })
  const callback = app.callback()
  await using server = await startServer((req, res) => void callback(req, res))
  expect(await fetch(server.url).then((response) => response.text())).toBe('ok')
  const [answered] = returned
  expect(answered).toBeInstanceOf(Promise)
  expect((answered as Promise<unknown>).constructor).toBe(Promise)
  expect(Object.hasOwn(answered as object, 'then')).toBe(false)
})

test('an option that cannot be used throws at construction', () => {
  expect(() => koaTracing({ ignored: [] } as unknown as AdapterOptions)).toThrow(TraceError)
})

test('the signatures', () => {
  expectTypeOf(koaTracing).parameters.toEqualTypeOf<[options?: AdapterOptions | undefined]>()
  expectTypeOf(koaTracing).returns.toEqualTypeOf<KoaMiddleware>()
  expectTypeOf<KoaMiddleware>().toExtend<Koa.Middleware>()
  expectTypeOf<KoaMiddleware>().toExtend<Koa.Middleware<KoaTraceState>>()
  expectTypeOf<Koa.ParameterizedContext<KoaTraceState>['state']['trace']>().toEqualTypeOf<RequestTrace>()
})
