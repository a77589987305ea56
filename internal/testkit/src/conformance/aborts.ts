import { Readable } from 'node:stream'
import { getTraceId, withSpan } from '@clew/core'
import { describe, expect, test } from 'vitest'
import { connectRaw } from '../raw-socket.js'
import type { ConformingAdapter, Exchange, Handler } from './app-spec.js'
import { createSignal, runApp } from './harness.js'

const REQUEST = 'GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n'

/** Callers that go away. */
export function describeAborts(adapter: ConformingAdapter): void {
  describe('a caller that goes away', () => {
    testBeforeHandler(adapter)
    testBeforeAnswer(adapter)
    testAfterAnswer(adapter)
    testDuringAnswer(adapter)
    testDuringBody(adapter)
    testInLine(adapter)
  })
}

function testBeforeHandler(adapter: ConformingAdapter): void {
  test('before its handler is reached is no error; the handler works in the trace', async () => {
    const entered = createSignal()
    const closed = createSignal()
    const wait = async ({ res }: Exchange): Promise<undefined> => {
      res.once('close', closed.resolve)
      entered.resolve()
      await closed.promise
    }
    const handler: Handler = () => withSpan('afterwards', () => ({ body: getTraceId() ?? '' }))
    await using app = await runApp(adapter, {
      routes: [
        { path: '/:any', handler: wait },
        { path: '/slow', handler },
      ],
    })
    await using socket = await connectRaw(app.port)
    socket.write(REQUEST)
    await entered.promise
    socket.abort()
    const [server, late] = await app.capture.ended(2)
    expect(server).toMatchObject({ kind: 'server', status: 'unset', attributes: { 'clew.aborted': true } })
    expect(late).toMatchObject({ name: 'afterwards', traceId: server?.traceId, parentSpanId: server?.spanId })
  })
}

function testAfterAnswer(adapter: ConformingAdapter): void {
  test('after the answer has nothing to do with it', async () => {
    await using app = await runApp(adapter, { routes: [{ path: '/slow', handler: () => ({ body: 'ok' }) }] })
    await using socket = await connectRaw(app.port)
    socket.write(REQUEST)
    await socket.received(/ok$/)
    socket.abort()
    const span = await app.onlySpan()
    expect(span).toMatchObject({ name: 'GET /slow', status: 'unset', attributes: { 'http.response.status_code': 200 } })
    expect(span.attributes['clew.aborted']).toBeUndefined()
  })
}

function testBeforeAnswer(adapter: ConformingAdapter): void {
  test('before the answer is no error; the rest of the work stays in the trace', async () => {
    const entered = createSignal()
    const closed = createSignal<string | undefined>()
    const handler: Handler = async ({ res }) => {
      res.once('close', () => closed.resolve(getTraceId()))
      entered.resolve()
      await closed.promise
      return withSpan('afterwards', () => ({ body: 'too late' }))
    }
    await using app = await runApp(adapter, { routes: [{ path: '/slow', handler }] })
    await using socket = await connectRaw(app.port)
    socket.write(REQUEST)
    await entered.promise
    socket.abort()
    const [server, late] = await app.capture.ended(2)
    expect(server).toMatchObject({ name: 'GET /slow', status: 'unset', attributes: { 'clew.aborted': true } })
    expect(server?.attributes['http.response.status_code']).toBeUndefined()
    expect(await closed.promise).toBe(server?.traceId)
    expect(late).toMatchObject({ name: 'afterwards', traceId: server?.traceId, parentSpanId: server?.spanId })
    expect(late?.attributes['clew.after_root']).toBe(true)
  })
}

function testDuringAnswer(adapter: ConformingAdapter): void {
  test('during the answer is no error', async () => {
    const body = new Readable({ read() {} })
    body.push('the first part')
    await using app = await runApp(adapter, { routes: [{ path: '/slow', handler: () => ({ body }) }] })
    await using socket = await connectRaw(app.port)
    socket.write(REQUEST)
    await socket.received(/the first part/)
    socket.abort()
    const span = await app.onlySpan()
    expect(span).toMatchObject({ name: 'GET /slow', status: 'unset' })
    expect(span.attributes).toMatchObject({ 'clew.aborted': true, 'http.response.status_code': 200 })
  })
}

function testDuringBody(adapter: ConformingAdapter): void {
  test('in the middle of its own body is no error, and listeners are told in its context', async () => {
    const entered = createSignal()
    const told = createSignal<string | undefined>()
    const never = new Promise<never>(() => {})
    const handler: Handler = ({ req }) => {
      req.once('close', () => told.resolve(getTraceId()))
      req.resume()
      entered.resolve()
      return never
    }
    await using app = await runApp(adapter, { routes: [{ method: 'POST', path: '/slow', handler }] })
    await using socket = await connectRaw(app.port)
    socket.write('POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf')
    await entered.promise
    socket.abort()
    const span = await app.onlySpan()
    expect(span).toMatchObject({ name: 'POST /slow', status: 'unset', attributes: { 'clew.aborted': true } })
    expect(await told.promise).toBe(span.traceId)
  })
}

function testInLine(adapter: ConformingAdapter): void {
  test('while answers of the same connection wait for their turn is the end of all of them', async () => {
    const answered = createSignal()
    const never = new Promise<never>(() => {})
    const handler: Handler = () => {
      setImmediate(answered.resolve)
      return { body: 'waits for the first' }
    }
    await using app = await runApp(adapter, {
      routes: [
        { path: '/slow', handler: () => never },
        { path: '/next', handler },
      ],
    })
    await using socket = await connectRaw(app.port)
    socket.write(REQUEST + REQUEST.replace('/slow', '/next'))
    await answered.promise
    socket.abort()
    const spans = await app.capture.ended(2)
    expect(spans.map(({ name, status, attributes }) => [name, status, attributes['clew.aborted']]).sort()).toEqual([
      ['GET /next', 'unset', true],
      ['GET /slow', 'unset', true],
    ])
  })
}
