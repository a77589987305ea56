import { describe, expect, test } from 'vitest'
import { manualClock } from '../manual-clock.js'
import type { ConformingAdapter, Handler, RouterSpec } from './app-spec.js'
import { runApp } from './harness.js'

const ok: Handler = () => ({ body: 'ok' })
const ROUTED: RouterSpec = {
  routes: [
    { path: '/', handler: ok },
    { path: '/posts/:post', handler: ok },
  ],
}

/** What the server span says of the request. */
export function describeNaming(adapter: ConformingAdapter): void {
  describe('the server span', () => {
    testAttributes(adapter)
    testTemplates(adapter)
    testUnrouted(adapter)
    testMethods(adapter)
  })
}

function testAttributes(adapter: ConformingAdapter): void {
  test('is named after method and route and follows the conventions', async () => {
    await using app = await runApp(adapter, { routes: [{ path: '/orders/:id', handler: ok }] })
    await app.get('/orders/7?token=secret')
    const span = await app.onlySpan()
    expect(span).toMatchObject({ name: 'GET /orders/:id', kind: 'server', status: 'unset', service: 'test' })
    expect(span.parentSpanId).toBeUndefined()
    expect(span.attributes).toMatchObject({
      'http.request.method': 'GET',
      'http.route': '/orders/:id',
      'http.response.status_code': 200,
      'url.path': '/orders/7',
      'url.scheme': 'http',
      'server.address': '127.0.0.1',
      'server.port': app.port,
      'network.protocol.version': '1.1',
    })
    expect(JSON.stringify(span)).not.toContain('secret')
  })

  test('lasts from the request to the end of the answer', async () => {
    const clock = manualClock(1_700_000_000_000)
    const handler: Handler = async () => {
      await new Promise((resolve) => setImmediate(resolve))
      clock.advance(25)
      return { body: 'ok' }
    }
    await using app = await runApp(adapter, { tracer: { clock }, routes: [{ path: '/', handler }] })
    await app.get('/')
    expect(await app.onlySpan()).toMatchObject({ startTime: 1_700_000_000_000, duration: 25 })
  })
}

function testTemplates(adapter: ConformingAdapter): void {
  test.each([
    ['/users/7/posts/9', '/users/:user/posts/:post'],
    ['/users/7', '/users/:user'],
    ['/users/7/posts/a%20b', '/users/:user/posts/:post'],
    ['/users/posts/posts/posts', '/users/:user/posts/:post'],
  ])('has the template of nested routers for %s', async (path, route) => {
    await using app = await runApp(adapter, { routers: { '/users/:user': ROUTED } })
    await app.get(path)
    expect((await app.onlySpan()).attributes['http.route']).toBe(route)
  })

  test('has the template where parameters of several routers are equal', async () => {
    await using app = await runApp(adapter, {
      routers: { '/a/:a': { routers: { '/b/:b': { routes: [{ path: '/c/:c', handler: ok }] } } } },
    })
    await app.get('/a/1/b/1/c/1')
    const { attributes } = await app.onlySpan()
    expect(attributes['http.route']).toBe('/a/:a/b/:b/c/:c')
    expect(attributes['clew.route.inferred']).toBeUndefined()
  })

  test('has the whole template in mounted applications', async () => {
    await using app = await runApp(adapter, { mounts: { '/shop': ROUTED } })
    await app.get('/shop/posts/9')
    expect(await app.onlySpan()).toMatchObject({ name: 'GET /shop/posts/:post', attributes: { 'url.path': '/shop/posts/9' } })
  })

  test('keeps the template when the handler fails', async () => {
    const handler: Handler = () => {
      throw new Error('out of stock')
    }
    const routes = [{ path: '/fail/:id', handler }]
    await using app = await runApp(adapter, { routers: { '/users/:user': { routes } }, onError: () => ({ status: 500 }) })
    await app.get('/users/7/fail/1')
    expect((await app.onlySpan()).name).toBe('GET /users/:user/fail/:id')
  })
}

function testUnrouted(adapter: ConformingAdapter): void {
  test.each(['/nowhere', '/users/7/nowhere', '/shop/nowhere'])('has no route for the 404 of %s', async (path) => {
    await using app = await runApp(adapter, {
      before: () => {},
      routers: { '/users/:user': { ...ROUTED, before: () => {} } },
      mounts: { '/shop': ROUTED },
    })
    const { status } = await app.get(path)
    const span = await app.onlySpan()
    expect(status).toBe(404)
    expect(span).toMatchObject({ name: 'GET', status: 'unset', attributes: { 'http.response.status_code': 404, 'url.path': path } })
    expect(span.attributes['http.route']).toBeUndefined()
  })

  test('keeps the route where its handler answers 404', async () => {
    await using app = await runApp(adapter, {
      routers: { '/users': { routes: [{ path: '/:id', handler: () => ({ status: 404, body: 'none' }) }] } },
    })
    await app.get('/users/7')
    expect(await app.onlySpan()).toMatchObject({ name: 'GET /users/:id', attributes: { 'http.response.status_code': 404 } })
  })
}

function testMethods(adapter: ConformingAdapter): void {
  test('names HEAD after the route of GET', async () => {
    await using app = await runApp(adapter, { routes: [{ path: '/orders/:id', handler: ok }] })
    const { status, traceId } = await app.get('/orders/7', { method: 'HEAD' })
    const span = await app.onlySpan()
    expect(status).toBe(200)
    expect(span).toMatchObject({ name: 'HEAD /orders/:id', traceId })
  })

  test('has no route for OPTIONS that nobody handles', async () => {
    await using app = await runApp(adapter, { routes: [{ path: '/orders/:id', handler: ok }] })
    await app.get('/orders/7', { method: 'OPTIONS' })
    expect((await app.onlySpan()).name).toBe('OPTIONS')
  })

  test('has no route for another method of a route', async () => {
    await using app = await runApp(adapter, { routes: [{ path: '/orders/:id', handler: ok }] })
    const { status } = await app.get('/orders/7', { method: 'DELETE' })
    expect(status).toBe(404)
    expect((await app.onlySpan()).name).toBe('DELETE')
  })

  test('keeps methods that are not of HTTP out of its name', async () => {
    await using app = await runApp(adapter, { routes: [{ path: '/', handler: ok }] })
    await app.get('/', { method: 'PURGE' })
    const span = await app.onlySpan()
    expect(span.name).toBe('HTTP')
    expect(span.attributes).toMatchObject({ 'http.request.method': '_OTHER', 'http.request.method_original': 'PURGE' })
  })
}
