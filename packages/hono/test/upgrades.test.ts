import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { traceUpgrades } from '@clew/core'
import { captureSpans } from '@clew/testkit'
import { serve, upgradeWebSocket } from '@hono/node-server'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { honoTracing, type TraceVariables } from '../src/index.js'

type WebSocketServerLike = NonNullable<NonNullable<Parameters<typeof serve>[0]['websocket']>['server']>

test('upgradeWebSocket of @hono/node-server has one span, with its route and the trace at hand', async () => {
  await using capture = captureSpans()
  const seen: string[] = []
  const app = new Hono<{ Variables: TraceVariables }>().use(honoTracing({ tracer: capture.tracer }))
  app.get(
    '/rooms/:room',
    upgradeWebSocket((c) => {
      seen.push((c.get as (name: string) => string)('traceId'))
      return { onMessage: (_event, socket) => socket.send('hello') }
    }),
  )
  const sockets = new WebSocketServer({ noServer: true })
  const server = serve({
    fetch: app.fetch,
    port: 0,
    hostname: '127.0.0.1',
    websocket: { server: sockets as WebSocketServerLike },
  }) as Server
  traceUpgrades(server, { tracer: capture.tracer })
  if (!server.listening) await once(server, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/rooms/7`)
  await once(client, 'open')
  client.send('hi')
  expect(String((await once(client, 'message'))[0])).toBe('hello')
  const [span] = await capture.ended(1)
  expect(span).toMatchObject({ name: 'GET /rooms/:room', attributes: { 'http.response.status_code': 101 } })
  expect(seen).toEqual([span?.traceId])
  expect(capture.tracer.stats().spansStarted).toBe(1)
  client.close()
  await once(client, 'close')
  await new Promise((resolve) => server.close(resolve))
})
