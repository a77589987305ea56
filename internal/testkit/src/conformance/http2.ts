import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants, createSecureServer, createServer } from 'node:http2'
import { request as requestSecurely } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:net'
import { Readable } from 'node:stream'
import { getTraceId, withSpan } from '@clew/core'
import { describe, expect, test } from 'vitest'
import { TEST_CERTIFICATE } from '../certificate.js'
import type { ConformingAdapter, Handler } from './app-spec.js'
import { createSignal, type RunningApp, runApp, type RunOptions } from './harness.js'

const ok: Handler = () => ({ body: 'ok' })
const ORDERS: RunOptions = { routes: [{ path: '/orders/:id', handler: ok }] }
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'

/** The same application on `node:http2`. */
export function describeHttp2(adapter: ConformingAdapter): void {
  describe('HTTP/2', () => {
    testRequest(adapter)
    testBody(adapter)
    testFailure(adapter)
    testCancelled(adapter)
    testSecure(adapter)
  })
}

/** Node hands a request and a response to the listener that are made after those of `node:http`. */
const clearText = (listener: RequestListener): Server => createServer(listener as never) as unknown as Server
const overTls = (listener: RequestListener): Server =>
  createSecureServer({ ...TEST_CERTIFICATE, allowHTTP1: true }, listener as never) as unknown as Server

interface Client extends AsyncDisposable {
  readonly session: ClientHttp2Session
}

function openSession(url: string): Client {
  const session = connect(url, { ca: TEST_CERTIFICATE.cert })
  return {
    session,
    async [Symbol.asyncDispose]() {
      if (session.closed) return
      session.close()
      await once(session, 'close')
    },
  }
}

interface Answer {
  readonly status: unknown
  readonly traceId: unknown
  readonly body: string
}

async function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  const [headers] = await once(stream, 'response')
  let body = ''
  for await (const chunk of stream.setEncoding('utf8')) body += chunk
  return { status: headers[':status'], traceId: headers['x-trace-id'], body }
}

function runOnHttp2(adapter: ConformingAdapter, options: RunOptions): Promise<RunningApp> {
  return runApp(adapter, { ...options, create: clearText })
}

