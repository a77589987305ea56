import type { SpanData } from '@clew/core'
import { captureSpans, startServer } from '@clew/testkit'
import express, { type Application, type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express'
import express4 from 'express4'
import { describe, expect, test } from 'vitest'
import { expressErrors, expressTracing } from '../src/index.js'

interface Setup {
  readonly create: typeof express
  readonly path: string
  /** Default: the middleware is installed first. */
  readonly install?: (app: Application, trace: RequestHandler) => void
  readonly build: (app: Application) => void
}

const ok = (_req: Request, res: Response): void => void res.send('ok')
const pass: RequestHandler = (_req, _res, next) => next()
const answerError: ErrorRequestHandler = (error: { status?: number }, _req, res, _next) =>
  void res.status(error.status ?? 500).send('sorry')

/** The span of one request to an application. */
async function spanOf({ create, path, install, build }: Setup): Promise<SpanData> {
  await using capture = captureSpans()
  const app = create()
  const trace = expressTracing({ tracer: capture.tracer })
  if (install) install(app, trace)
  else app.use(trace)
  build(app)
  await using server = await startServer(app)
  await fetch(server.url + path).then((response) => response.text())
  const [span] = await capture.ended(1)
  return span as SpanData
}

describe.each([
  ['5', express],
  ['4', express4],
])('Express %s', (_version, create) => {
  test('tells regular expressions as they are written', async () => {
    const span = await spanOf({ create, path: '/v2/files', build: (app) => app.get(/^\/v\d+\/files$/, ok) })
    expect(span.name).toBe(String.raw`GET /^\/v\d+\/files$/`)
  })

  test('tells which path of an array matched', async () => {
    const span = await spanOf({ create, path: '/b/7', build: (app) => app.get(['/a', '/b/:id'], ok) })
    expect(span).toMatchObject({ name: 'GET /b/:id' })
    expect(span.attributes['clew.route.inferred']).toBeUndefined()
  })

  test('tells the path of a router under one that other middleware shares', async () => {
    const router = create.Router().get('/', ok)
    const span = await spanOf({
      create,
      path: '/orders',
      build: (app) => app.use('/orders', pass).use('/:any', pass).use('/orders/', router),
    })
    expect(span.name).toBe('GET /orders')
  })

  test('tells the route that answered, not one that passed the request on', async () => {
    const build = (app: Application): unknown => app.get('/items/:id', pass).get('/items/:name', ok)
    expect((await spanOf({ create, path: '/items/7', build })).name).toBe('GET /items/:name')
  })

  test.each(['nobody', 'a last middleware'])('tells no route where it passed the request on and %s answers 404', async (who) => {
    const build = (app: Application): void => {
      app.get('/items/:id', pass)
      if (who !== 'nobody') app.use((_req, res) => void res.status(404).send('none'))
    }
    expect((await spanOf({ create, path: '/items/7', build })).name).toBe('GET')
  })

  test('tells the route where its error was answered with 404', async () => {
    const build = (app: Application): void => {
      app.get('/items/:id', (_req, _res, next) => next(Object.assign(new Error('none'), { status: 404 })))
      app.use(expressErrors(), answerError)
    }
    expect(await spanOf({ create, path: '/items/7', build })).toMatchObject({ name: 'GET /items/:id', status: 'unset' })
  })

  test('tells the route whose handler answers 404, although a middleware of it has replaced the parameters', async () => {
    const parse: RequestHandler = (req, _res, next) => {
      req.params = { id: Number(req.params['id']) } as never
      next()
    }
    const router = create.Router().get('/items/:id', parse, (_req, res) => void res.status(404).send('none'))
    expect((await spanOf({ create, path: '/api/items/7', build: (app) => app.use('/api', router) })).name).toBe('GET /api/items/:id')
  })

  test('tells the template with mergeParams and parameters of the same name', async () => {
    const inner = create.Router({ mergeParams: true }).get('/c/:c', ok)
    const outer = create.Router({ mergeParams: true }).use('/b/:b', inner)
    const span = await spanOf({ create, path: '/a/1/b/1/c/1', build: (app) => app.use('/a/:a', outer) })
    expect(span).toMatchObject({ name: 'GET /a/:a/b/:b/c/:c' })
    expect(span.attributes['clew.route.inferred']).toBeUndefined()
  })

  test('tells the template below the path that the middleware is installed under', async () => {
    const router = create.Router().get('/items/:id', ok)
    const install = (app: Application, trace: RequestHandler): unknown => app.use('/api', trace)
    expect((await spanOf({ create, path: '/api/items/7', install, build: (app) => app.use('/api', router) })).name).toBe(
      'GET /api/items/:id',
    )
  })

  test('leaves what handlers read of the request as it is, in every request', async () => {
    await using capture = captureSpans()
    const seen: unknown[] = []
    const router = create.Router().get('/items/:id', (req, res) => {
      seen.push([req.baseUrl, { ...req.params }, (req.route as { path: string }).path, 'params' in req])
      res.send('ok')
    })
    const app = create()
    app.use(expressTracing({ tracer: capture.tracer })).use('/api', router)
    await using server = await startServer(app)
    for (const id of ['7', '8', '9']) await fetch(`${server.url}/api/items/${id}`).then((response) => response.text())
    expect(seen).toEqual(['7', '8', '9'].map((id) => ['/api', { id }, '/items/:id', true]))
  })
})

/** A value that stands twice in the path: what matched cannot be told from the values. */
const ambiguous = (create: typeof express) => (app: Application) => app.use('/a/:id', create.Router().get('/', ok))

test('Express 5.3 tells the template that values leave open', async () => {
  const span = await spanOf({ create: express, path: '/a/a', build: ambiguous(express) })
  expect(span.name).toBe('GET /a/:id')
  expect(span.attributes['clew.route.inferred']).toBeUndefined()
})

test('Express 4 infers a template that values leave open, and says so', async () => {
  const span = await spanOf({ create: express4, path: '/a/a', build: ambiguous(express4) })
  expect(span.attributes['clew.route.inferred']).toBe(true)
})

test('Express 5.3 tells its errors without expressErrors', async () => {
  const build = (app: Application): void => {
    app.get('/items/:id', async () => {
      throw new RangeError('out of stock')
    })
    app.use(answerError)
  }
  const span = await spanOf({ create: express, path: '/items/7', build })
  expect(span).toMatchObject({ name: 'GET /items/:id', status: 'error', attributes: { 'error.type': 'RangeError' } })
})

test('an application of Express 4 mounted in one of Express 5 is told right', async () => {
  const inner = express4().use('/users/:user', express4.Router().get('/posts/:post', ok))
  const span = await spanOf({ create: express, path: '/old/users/7/posts/9', build: (app) => app.use('/old', inner) })
  expect(span.name).toBe('GET /old/users/:user/posts/:post')
})
