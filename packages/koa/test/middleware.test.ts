import { getTraceId, type SpanData, TraceError } from '@clew/core'
import { captureSpans, startServer } from '@clew/testkit'
import Router from '@koa/router'
import Koa from 'koa'
import mount from 'koa-mount'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { type AdapterOptions, type KoaMiddleware, type KoaTraceState, koaTracing, type RequestTrace } from '../src/index.js'

type App = Koa<KoaTraceState>

/** The span of one request to an application that is traced first of all. */
async function spanOf(path: string, build: (app: App) => void): Promise<SpanData> {
  await using capture = captureSpans()
  const app: App = new Koa()
  app.use(koaTracing({ tracer: capture.tracer }))
  build(app)
  const callback = app.callback()
  await using server = await startServer((req, res) => void callback(req, res))
  await fetch(server.url + path).then((response) => response.text())
  const [span] = await capture.ended(1)
  return span as SpanData
}

function createRouter(path: string | RegExp, prefix?: string): Router {
  const router = new Router(prefix === undefined ? {} : { prefix })
  return router.get(path, (ctx) => {
    ctx.body = 'ok'
  })
}

describe('the route', () => {
  test('has the prefix of the router', async () => {
    const router = createRouter('/:id', '/orders')
    expect((await spanOf('/orders/7', (app) => app.use(router.routes()))).name).toBe('GET /orders/:id')
  })

  test('has the prefixes of nested mounts', async () => {
    const innermost = new Koa().use(createRouter('/items/:id').routes())
    const inner = new Koa().use(mount('/b', innermost))
    expect((await spanOf('/a/b/items/7', (app) => app.use(mount('/a', inner)))).name).toBe('GET /a/b/items/:id')
  })

  test('has no prefix of a mount that the request has left', async () => {
    const inner = new Koa().use(createRouter('/items/:id').routes())
    const build = (app: App): unknown => app.use(mount('/a', inner)).use(createRouter('/a/others/:id').routes())
    expect((await spanOf('/a/others/7', build)).name).toBe('GET /a/others/:id')
  })

  test('is a regular expression as it is written', async () => {
    expect((await spanOf('/v2', (app) => app.use(createRouter(/^\/v\d+$/).routes()))).name).toBe(String.raw`GET /^\/v\d+$/`)
  })

  test('is not that of router.use', async () => {
    const router = createRouter('/api/items').use('/api/:any', (_ctx, next) => next())
    expect((await spanOf('/api/others', (app) => app.use(router.routes()))).name).toBe('GET')
  })

  test('is there for applications without a router to tell', async () => {
    const span = await spanOf('/orders/7', (app) => app.use((ctx) => void (ctx.body = 'ok')))
    expect(span).toMatchObject({ name: 'GET', attributes: { 'http.response.status_code': 200 } })
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
