import { describe, expect, test } from 'vitest'
import { connectRaw } from '../raw-socket.js'
import type { ConformingAdapter, Handler, RouterSpec } from './app-spec.js'
import { countExceptions, runApp } from './harness.js'

const ok: Handler = () => ({ body: 'ok' })
const pass: Handler = () => undefined
const fail: Handler = () => {
  throw new RangeError('out of stock')
}
const ITEMS: RouterSpec = { routes: [{ path: '/items/:id', handler: ok }] }

/** Which route it is, where several could be meant. */
export function describeRoutes(adapter: ConformingAdapter): void {
  describe('the route', () => {
    testPassedOn(adapter)
    testPrefixes(adapter)
    testFailing(adapter)
    testTwice(adapter)
    testIgnored(adapter)
  })
}

function testPassedOn(adapter: ConformingAdapter): void {
  test('is that of the handler that answers, where another has passed the request on', async () => {
    const routes = [
      { path: '/items/:id', handler: pass },
      { path: '/items/:name', handler: async (): Promise<undefined> => undefined },
      { path: '/items/:slug', handler: ok },
    ]
    await using app = await runApp(adapter, { routes })
    await app.get('/items/7')
    expect((await app.onlySpan()).name).toBe('GET /items/:slug')
  })

  test('is that of the router that answers, where another under the same prefix has not', async () => {
    await using app = await runApp(adapter, {
      routers: {
        '/shop': { routes: [{ path: '/orders/:id', handler: pass }], routers: { '/:area': { routes: [{ path: '/:id', handler: ok }] } } },
      },
    })
    await app.get('/shop/orders/7')
    expect((await app.onlySpan()).name).toBe('GET /shop/:area/:id')
  })
}

function testPrefixes(adapter: ConformingAdapter): void {
  test.each([
    ['/', '/'],
    ['/a/items/1', '/a/items/:id'],
    ['/a/b/items/1', '/a/b/items/:id'],
    ['/ab/items/1', '/ab/items/:id'],
    ['/a/items/1?a=/b/items/2', '/a/items/:id'],
  ])('of prefixes that begin alike is the right one for %s', async (path, route) => {
    await using app = await runApp(adapter, { routes: [{ path: '/', handler: ok }], routers: { '/a/b': ITEMS, '/ab': ITEMS, '/a': ITEMS } })
    expect((await app.get(path)).status).toBe(200)
    expect((await app.onlySpan()).name).toBe(`GET ${route}`)
  })

  test('is read from a target in absolute form as well', async () => {
    await using app = await runApp(adapter, { routers: { '/shop': ITEMS } })
    await using socket = await connectRaw(app.port)
    socket.write(`GET http://127.0.0.1:${app.port}/shop/items/7?x=1 HTTP/1.1\r\nHost: 127.0.0.1:${app.port}\r\n\r\n`)
    expect((await socket.responses(1))[0]).toMatchObject({ status: 200 })
    expect(await app.onlySpan()).toMatchObject({ name: 'GET /shop/items/:id', attributes: { 'url.path': '/shop/items/7' } })
  })
}

function testFailing(adapter: ConformingAdapter): void {
  test.each([
    ['nested router', { routers: { '/shop/:area': { routers: { '/v1': { routes: [{ path: '/items/:id', handler: fail }] } } } } }],
    ['mounted application', { mounts: { '/shop/a/v1': { routes: [{ path: '/items/:id', handler: fail }] } } }],
  ])('is whole where a handler of a %s fails', async (_where, spec) => {
    await using app = await runApp(adapter, spec)
    expect((await app.get('/shop/a/v1/items/7')).status).toBe(500)
    const span = await app.onlySpan()
    expect(span.name).toMatch(/^GET \/shop\/(?::area|a)\/v1\/items\/:id$/)
    expect(countExceptions([span])).toBe(1)
  })
}

function testTwice(adapter: ConformingAdapter): void {
  test('is whole where the adapter is installed in a mounted application, too', async () => {
    const handler: Handler = ({ trace }) => ({ body: trace?.spanId ?? '' })
    await using app = await runApp(adapter, { mounts: { '/shop': { tracing: [{}], routes: [{ path: '/items/:id', handler }] } } })
    const { body, traceId } = await app.get('/shop/items/7')
    const span = await app.onlySpan()
    expect(span.name).toBe('GET /shop/items/:id')
    expect([traceId, body]).toEqual([span.traceId, span.spanId])
  })
}

function testIgnored(adapter: ConformingAdapter): void {
  test('does not matter to ignore, which reads the path alone', async () => {
    const options = { ignore: [/^\/shop\/items\/\d+$/g, '/assets/*'] }
    await using app = await runApp(adapter, { options, routers: { '/shop': ITEMS, '/assets': ITEMS } })
    for (const path of ['/shop/items/7?x=1', '/shop/items/8', '/assets/items/7', '/shop/items/seven']) await app.get(path)
    expect((await app.onlySpan()).attributes['url.path']).toBe('/shop/items/seven')
  })
}