function testRequest(adapter: ConformingAdapter): void {
  test('is traced as HTTP/1.1 is', async () => {
    await using app = await runOnHttp2(adapter, ORDERS)
    await using client = openSession(app.url)
    const headers = { ':path': '/orders/7?x=1', traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` }
    expect(await answerOf(client.session.request(headers))).toEqual({ status: 200, traceId: TRACE_ID, body: 'ok' })
    const span = await app.onlySpan()
    expect(span).toMatchObject({ name: 'GET /orders/:id', kind: 'server', status: 'unset', traceId: TRACE_ID })
    expect(span.attributes).toMatchObject({
      'http.response.status_code': 200,
      'network.protocol.version': '2',
      'server.address': '127.0.0.1',
      'server.port': app.port,
      'url.path': '/orders/7',
      'url.scheme': 'http',
    })
  })

  test('keeps requests of one session apart', async () => {
    const handler: Handler = async ({ trace }) => {
      await new Promise((resolve) => setImmediate(resolve))
      return { body: `${trace?.traceId} ${getTraceId()}` }
    }
    await using app = await runOnHttp2(adapter, { routes: [{ path: '/:n', handler }] })
    await using client = openSession(app.url)
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => answerOf(client.session.request({ ':path': `/${n}` }))))
    const spans = await app.serverSpans(20)
    for (const { body, traceId } of answers) expect(body).toBe(`${String(traceId)} ${String(traceId)}`)
    expect(new Set(answers.map(({ traceId }) => traceId))).toEqual(new Set(spans.map((span) => span.traceId)))
  })
}

function testBody(adapter: ConformingAdapter): void {
  test('has its context in the events of a body that arrives in parts', async () => {
    const handler: Handler = ({ req }) =>
      new Promise((resolve) => {
        const seen: (string | undefined)[] = []
        req.on('data', () => seen.push(getTraceId()))
        req.on('end', () => resolve(withSpan('end', () => ({ body: JSON.stringify([...seen, getTraceId()]) }))))
      })
    await using app = await runOnHttp2(adapter, { routes: [{ method: 'POST', path: '/upload', handler }] })
    await using client = openSession(app.url)
    const stream = client.session.request({ ':method': 'POST', ':path': '/upload' })
    const answer = answerOf(stream)
    for (const part of ['one', 'two', 'six']) {
      await new Promise<void>((resolve) => stream.write(part, () => resolve()))
      for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
    }
    stream.end()
    const { body } = await answer
    const [end, server] = await app.capture.ended(2)
    expect(new Set(JSON.parse(body) as string[])).toEqual(new Set([server?.traceId]))
    expect(end).toMatchObject({ name: 'end', parentSpanId: server?.spanId })
  })
}

function testFailure(adapter: ConformingAdapter): void {
  test('records what a handler throws', async () => {
    const handler: Handler = () => {
      throw new RangeError('out of stock')
    }
    await using app = await runOnHttp2(adapter, { routes: [{ path: '/fail', handler }] })
    await using client = openSession(app.url)
    expect(await answerOf(client.session.request({ ':path': '/fail' }))).toMatchObject({ status: 500 })
    expect(await app.onlySpan()).toMatchObject({ name: 'GET /fail', status: 'error', statusMessage: 'out of stock' })
  })
}

function testCancelled(adapter: ConformingAdapter): void {
  test('calls a stream that is cancelled before the answer no error', async () => {
    const entered = createSignal()
    const closed = createSignal<string | undefined>()
    const handler: Handler = async ({ res }) => {
      res.once('close', () => closed.resolve(getTraceId()))
      entered.resolve()
      await closed.promise
      return { body: 'too late' }
    }
    await using app = await runOnHttp2(adapter, { routes: [{ path: '/slow', handler }] })
    await using client = openSession(app.url)
    const stream = client.session.request({ ':path': '/slow' })
    await entered.promise
    stream.close(constants.NGHTTP2_CANCEL)
    const span = await app.onlySpan()
    expect(span).toMatchObject({ name: 'GET /slow', status: 'unset', attributes: { 'clew.aborted': true } })
    expect(span.attributes['http.response.status_code']).toBeUndefined()
    expect(await closed.promise).toBe(span.traceId)
  })

  test('calls a stream that is cancelled during the answer no error', async () => {
    const body = new Readable({ read() {} })
    body.push('the first part')
    await using app = await runOnHttp2(adapter, { routes: [{ path: '/slow', handler: () => ({ body }) }] })
    await using client = openSession(app.url)
    const stream = client.session.request({ ':path': '/slow' })
    await once(stream.setEncoding('utf8'), 'data')
    stream.close(constants.NGHTTP2_CANCEL)
    const span = await app.onlySpan()
    expect(span).toMatchObject({ name: 'GET /slow', status: 'unset' })
    expect(span.attributes).toMatchObject({ 'clew.aborted': true, 'http.response.status_code': 200 })
  })
}

function testSecure(adapter: ConformingAdapter): void {
  test('over TLS stands beside HTTP/1.1 on one port', async () => {
    await using app = await runApp(adapter, { ...ORDERS, create: overTls })
    const url = app.url.replace('http:', 'https:')
    await using client = openSession(url)
    expect(await answerOf(client.session.request({ ':path': '/orders/2' }))).toMatchObject({ status: 200, body: 'ok' })
    const [older] = (await once(requestSecurely(`${url}/orders/1`, { ca: TEST_CERTIFICATE.cert, agent: false }).end(), 'response')) as [
      IncomingMessage,
    ]
    older.resume()
    await once(older, 'end')
    const spans = await app.serverSpans(2)
    expect(
      spans.map(({ name, attributes }) => [name, attributes['url.scheme'], attributes['network.protocol.version'], attributes['url.path']]),
    ).toEqual([
      ['GET /orders/:id', 'https', '2', '/orders/2'],
      ['GET /orders/:id', 'https', '1.1', '/orders/1'],
    ])
  })
}
