import { Readable } from 'node:stream'
import type { AdapterOptions } from '@clew/core'
import { describe, expect, test } from 'vitest'
import type { ConformingAdapter, Handler } from './app-spec.js'
import { runApp } from './harness.js'

const ok: Handler = () => ({ body: 'ok' })
const fail: Handler = () => {
  throw new Error('out of stock')
}

/** The ids in the answers. */
export function describeHeaders(adapter: ConformingAdapter): void {
  describe('the answer', () => {
    testTraceId(adapter)
    testChoice(adapter)
    testOwnHeaders(adapter)
    testHandles(adapter)
  })
}

function testTraceId(adapter: ConformingAdapter): void {
  test.each([
    ['an ordinary answer', '/ok', 200],
    ['a stream', '/stream', 200],
    ['an empty answer', '/empty', 204],
    ['an error', '/fail', 500],
    ['a 404', '/nowhere', 404],
  ])('carries X-Trace-Id: %s', async (_what, path, status) => {
    await using app = await runApp(adapter, {
      routes: [
        { path: '/ok', handler: ok },
        { path: '/stream', handler: () => ({ body: Readable.from(['one', 'two']) }) },
        { path: '/empty', handler: () => ({ status: 204 }) },
        { path: '/fail', handler: fail },
      ],
    })
    const reply = await app.get(path)
    const { traceId } = await app.onlySpan()
    expect(reply).toMatchObject({ status, traceId })
    expect(traceId).toMatch(/^[0-9a-f]{32}$/)
  })

  test('keeps the X-Trace-Id that the handler has set', async () => {
    await using app = await runApp(adapter, { routes: [{ path: '/', handler: () => ({ headers: { 'X-Trace-Id': 'mine' }, body: 'ok' }) }] })
    expect((await app.get('/')).traceId).toBe('mine')
  })
}

function testChoice(adapter: ConformingAdapter): void {
  test('carries the headers that were asked for', async () => {
    await using app = await runApp(adapter, {
      options: { responseHeaders: ['X-Trace-Id', 'X-Span-Id', 'traceresponse', 'Server-Timing'] },
      routes: [{ path: '/', handler: ok }],
    })
    const { headers } = await app.get('/')
    const { traceId, spanId } = await app.onlySpan()
    const traceparent = `00-${traceId}-${spanId}-03`
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-trace-id': traceId,
      'x-span-id': spanId,
      traceresponse: traceparent,
      'server-timing': `traceparent;desc="${traceparent}"`,
    })
  })

  test('carries none where none was asked for', async () => {
    await using app = await runApp(adapter, { options: { responseHeaders: [] }, routes: [{ path: '/', handler: ok }] })
    expect((await app.get('/')).traceId).toBeNull()
  })

  test('carries the id with exporter: false as well', async () => {
    await using app = await runApp(adapter, { tracer: { exporter: false }, routes: [{ path: '/', handler: ok }] })
    const { traceId } = await app.get('/')
    expect(traceId).toMatch(/^[0-9a-f]{32}$/)
    expect((await app.onlySpan()).traceId).toBe(traceId)
    expect(app.capture.exporter.spans).toEqual([])
  })
}

function testOwnHeaders(adapter: ConformingAdapter): void {
  const options: AdapterOptions = { responseHeaders: ['X-Trace-Id', 'X-Span-Id', 'traceresponse', 'Server-Timing'] }

  test('keeps what the application has set, and adds to its Server-Timing alone', async () => {
    const own = { 'X-Span-Id': 'own', traceresponse: 'own too', 'Server-Timing': 'db;dur=5' }
    await using app = await runApp(adapter, { options, routes: [{ path: '/', handler: () => ({ headers: own, body: 'ok' }) }] })
    const { headers } = await app.get('/')
    const { traceId, spanId } = await app.onlySpan()
    expect(Object.fromEntries(headers)).toMatchObject({ 'x-trace-id': traceId, 'x-span-id': 'own', traceresponse: 'own too' })
    expect(headers.get('server-timing')).toBe(`db;dur=5, traceparent;desc="00-${traceId}-${spanId}-03"`)
  })

  test('keeps every value of a header that has several', async () => {
    const handler: Handler = ({ res }) => {
      res.appendHeader('Set-Cookie', 'a=1').appendHeader('Set-Cookie', 'b=2')
      return { headers: { Vary: 'Accept, Origin' }, body: 'ok' }
    }
    await using app = await runApp(adapter, { options, routes: [{ path: '/', handler }] })
    const { headers } = await app.get('/')
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(headers.get('vary')).toBe('Accept, Origin')
    expect(headers.get('x-trace-id')).toBe((await app.onlySpan()).traceId)
  })

  test.each([301, 304])('of status %d carries the ids as well', async (status) => {
    const handler: Handler = () => ({ status, headers: status === 301 ? { location: '/elsewhere' } : { etag: '"7"' } })
    await using app = await runApp(adapter, { options, routes: [{ path: '/', handler }] })
    const reply = await app.get('/', { redirect: 'manual' })
    expect(reply).toMatchObject({ status, traceId: (await app.onlySpan()).traceId })
  })
}

function testHandles(adapter: ConformingAdapter): void {
  test('comes from handlers that have the trace at hand', async () => {
    const handler: Handler = ({ trace }) => {
      trace?.span.setAttribute('order.id', 7)
      return { body: `${trace?.traceId} ${trace?.spanId}` }
    }
    await using app = await runApp(adapter, { routes: [{ path: '/', handler }] })
    const { body } = await app.get('/')
    const { traceId, spanId, attributes } = await app.onlySpan()
    expect(body).toBe(`${traceId} ${spanId}`)
    expect(attributes['order.id']).toBe(7)
  })

  test('is traced once by an adapter that is installed twice', async () => {
    const handler: Handler = ({ trace }) => ({ body: trace?.traceId ?? '' })
    await using app = await runApp(adapter, { times: 2, routes: [{ path: '/orders/:id', handler }] })
    const { body, traceId } = await app.get('/orders/7')
    const span = await app.onlySpan()
    expect(span.name).toBe('GET /orders/:id')
    expect([body, traceId]).toEqual([span.traceId, span.traceId])
  })
}
