import { Readable } from 'node:stream'
import { withSpan } from '@clew/core'
import { describe, expect, test } from 'vitest'
import type { Answer, ConformingAdapter, Handler } from './app-spec.js'
import { countExceptions, runApp, type RunOptions, spanNamed } from './harness.js'

const throwNow: Handler = () => {
  throw new RangeError('out of stock')
}
const rejectLater = async (): Promise<Answer> => {
  await new Promise((resolve) => setImmediate(resolve))
  throw new RangeError('out of stock')
}

function failing(handler: Handler, onError?: (error: unknown) => Answer): RunOptions {
  return { routes: [{ path: '/fail', handler }], ...(onError ? { onError } : undefined) }
}

/** What becomes of errors, on the span and in the answer. */
export function describeErrors(adapter: ConformingAdapter): void {
  describe('errors', () => {
    testThrown(adapter)
    testOnce(adapter)
    testStatus(adapter)
    testStreams(adapter)
  })
}

function testThrown(adapter: ConformingAdapter): void {
  test.each([
    ['throws', throwNow],
    ['rejects', rejectLater],
  ])('records what a handler %s, once', async (_how, handler) => {
    await using app = await runApp(adapter, failing(handler))
    const { status, traceId } = await app.get('/fail')
    const span = await app.onlySpan()
    expect(status).toBe(500)
    expect(span).toMatchObject({ traceId, name: 'GET /fail', status: 'error', statusMessage: 'out of stock' })
    expect(span.attributes).toMatchObject({ 'error.type': 'RangeError', 'http.response.status_code': 500 })
    expect(countExceptions([span])).toBe(1)
    expect(span.events[0]?.attributes).toMatchObject({ 'exception.type': 'RangeError', 'exception.message': 'out of stock' })
  })

  test('leaves the answer of the error handler as it is', async () => {
    const onError = (error: unknown): Answer => ({
      status: 503,
      headers: { 'retry-after': '7' },
      body: `sorry: ${(error as Error).message}`,
    })
    await using app = await runApp(adapter, failing(rejectLater, onError))
    const { status, headers, body, traceId } = await app.get('/fail')
    const span = await app.onlySpan()
    expect({ status, body, retry: headers.get('retry-after') }).toEqual({ status: 503, body: 'sorry: out of stock', retry: '7' })
    expect(span).toMatchObject({ traceId, status: 'error', attributes: { 'http.response.status_code': 503, 'error.type': 'RangeError' } })
    expect(countExceptions([span])).toBe(1)
  })

  test('records what is thrown and is no Error', async () => {
    const handler: Handler = () => {
      throw 'out of stock'
    }
    await using app = await runApp(adapter, failing(handler))
    const { status } = await app.get('/fail')
    expect(status).toBe(500)
    expect(await app.onlySpan()).toMatchObject({ status: 'error', statusMessage: 'out of stock' })
  })
}

function testOnce(adapter: ConformingAdapter): void {
  test('records an error of nested spans on the innermost and fails all of them', async () => {
    const handler: Handler = () => withSpan('outer', () => withSpan('inner', () => rejectLater()))
    await using app = await runApp(
      adapter,
      failing(handler, () => ({ status: 500, body: 'sorry' })),
    )
    const { body } = await app.get('/fail')
    const spans = await app.capture.ended(3)
    expect(body).toBe('sorry')
    expect(spans.map((span) => [span.name, span.status])).toEqual([
      ['inner', 'error'],
      ['outer', 'error'],
      ['GET /fail', 'error'],
    ])
    expect(countExceptions([spanNamed(spans, 'inner')])).toBe(1)
    expect(countExceptions(spans)).toBe(1)
  })

  test('does not fail the request for an error that the handler dealt with', async () => {
    const handler: Handler = async () => {
      await withSpan('inner', () => rejectLater()).catch(() => {})
      return { body: 'fine' }
    }
    await using app = await runApp(adapter, failing(handler))
    await app.get('/fail')
    const spans = await app.capture.ended(2)
    expect(spans.map((span) => [span.name, span.status])).toEqual([
      ['inner', 'error'],
      ['GET /fail', 'unset'],
    ])
  })
}

function testStatus(adapter: ConformingAdapter): void {
  test('does not call a 4xx an error, thrown or answered', async () => {
    await using app = await runApp(
      adapter,
      failing(throwNow, () => ({ status: 422 })),
    )
    await app.get('/fail')
    const span = await app.onlySpan()
    expect(span).toMatchObject({ status: 'unset', attributes: { 'http.response.status_code': 422 } })
    expect(countExceptions([span])).toBe(0)
  })

  test('calls a 5xx an error without anything thrown', async () => {
    await using app = await runApp(adapter, { routes: [{ path: '/busy', handler: () => ({ status: 503 }) }] })
    await app.get('/busy')
    const span = await app.onlySpan()
    expect(span).toMatchObject({ status: 'error', attributes: { 'http.response.status_code': 503, 'error.type': '503' } })
    expect(countExceptions([span])).toBe(0)
  })
}

function testStreams(adapter: ConformingAdapter): void {
  test('records an error that breaks a streamed answer off', async () => {
    const handler: Handler = () => ({ body: Readable.from(halfAnAnswer()) })
    await using app = await runApp(adapter, { routes: [{ path: '/stream', handler }] })
    await expect(app.get('/stream')).rejects.toThrow(TypeError)
    const span = await app.onlySpan()
    expect(span).toMatchObject({ name: 'GET /stream', status: 'error', statusMessage: 'disk on fire' })
    expect(span.attributes).toMatchObject({ 'http.response.status_code': 200, 'error.type': 'Error' })
    expect(span.attributes['clew.aborted']).toBeUndefined()
    expect(countExceptions([span])).toBe(1)
  })
}

async function* halfAnAnswer(): AsyncGenerator<string> {
  yield 'half an answer'
  await new Promise((resolve) => setImmediate(resolve))
  throw new Error('disk on fire')
}
