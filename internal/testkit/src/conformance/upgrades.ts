import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { Server } from 'node:net'
import { getTraceId, type Tracer, traceUpgrades } from '@clew/core'
import { describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { connectRaw } from '../raw-socket.js'
import type { ConformingAdapter, Handler } from './app-spec.js'
import { runApp } from './harness.js'

const ok: Handler = () => ({ body: 'ok' })
const ROUTES = { routes: [{ path: '/rooms/:room', handler: ok }] }

/** WebSockets beside an application, which never sees them. */
export function describeUpgrades(adapter: ConformingAdapter): void {
  describe('an upgrade', () => {
    testWebSocket(adapter)
    testWithoutListener(adapter)
  })
}

function serveSockets(listener: RequestListener, tracer: Tracer): Server {
  const server = createServer(listener)
  traceUpgrades(server, { tracer, routeName: () => '/rooms/:room' })
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.on('message', (text) => socket.send(`${text.toString()} ${getTraceId()}`))
  })
  return server
}

function testWebSocket(adapter: ConformingAdapter): void {
  test('is traced beside the requests of the application, and its messages have its context', async () => {
    const seen: string[] = []
    await using app = await runApp(adapter, { ...ROUTES, before: ({ req }) => void seen.push(req.url ?? ''), create: serveSockets })
    await app.get('/rooms/1')
    const socket = new WebSocket(`ws://127.0.0.1:${app.port}/rooms/7`)
    await once(socket, 'open')
    socket.send('hello')
    const [answer] = await once(socket, 'message')
    const spans = await app.serverSpans(2)
    expect(spans.map((span) => [span.name, span.attributes['url.path'], span.attributes['http.response.status_code']])).toEqual([
      ['GET /rooms/:room', '/rooms/1', 200],
      ['GET /rooms/:room', '/rooms/7', 101],
    ])
    expect(String(answer)).toBe(`hello ${spans[1]?.traceId}`)
    expect(seen).toEqual(['/rooms/1'])
    socket.close()
    await once(socket, 'close')
  })
}

function testWithoutListener(adapter: ConformingAdapter): void {
  test('is an ordinary request where nobody listens for upgrades', async () => {
    const create = (listener: RequestListener, tracer: Tracer): Server => {
      const server = createServer(listener)
      traceUpgrades(server, { tracer })
      return server
    }
    await using app = await runApp(adapter, { ...ROUTES, create })
    await using socket = await connectRaw(app.port)
    socket.write('GET /rooms/7 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n')
    const [response] = await socket.responses(1)
    const span = await app.onlySpan()
    expect(response).toMatchObject({ status: 200, body: 'ok', headers: { 'x-trace-id': span.traceId } })
    expect(span).toMatchObject({ name: 'GET /rooms/:room', attributes: { 'http.response.status_code': 200 } })
  })
}
