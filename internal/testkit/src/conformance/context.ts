import { setTimeout as delay } from 'node:timers/promises'
import { getTraceId, withSpan } from '@clew/core'
import { describe, expect, test } from 'vitest'
import { connectRaw } from '../raw-socket.js'
import type { ConformingAdapter, Handler } from './app-spec.js'
import { createSignal, runApp, spanNamed } from './harness.js'

/** The context is the request's own, wherever its code runs. */
export function describeContext(adapter: ConformingAdapter): void {
  describe('the context', () => {
    testNesting(adapter)
    testBody(adapter)
    testResponse(adapter)
    testPipelining(adapter)
  })
}

function testNesting(adapter: ConformingAdapter): void {
  test('makes spans children of each other across awaits, timers and callbacks', async () => {
    const handler: Handler = async () => {
      await delay(1)
      await withSpan('first', async () => {
        await delay(1)
        await withSpan('inner', () => new Promise<void>((resolve) => setTimeout(resolve, 1)))
      })
      return new Promise((resolve) => setTimeout(() => resolve(withSpan('second', () => ({ body: 'ok' }))), 1))
    }
    await using app = await runApp(adapter, { routes: [{ path: '/', handler }] })
    const { traceId } = await app.get('/')
    const spans = await app.capture.ended(4)
    const server = spanNamed(spans, 'GET /')
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]))
    expect(spanNamed(spans, 'first').parentSpanId).toBe(server.spanId)
    expect(spanNamed(spans, 'inner').parentSpanId).toBe(spanNamed(spans, 'first').spanId)
    expect(spanNamed(spans, 'second').parentSpanId).toBe(server.spanId)
  })

  test('is left when the request is over', async () => {
    await using app = await runApp(adapter, { routes: [{ path: '/', handler: () => ({ body: 'ok' }) }] })
    await app.get('/')
    await app.onlySpan()
    expect(getTraceId()).toBeUndefined()
  })
}

/** A body that arrives in several reads shows what one that is there at once hides. */
function testBody(adapter: ConformingAdapter): void {
  test('is there in the events of a dripped body that no parser reads', async () => {
    const handler: Handler = ({ req }) =>
      new Promise((resolve) => {
        const seen: (string | undefined)[] = []
        req.on('data', () => seen.push(getTraceId()))
        req.on('end', () => resolve(withSpan('end', () => ({ body: JSON.stringify([...seen, getTraceId()]) }))))
      })
    await using app = await runApp(adapter, { routes: [{ method: 'POST', path: '/upload', handler }] })
    await using socket = await connectRaw(app.port)
    await socket.drip(['POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n', 'one', 'two', 'six'])
    const [response] = await socket.responses(1)
    const [end, server] = await app.capture.ended(2)
    const seen = JSON.parse(response?.body ?? '[]') as string[]
    expect(seen.length).toBeGreaterThanOrEqual(3)
    expect(new Set(seen)).toEqual(new Set([server?.traceId]))
    expect(end).toMatchObject({ name: 'end', parentSpanId: server?.spanId })
  })

  test('is there while a dripped body is iterated', async () => {
    const handler: Handler = async ({ req }) => {
      const seen: (string | undefined)[] = []
      for await (const _chunk of req) seen.push(getTraceId())
      return { body: JSON.stringify(seen) }
    }
    await using app = await runApp(adapter, { routes: [{ method: 'POST', path: '/upload', handler }] })
    await using socket = await connectRaw(app.port)
    await socket.drip(['POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\n', 'one', 'two'])
    const [response] = await socket.responses(1)
    const { traceId } = await app.onlySpan()
    expect(new Set(JSON.parse(response?.body ?? '[]') as string[])).toEqual(new Set([traceId]))
  })
}

function testResponse(adapter: ConformingAdapter): void {
  test.each(['finish', 'close'])('is there in listeners of the response for %s', async (event) => {
    const seen = createSignal<string | undefined>()
    const handler: Handler = async ({ res }) => {
      res.once(event, () => seen.resolve(getTraceId()))
      await delay(1)
      return { body: 'ok' }
    }
    await using app = await runApp(adapter, { routes: [{ path: '/', handler }] })
    const { traceId } = await app.get('/')
    expect(await seen.promise).toBe(traceId)
  })
}

function testPipelining(adapter: ConformingAdapter): void {
  test('is never that of another request on the same connection', async () => {
    const count = 8
    const closed: (string | undefined)[][] = []
    const handler: Handler = async ({ req, res, trace }) => {
      res.once('close', () => closed.push([trace?.traceId, getTraceId()]))
      req.once('close', () => closed.push([trace?.traceId, getTraceId()]))
      // Later requests are answered first, and wait for their turn on the connection.
      await delay(count - Number(req.url?.slice(-1)))
      return { body: JSON.stringify([trace?.traceId, getTraceId()]) }
    }
    await using app = await runApp(adapter, { routes: [{ path: '/n/:n', handler }] })
    await using socket = await connectRaw(app.port)
    const requests = Array.from({ length: count }, (_, n) => `GET /n/${n} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    socket.write(requests.join(''))
    const responses = await socket.responses(count)
    const spans = await app.serverSpans(count)
    for (const { headers, body } of responses) expect(JSON.parse(body)).toEqual([headers['x-trace-id'], headers['x-trace-id']])
    expect(new Set(responses.map(({ headers }) => headers['x-trace-id']))).toEqual(new Set(spans.map((span) => span.traceId)))
    expect(spans.map((span) => span.attributes['url.path']).toSorted()).toEqual(requests.map((_, n) => `/n/${n}`))
    for (const [own, seen] of closed) expect(seen).toBe(own)
    expect(closed.length).toBeGreaterThanOrEqual(count)
  })
}
