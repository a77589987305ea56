import { getTraceHeaders, getTraceId, withSpan } from '@clew/core'
import { describe, expect, test } from 'vitest'
import type { ConformingAdapter, Handler } from './app-spec.js'
import { runApp } from './harness.js'

const ok: Handler = () => ({ body: 'ok' })
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const TRACEPARENT = `00-${TRACE_ID}-b7ad6b7169203331-01`

function bug(): never {
  throw new Error('a bug in a callback')
}

/** The options that all adapters share. */
export function describeOptions(adapter: ConformingAdapter): void {
  describe('options', () => {
    testIgnore(adapter)
    testCallbacks(adapter)
    testThrowingCallbacks(adapter)
    testCapture(adapter)
  })
}

function testIgnore(adapter: ConformingAdapter): void {
  const handler: Handler = () => withSpan('inner', () => ({ body: JSON.stringify({ traceId: getTraceId(), ...getTraceHeaders() }) }))

  test('ignore: health checks are not recorded, and ids go through them', async () => {
    await using app = await runApp(adapter, { routes: [{ path: '/healthz', handler }] })
    const reply = await app.get('/healthz', { headers: { traceparent: TRACEPARENT } })
    expect(JSON.parse(reply.body)).toMatchObject({ traceId: TRACE_ID, traceparent: TRACEPARENT })
    expect(app.capture.tracer.stats().spansStarted).toBe(0)
  })

  test('ignore: an ignored request without ids is given none', async () => {
    await using app = await runApp(adapter, { options: { ignore: ['/internal/*'] }, routes: [{ path: '/internal/:name', handler }] })
    const reply = await app.get('/internal/jobs')
    expect(reply).toMatchObject({ status: 200, body: '{}', traceId: null })
    expect(app.capture.tracer.stats().spansStarted).toBe(0)
  })

  test('ignore: a function decides', async () => {
    const ignore = ({ path }: { path: string }): boolean => path.startsWith('/quiet')
    await using app = await runApp(adapter, { options: { ignore }, routes: ['/quiet', '/healthz'].map((path) => ({ path, handler: ok })) })
    await app.get('/quiet')
    await app.get('/healthz')
    expect((await app.onlySpan()).name).toBe('GET /healthz')
  })
}

function testCallbacks(adapter: ConformingAdapter): void {
  test('routeName takes the place of the route', async () => {
    const routeName = ({ path }: { path: string }, route: string | undefined): string | undefined =>
      path === '/a/1' ? `${route}!` : undefined
    await using app = await runApp(adapter, { options: { routeName }, routes: [{ path: '/a/:id', handler: ok }] })
    await app.get('/a/1')
    await app.get('/a/2')
    expect((await app.serverSpans(2)).map((span) => span.name)).toEqual(['GET /a/:id!', 'GET /a/:id'])
  })

  test('isError decides which answers are errors', async () => {
    const isError = (statusCode: number): boolean => statusCode === 404
    const routes = [{ path: '/busy', handler: (): { status: number } => ({ status: 503 }) }]
    await using app = await runApp(adapter, { options: { isError }, routes })
    await app.get('/nowhere')
    await app.get('/busy')
    expect((await app.serverSpans(2)).map((span) => span.status)).toEqual(['error', 'unset'])
  })

  test('onSpanStart sees span and request before the handler runs', async () => {
    const order: string[] = []
    const handler: Handler = () => {
      order.push('handler')
      return { body: 'ok' }
    }
    await using app = await runApp(adapter, {
      options: { onSpanStart: (span, { path }) => void (order.push('start'), span.setAttribute('seen', path)) },
      routes: [{ path: '/a/:id', handler }],
    })
    await app.get('/a/1?x=1')
    expect((await app.onlySpan()).attributes['seen']).toBe('/a/1')
    expect(order).toEqual(['start', 'handler'])
  })
}

function testThrowingCallbacks(adapter: ConformingAdapter): void {
  test.each(['ignore', 'routeName', 'isError', 'onSpanStart'])('a %s that throws is reported and breaks nothing', async (name) => {
    await using app = await runApp(adapter, { options: { [name]: bug }, routes: [{ path: '/a/:id', handler: ok }] })
    const { status, body } = await app.get('/a/1')
    const span = await app.onlySpan()
    expect({ status, body }).toEqual({ status: 200, body: 'ok' })
    expect(span).toMatchObject({ name: 'GET /a/:id', status: 'unset' })
    expect(app.capture.errors.map(({ code, message }) => [code, message])).toEqual([['CALLBACK_FAILED', expect.stringContaining(name)]])
  })
}

function testCapture(adapter: ConformingAdapter): void {
  test('captureRequestHeaders records those headers alone', async () => {
    await using app = await runApp(adapter, { options: { captureRequestHeaders: ['X-Tenant'] }, routes: [{ path: '/', handler: ok }] })
    await app.get('/', { headers: { 'x-tenant': 'acme', 'x-other': 'hidden', authorization: 'Bearer hidden' } })
    const span = await app.onlySpan()
    expect(span.attributes['http.request.header.x-tenant']).toEqual(['acme'])
    expect(JSON.stringify(span)).not.toContain('hidden')
  })
}
