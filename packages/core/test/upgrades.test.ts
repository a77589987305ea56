import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { Http2SecureServer } from 'node:http2'
import type { Server as TlsServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { AdapterOptions } from '../src/adapter-options.js'
import { createNodeRequestTracer } from '../src/node-request.js'
import { getTraceId, withSpan } from '../src/trace-api.js'
import { traceUpgrades, type UpgradeServer } from '../src/upgrades.js'
import { testTracer, type TestTracer } from './support.js'

interface Stage extends AsyncDisposable {
  readonly server: Server
  readonly port: number
  readonly t: TestTracer
}

/** A server whose upgrades are traced. */
async function stage(prepare: (server: Server) => void, options: AdapterOptions = {}, listener?: RequestListener): Promise<Stage> {
  const t = testTracer()
  const server = createServer(listener ?? ((_req, res) => res.end('plain')))
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  traceUpgrades(server, { tracer: t.tracer, ...options })
  prepare(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    server,
    port: (server.address() as AddressInfo).port,
    t,
    async [Symbol.asyncDispose]() {
      sockets.forEach((socket) => socket.destroy())
      await new Promise((resolve) => server.close(resolve))
      await t.tracer.shutdown()
    },
  }
}

const UPGRADE = 'Host: localhost\r\nConnection: Upgrade\r\nUpgrade: foo\r\n'
const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\nConnection: Upgrade\r\n\r\n'

/** Sends a request and returns the connection. */
async function send(port: number, head = `GET /chat/7 HTTP/1.1\r\n${UPGRADE}\r\n`): Promise<Socket & { received: string }> {
  const socket = Object.assign(connect(port, '127.0.0.1'), { received: '' })
  socket.on('data', (chunk) => (socket.received += chunk.toString('latin1')))
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(head)
  return socket
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('timed out')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const ended = async ({ t }: Stage, count = 1) => {
  await until(() => t.tracer.stats().spansEnded >= count)
  await t.tracer.flush()
  return t.exporter.spans
}

type OnUpgrade = (req: IncomingMessage, socket: Socket, head: Buffer) => void
const onUpgrade = (listener: OnUpgrade) => (server: Server) => void server.on('upgrade', listener as never)

describe('traceUpgrades', () => {
  it('makes a server span of the handshake, which ends with its answer', async () => {
    await using s = await stage(
      onUpgrade((_req, socket) => void socket.write(SWITCH)),
      { routeName: () => '/chat/:room' },
    )
    const socket = await send(
      s.port,
      `GET /chat/7?token=hidden HTTP/1.1\r\ntraceparent: 00-${'a'.repeat(32)}-${'b'.repeat(16)}-01\r\n${UPGRADE}\r\n`,
    )
    const [span] = await ended(s)
    expect(span).toMatchObject({
      name: 'GET /chat/:room',
      kind: 'server',
      status: 'unset',
      traceId: 'a'.repeat(32),
      parentSpanId: 'b'.repeat(16),
    })
    expect(span?.attributes).toMatchObject({
      'http.request.method': 'GET',
      'http.route': '/chat/:room',
      'http.response.status_code': 101,
      'url.path': '/chat/7',
    })
    await until(() => socket.received.includes('\r\n\r\n'))
    expect(socket.received).toBe(SWITCH.replace('\r\n', `\r\nX-Trace-Id: ${'a'.repeat(32)}\r\n`))
    socket.destroy()
  })

  it('is named by its method where nobody tells a route', async () => {
    await using s = await stage(onUpgrade((_req, socket) => void socket.end(SWITCH)))
    await send(s.port)
    expect(await ended(s)).toMatchObject([{ name: 'GET', attributes: { 'http.response.status_code': 101 } }])
  })

  it.each<[string, OnUpgrade, Record<string, unknown>]>([
    [
      'in pieces',
      (_req, socket) => void (socket.write(SWITCH.slice(0, 20)), socket.write(SWITCH.slice(20))),
      { 'http.response.status_code': 101 },
    ],
    ['in another encoding', (_req, socket) => void socket.write(Buffer.from(SWITCH).toString('hex'), 'hex'), {}],
  ])('ends with an answer that is written %s, and never touches what comes after it', async (_how, answer, attributes) => {
    const later = 'HTTP/1.1 200 OK\r\nX: another answer, through the tunnel\r\n\r\n'
    await using s = await stage(
      onUpgrade((req, socket, head) => {
        answer(req, socket, head)
        setImmediate(() => socket.write(later))
      }),
    )
    const socket = await send(s.port)
    const [span] = await ended(s)
    expect(span).toMatchObject({ status: 'unset', attributes })
    expect(span?.attributes['clew.aborted']).toBeUndefined()
    await until(() => socket.received.endsWith('tunnel\r\n\r\n'))
    expect(socket.received).toBe(SWITCH + later)
    socket.destroy()
  })

  it('adds no listener: without one such a request is an ordinary one', async () => {
    await using s = await stage(() => {})
    expect(s.server.listenerCount('upgrade')).toBe(0)
    const socket = await send(s.port)
    await until(() => socket.received.includes('plain'))
    expect(s.t.tracer.stats().spansStarted).toBe(0)
    socket.destroy()
  })

  it('makes one span for several listeners, and for several calls', async () => {
    const seen: (string | undefined)[] = []
    await using s = await stage((server) => {
      traceUpgrades(server)
      server.on('upgrade', () => seen.push(getTraceId()))
      server.on('upgrade', (_req, socket) => {
        seen.push(getTraceId())
        socket.end(SWITCH)
      })
    })
    await send(s.port)
    const [span] = await ended(s)
    expect(seen).toEqual([span?.traceId, span?.traceId])
    expect(s.t.tracer.stats().spansStarted).toBe(1)
  })

  it('leaves ordinary requests to the adapter', async () => {
    await using t = testTracer()
    const trace = createNodeRequestTracer({ tracer: t.tracer })
    await using s = await stage(
      onUpgrade((_req, socket) => void socket.end(SWITCH)),
      {},
      (req, res) => {
        trace(req, res)
        res.end('plain')
      },
    )
    const [answer] = (await once(request({ port: s.port, host: '127.0.0.1', agent: false }).end(), 'response')) as [IncomingMessage]
    answer.resume()
    await once(answer, 'close')
    await until(() => t.tracer.stats().spansEnded === 1)
    expect(s.t.tracer.stats().spansStarted).toBe(0)
  })

  it('takes the work of asynchronous listeners in until they answer', async () => {
    const listener: OnUpgrade = async (_req, socket) => {
      await withSpan('check token', () => new Promise((resolve) => setImmediate(resolve)))
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n')
    }
    await using s = await stage(onUpgrade(listener as OnUpgrade))
    const socket = await send(s.port)
    const [work, span] = await ended(s, 2)
    expect(span).toMatchObject({ kind: 'server', status: 'unset', attributes: { 'http.response.status_code': 401 } })
    expect(work).toMatchObject({ name: 'check token', parentSpanId: span?.spanId })
    await until(() => socket.received.includes('\r\n\r\n'))
    expect(socket.received).toContain(`X-Trace-Id: ${span?.traceId}\r\n`)
  })

  it.each<[string, (socket: Socket) => void]>([
    ['a text', (socket) => void socket.end('HTTP/1.1 503 Busy\r\nContent-Length: 3\r\n\r\n\u00fcb!', 'latin1')],
    ['bytes', (socket) => void socket.end(Buffer.from('HTTP/1.1 503 Busy\r\nContent-Length: 3\r\n\r\n\u00fcb!', 'latin1'))],
    [
      'parts',
      (socket) => {
        socket.write('HTTP/1.1 103 Early Hints\r\n\r\n')
        socket.write('HTTP/1.1 503 Busy\r\n')
        socket.end('Content-Length: 3\r\n\r\n\u00fcb!', 'latin1')
      },
    ],
  ])('reads a status that is written as %s, and changes nothing else', async (_how, answer) => {
    await using s = await stage(onUpgrade((_req, socket) => answer(socket)))
    const socket = await send(s.port)
    const [span] = await ended(s)
    expect(span).toMatchObject({ status: 'error', attributes: { 'http.response.status_code': 503, 'error.type': '503' } })
    await once(socket, 'close')
    expect(socket.received.replace('HTTP/1.1 103 Early Hints\r\n\r\n', '')).toBe(
      `HTTP/1.1 503 Busy\r\nX-Trace-Id: ${span?.traceId}\r\nContent-Length: 3\r\n\r\n\u00fcb!`,
    )
  })

  it('keeps the id that the application answers itself', async () => {
    await using s = await stage(onUpgrade((_req, socket) => void socket.end(SWITCH.replace('\r\n', '\r\nx-trace-id: mine\r\n'))))
    const socket = await send(s.port)
    await once(socket, 'close')
    expect(socket.received.match(/x-trace-id: .*/gi)).toEqual(['x-trace-id: mine'])
  })

  it('ignores what it is told to, and passes ids on', async () => {
    const seen: (string | undefined)[] = []
    const listener: OnUpgrade = (_req, socket) => {
      seen.push(getTraceId())
      socket.end(SWITCH)
    }
    await using s = await stage(onUpgrade(listener), { ignore: ['/chat/*'] })
    const socket = await send(s.port, `GET /chat/7 HTTP/1.1\r\ntraceparent: 00-${'a'.repeat(32)}-${'b'.repeat(16)}-01\r\n${UPGRADE}\r\n`)
    await once(socket, 'close')
    expect(seen).toEqual(['a'.repeat(32)])
    expect(s.t.tracer.stats().spansStarted).toBe(0)
  })

  it('traces CONNECT as well', async () => {
    await using s = await stage((server) => void server.on('connect', (_req, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n')))
    await send(s.port, 'CONNECT shop:443 HTTP/1.1\r\nHost: shop:443\r\n\r\n')
    expect(await ended(s)).toMatchObject([{ name: 'CONNECT', attributes: { 'http.response.status_code': 200 } }])
  })

  it.each([{ ignored: [] }, { isError: 5 }])('refuses %j', (options) => {
    expect(() => traceUpgrades(createServer(), options as never)).toThrow(/^Option /)
  })

  it('takes the servers that Node and the frameworks make', () => {
    expectTypeOf<Server>().toExtend<UpgradeServer>()
    expectTypeOf<TlsServer>().toExtend<UpgradeServer>()
    expectTypeOf<Http2SecureServer>().toExtend<UpgradeServer>()
  })

  it('refuses what is no server', () => {
    const app = Object.assign(() => {}, { on() {}, emit() {}, listen() {} })
    expect(() => traceUpgrades(app as never)).toThrow('Option server must be a server of Node')
  })
})

describe('an upgrade without an answer', () => {
  it('is an abort where the caller has left', async () => {
    await using s = await stage(onUpgrade((_req, socket) => void socket.on('error', () => {}).resume()))
    const socket = await send(s.port)
    await until(() => s.t.tracer.stats().spansStarted === 1)
    socket.resetAndDestroy()
    const [span] = await ended(s)
    expect(span).toMatchObject({ status: 'unset', attributes: { 'clew.aborted': true } })
    expect(span?.attributes['http.response.status_code']).toBeUndefined()
  })

  it('is refused where the application hangs up', async () => {
    await using s = await stage(onUpgrade((_req, socket) => void socket.destroy()))
    await send(s.port)
    const [span] = await ended(s)
    expect(span).toMatchObject({ status: 'unset' })
    expect(span?.attributes).not.toHaveProperty('clew.aborted')
  })

  it('has failed where the application destroys the socket with an error', async () => {
    await using s = await stage(onUpgrade((_req, socket) => void socket.on('error', () => {}).destroy(new RangeError('no room'))))
    await send(s.port)
    expect(await ended(s)).toMatchObject([{ status: 'error', statusMessage: 'no room', attributes: { 'error.type': 'RangeError' } }])
  })

  it('has failed where the listener throws, and what it threw goes on', async () => {
    await using s = await stage(
      onUpgrade(() => {
        throw new RangeError('out of rooms')
      }),
    )
    const thrown = await new Promise<unknown>((resolve) => {
      const emit = s.server.emit as (...args: unknown[]) => boolean
      s.server.emit = function guardedEmit(...args: unknown[]): boolean {
        try {
          return Reflect.apply(emit, s.server, args)
        } catch (error) {
          resolve(error)
          return true
        }
      }
      void send(s.port)
    })
    expect(thrown).toEqual(new RangeError('out of rooms'))
    expect(await ended(s)).toMatchObject([{ status: 'error', statusMessage: 'out of rooms' }])
  })
})

describe('a WebSocket of ws', () => {
  /** Echoes the trace id that each listener sees. */
  function echo(sockets: WebSocketServer): WebSocketServer {
    return sockets.on('connection', (socket) => {
      socket.on('message', (data) => socket.send(`${data.toString()} ${getTraceId()}`))
    })
  }
  const noServer = (server: Server): void => {
    const sockets = echo(new WebSocketServer({ noServer: true }))
    server.on('upgrade', (req, socket, head) => {
      setImmediate(() => sockets.handleUpgrade(req, socket as Socket, head, (ws) => sockets.emit('connection', ws, req)))
    })
  }

  it.each<[string, (server: Server) => void]>([
    ['on a server', (server) => void echo(new WebSocketServer({ server }))],
    ['without a server', noServer],
    ['with compression', (server) => void echo(new WebSocketServer({ server, perMessageDeflate: { threshold: 0 } }))],
  ])('%s receives its messages in the context of the upgrade', async (_how, prepare) => {
    await using s = await stage(prepare)
    const sockets = await Promise.all([open(s.port), open(s.port)])
    const spans = await ended(s, 2)
    for (const text of ['one', 'two', 'x'.repeat(70_000)]) {
      for (const { socket, traceId } of sockets) {
        const answer = once(socket, 'message')
        socket.send(text)
        expect(String((await answer)[0])).toBe(`${text} ${traceId}`)
      }
    }
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set(sockets.map(({ traceId }) => traceId)))
    expect(spans.map((span) => span.attributes['http.response.status_code'])).toEqual([101, 101])
    await Promise.all(sockets.map(({ socket }) => close(socket)))
  })

  it('is told of its end in the context of the upgrade', async () => {
    let closed: string | undefined = 'not yet'
    await using s = await stage((server) => {
      new WebSocketServer({ server }).on('connection', (ws) => ws.on('close', () => (closed = getTraceId())))
    })
    const { socket, traceId } = await open(s.port)
    await close(socket)
    await until(() => closed !== 'not yet')
    expect(closed).toBe(traceId)
  })

  it('that is refused has the status of the refusal', async () => {
    await using s = await stage((server) => void new WebSocketServer({ server, verifyClient: () => false }))
    const socket = new WebSocket(`ws://127.0.0.1:${s.port}/`)
    await once(socket, 'error')
    expect(await ended(s)).toMatchObject([{ status: 'unset', attributes: { 'http.response.status_code': 401 } }])
  })

  it('is traced beside servers that put themselves before all listeners', async () => {
    await using s = await stage((server) => {
      // As engine.io does.
      const listeners = server.listeners('request')
      server.removeAllListeners('request')
      server.on('request', (req, res) => listeners.forEach((listener) => listener.call(server, req, res)))
      const sockets = echo(new WebSocketServer({ noServer: true }))
      server.on('upgrade', (req, socket, head) => {
        if (req.url?.startsWith('/socket/')) sockets.handleUpgrade(req, socket as Socket, head, (ws) => sockets.emit('connection', ws, req))
        else setTimeout(() => socket.end(), 1).unref()
      })
    })
    const { socket, traceId } = await open(s.port, '/socket/?EIO=4')
    const other = await send(s.port)
    await once(other, 'close')
    const spans = await ended(s, 2)
    expect(spans).toMatchObject([{ traceId, attributes: { 'http.response.status_code': 101 } }, { status: 'unset' }])
    await close(socket)
  })
})

async function open(port: number, path = '/'): Promise<{ socket: WebSocket; traceId: string | undefined }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`)
  let traceId: string | undefined
  socket.on('upgrade', ({ headers }) => (traceId = String(headers['x-trace-id'])))
  await once(socket, 'open')
  return { socket, traceId }
}

async function close(socket: WebSocket): Promise<void> {
  socket.close()
  await once(socket, 'close')
}
