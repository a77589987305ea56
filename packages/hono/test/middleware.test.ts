import { getTraceId, type SpanData, TraceError, withSpan } from '@clew/core'
import { type Capture, captureSpans } from '@clew/testkit'
import { Hono, type MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { stream } from 'hono/streaming'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { type AdapterOptions, honoTracing, type RequestTrace, type TraceVariables } from '../src/index.js'

type App = Hono<{ Variables: TraceVariables }>

function createApp(capture: Capture, build: (app: App) => unknown): App {
  const app: App = new Hono()
  app.use(honoTracing({ tracer: capture.tracer }))
  build(app)
  return app
}

async function spanOf(path: string, build: (app: App) => unknown): Promise<SpanData> {
  await using capture = captureSpans()
  await Promise.resolve(createApp(capture, build).request(path))
  const [span] = await capture.ended(1)
  return span as SpanData
}

describe('without a server of Node', () => {
  test('the span ends although nobody reads the text of the answer', async () => {
    const span = await spanOf('http://shop.example:8080/orders/7?x=1', (app) => app.get('/orders/:id', (c) => c.text('ok')))
    expect(span).toMatchObject({ name: 'GET /orders/:id', kind: 'server', status: 'unset' })
    expect(span.attributes).toMatchObject({ 'url.path': '/orders/7', 'url.scheme': 'http', 'http.response.status_code': 200 })
  })

  test('the span ends with an answer that has no body', async () => {
    expect((await spanOf('/', (app) => app.get('/', (c) => c.body(null, 204)))).attributes['http.response.status_code']).toBe(204)
  })

  test('ids are continued, and answered where the handler has not', async () => {
    await using capture = captureSpans()
    const app = createApp(capture, (routes) =>
      routes.get('/', (c) => c.text(c.get('traceId'))).get('/own', (c) => c.text('ok', 200, { 'X-Trace-Id': 'mine' })),
    )
    const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }
    const answer = await app.request('/', { headers })
    expect([answer.headers.get('x-trace-id'), await answer.text()]).toEqual(['a'.repeat(32), 'a'.repeat(32)])
    expect((await app.request('/own', { headers })).headers.get('x-trace-id')).toBe('mine')
    expect((await capture.ended(2)).map((span) => span.parentSpanId)).toEqual(['b'.repeat(16), 'b'.repeat(16)])
  })

  test('the span of a stream ends with it, and its chunks are made in the context', async () => {
    await using capture = captureSpans()
    const seen: (string | undefined)[] = []
    const pull = (controller: ReadableStreamDefaultController): void => {
      seen.push(getTraceId())
      controller.enqueue(new TextEncoder().encode(`chunk ${seen.length} `))
      if (seen.length === 5) controller.close()
    }
    const app = createApp(capture, (routes) => routes.get('/', () => new Response(new ReadableStream({ pull }, { highWaterMark: 0 }))))
    const answer = await app.request('/')
    expect(capture.tracer.stats().spansEnded).toBe(0)
    expect(await answer.text()).toBe('chunk 1 chunk 2 chunk 3 chunk 4 chunk 5 ')
    const [span] = await capture.ended(1)
    expect(new Set(seen)).toEqual(new Set([span?.traceId]))
  })

  test('a reader that leaves is no error', async () => {
    await using capture = captureSpans()
    const cancelled: unknown[] = []
    const endless = {
      pull: (controller: ReadableStreamDefaultController) => controller.enqueue(new Uint8Array(1)),
      cancel: (why: unknown) => void cancelled.push(why),
    }
    const app = createApp(capture, (routes) => routes.get('/', () => new Response(new ReadableStream(endless))))
    const answer = await app.request('/')
    await answer.body?.cancel('enough')
    const [span] = await capture.ended(1)
    expect(span).toMatchObject({ status: 'unset', attributes: { 'clew.aborted': true } })
    expect(cancelled).toEqual(['enough'])
  })

  test('a stream that fails is an error', async () => {
    await using capture = captureSpans()
    const failing = { pull: (controller: ReadableStreamDefaultController) => controller.error(new RangeError('disk on fire')) }
    const app = createApp(capture, (routes) => routes.get('/', () => new Response(new ReadableStream(failing))))
    const answer = await app.request('/')
    await expect(answer.text()).rejects.toThrow('disk on fire')
    const [span] = await capture.ended(1)
    expect(span).toMatchObject({ status: 'error', statusMessage: 'disk on fire', attributes: { 'http.response.status_code': 200 } })
  })

  test('what is thrown and is no Error is recorded and thrown on', async () => {
    await using capture = captureSpans()
    const app = createApp(capture, (routes) =>
      routes.get('/', () => {
        throw 'out of stock'
      }),
    )
    await expect(Promise.resolve(app.request('/'))).rejects.toBe('out of stock')
    expect((await capture.ended(1))[0]).toMatchObject({ name: 'GET /', status: 'error', statusMessage: 'out of stock' })
  })

  test('spans of the handler are children of the server span', async () => {
    await using capture = captureSpans()
    const app = createApp(capture, (routes) => routes.get('/', async (c) => c.text(await withSpan('work', async () => 'done'))))
    await app.request('/')
    const [work, server] = await capture.ended(2)
    expect(work).toMatchObject({ name: 'work', parentSpanId: server?.spanId })
  })

  test('a second middleware does nothing', async () => {
    await using capture = captureSpans()
    const app = createApp(capture, (routes) => routes.use(honoTracing({ tracer: capture.tracer })).get('/', (c) => c.text(c.get('spanId'))))
    const answer = await app.request('/')
    const [span] = await capture.ended(1)
    expect(await answer.text()).toBe(span?.spanId)
    expect(capture.tracer.stats().spansStarted).toBe(1)
  })

  test('the span of HEAD ends although the body of its GET goes on', async () => {
    await using capture = captureSpans()
    const endless = { pull: (controller: ReadableStreamDefaultController) => controller.enqueue(new Uint8Array(1)) }
    const app = createApp(capture, (routes) => routes.get('/', () => new Response(new ReadableStream(endless, { highWaterMark: 0 }))))
    const answer = await app.request('/', { method: 'HEAD' })
    expect(answer.headers.get('x-trace-id')).toMatch(/^[0-9a-f]{32}$/)
    expect(await capture.ended(1)).toMatchObject([{ name: 'HEAD /', status: 'unset', attributes: { 'http.response.status_code': 200 } }])
  })

  test.each<[string, () => Response | Promise<Response>]>([
    ['of a redirect', () => Response.redirect('https://shop.example/', 302)],
    ['of another server', () => fetch('data:text/plain,ok')],
    ['that was cloned', () => new Response('ok').clone()],
    ['without a body', () => new Response(null, { status: 204 })],
    ['that is not modified', () => new Response(null, { status: 304 })],
  ])('ids stand in an answer %s, whose headers cannot be changed or whose body is none', async (_what, answer) => {
    await using capture = captureSpans()
    const plain = await answer()
    const app = createApp(capture, (routes) => routes.get('/', answer))
    const traced = await app.request('/')
    const [span] = await capture.ended(1)
    expect([traced.status, await traced.text()]).toEqual([plain.status, await plain.text()])
    expect(span?.attributes['http.response.status_code']).toBe(plain.status)
    expect(traced.headers.get('x-trace-id')).toBe(span?.traceId)
  })

  test('an answer that cannot be copied stays as it is', async () => {
    await using capture = captureSpans()
    const app = createApp(capture, (routes) => routes.get('/', () => Response.error()))
    const answer = await app.request('/')
    expect([answer.type, answer.status]).toEqual(['error', 0])
    expect(await capture.ended(1)).toMatchObject([{ name: 'GET /', status: 'unset' }])
  })

  test("the application's Server-Timing stays beside ours", async () => {
    await using capture = captureSpans()
    const app = new Hono().use(honoTracing({ tracer: capture.tracer, responseHeaders: ['Server-Timing'] }))
    app.get('/', (c) => c.text('ok', 200, { 'Server-Timing': 'db;dur=5' }))
    const { headers } = await app.request('/')
    expect(headers.get('server-timing')).toMatch(/^db;dur=5, traceparent;desc="00-/)
  })

  test('headers, cookies and status of the answer stay', async () => {
    await using capture = captureSpans()
    const app = createApp(capture, (routes) =>
      routes.get('/', (c) => {
        c.header('Set-Cookie', 'a=1', { append: true })
        c.header('Set-Cookie', 'b=2', { append: true })
        return c.json({ ok: true }, 201)
      }),
    )
    const answer = await app.request('/')
    expect(answer.status).toBe(201)
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(await answer.json()).toEqual({ ok: true })
  })
})

describe('the route', () => {
  const ok = (c: { text(text: string): Response }): Response => c.text('ok')

  test('is that of the handler before which a middleware answered', async () => {
    const guard: MiddlewareHandler = async (c) => c.text('no', 401)
    expect((await spanOf('/items/7', (app) => app.use('/items/*', guard).get('/items/:id', ok))).name).toBe('GET /items/:id')
  })

  test('is that of the handler that answered, not of others that match', async () => {
    expect((await spanOf('/items/7', (app) => app.get('/items/:id', ok).get('/items/*', ok).use(honoTracing()))).name).toBe(
      'GET /items/:id',
    )
  })

  test('is that of a middleware under a path which answers itself', async () => {
    expect((await spanOf('/static/a/b', (app) => app.use('/static/*', async (c) => c.text('file')))).name).toBe('GET /static/*')
    expect((await spanOf('/anything', (app) => app.use(async (c) => c.text('file')))).name).toBe('GET')
  })

  test('is that of app.mount, which hides its own', async () => {
    const inner = new Hono().get('/items/:id', (c) => c.text('ok'))
    expect((await spanOf('/old/items/7', (app) => app.mount('/old', inner.fetch))).name).toBe('GET /old/*')
  })

  test.each([
    ['/items/7', '/items/:id{[0-9]+}'],
    ['/items/x7', '/items/:name{[a-z]+[0-9]}'],
    ['/a', '/a'],
    ['/b/7', '/b/:id'],
    ['/files/a/b.txt', '/files/*'],
    ['/posts/7', '/posts/:id?'],
    ['/posts', '/posts/:id?'],
  ])('is as it is written, with its expressions, arrays and optional parts: %s', async (path, route) => {
    const build = (app: App): unknown =>
      app
        .get('/items/:id{[0-9]+}', ok)
        .get('/items/:name{[a-z]+[0-9]}', ok)
        .on(['GET', 'POST'], ['/a', '/b/:id'], ok)
        .get('/files/*', ok)
        .get('/posts/:id?', ok)
    expect((await spanOf(path, build)).name).toBe(`GET ${route}`)
  })

  test('has the base path', async () => {
    const inner = new Hono().basePath('/v1').get('/items/:id', (c) => c.text('ok'))
    expect((await spanOf('/api/v1/items/7', (app) => app.route('/api', inner))).name).toBe('GET /api/v1/items/:id')
  })
})

describe('errors', () => {
  test('of sub-applications with handlers of their own are recorded', async () => {
    const inner = new Hono()
    inner.onError((_error, c) => c.text('sorry', 502))
    inner.get('/', () => {
      throw new RangeError('out of stock')
    })
    const span = await spanOf('/inner', (app) => app.route('/inner', inner))
    expect(span).toMatchObject({ status: 'error', attributes: { 'http.response.status_code': 502, 'error.type': 'RangeError' } })
  })

  test('that are a 4xx are none', async () => {
    const build = (app: App): unknown =>
      app.get('/', () => {
        throw new HTTPException(403)
      })
    expect(await spanOf('/', build)).toMatchObject({ status: 'unset', events: [], attributes: { 'http.response.status_code': 403 } })
  })
})

test('the helpers of hono/streaming keep the context', async () => {
  await using capture = captureSpans()
  const app = createApp(capture, (routes) =>
    routes.get('/', (c) =>
      stream(c, async (out) => {
        await out.write('one ')
        await new Promise((resolve) => setImmediate(resolve))
        await withSpan('part', () => out.write('two'))
      }),
    ),
  )
  expect(await (await app.request('/')).text()).toBe('one two')
  const spans = await capture.ended(2)
  expect(spans.find((span) => span.name === 'part')?.parentSpanId).toBe(spans.find((span) => span.kind === 'server')?.spanId)
})

test('an option that cannot be used throws at construction', () => {
  expect(() => honoTracing({ ignored: [] } as unknown as AdapterOptions)).toThrow(TraceError)
})

test('the signatures', () => {
  expectTypeOf(honoTracing).parameters.toEqualTypeOf<[options?: AdapterOptions | undefined]>()
  expectTypeOf(honoTracing).returns.toEqualTypeOf<MiddlewareHandler<{ Variables: TraceVariables }>>()
  new Hono().use(honoTracing()).get('/', (c) => {
    expectTypeOf(c.get('trace')).toEqualTypeOf<RequestTrace>()
    expectTypeOf(c.get('traceId')).toEqualTypeOf<string>()
    expectTypeOf(c.var.spanId).toEqualTypeOf<string>()
    return c.body(null)
  })
})
