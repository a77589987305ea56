import { createServer, request as sendRequest, type IncomingMessage, ServerResponse } from 'node:http'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { AdapterOptions } from '../src/adapter-options.js'
import { createNodeRequestTracer } from '../src/node-request.js'
import { runRequest } from '../src/server-request.js'
import { getTraceId } from '../src/trace-api.js'
import { defaultTestTracer, type TestTracer } from './support.js'

type Handler = (req: IncomingMessage, res: ServerResponse) => void

/** The head of the answer that a handler gives, with or without tracing; duplicates and order as on the wire. */
async function answerOf(
  handler: Handler,
  traced?: { t: TestTracer; options?: AdapterOptions },
): Promise<{ status: number; headers: string[] }> {
  const trace = traced && createNodeRequestTracer({ tracer: traced.t.tracer, ...traced.options })
  const server = createServer((req, res) => {
    res.sendDate = false
    const started = trace?.(req, res)
    if (started) runRequest(started, () => handler(req, res))
    else handler(req, res)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { port: number }
  const [answer] = (await once(sendRequest({ port, host: '127.0.0.1', agent: false }).end(), 'response')) as [IncomingMessage]
  answer.resume()
  await once(answer, 'end')
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  const pairs = answer.rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [`${name.toLowerCase()}: ${answer.rawHeaders[index + 1]}`] : [],
  )
  return { status: answer.statusCode ?? 0, headers: pairs.filter((header) => !header.startsWith('connection:')) }
}

describe('the head of an answer', () => {
  it.each<[string, Handler]>([
    ['nothing but an end', (_req, res) => res.end('a')],
    ['setHeader', (_req, res) => res.setHeader('a', '1').setHeader('set-cookie', ['x=1', 'y=2']).end()],
    ['writeHead with an object', (_req, res) => res.writeHead(201, { a: '1', 'set-cookie': ['x=1', 'y=2'] }).end()],
    ['writeHead with a reason and an object', (_req, res) => res.writeHead(202, 'Sure', { a: '1' }).end()],
    [
      'writeHead with names and values in turn',
      (_req, res) => res.writeHead(200, ['Set-Cookie', 'x=1', 'Set-Cookie', 'y=2', 'a', '1']).end(),
    ],
    ['writeHead after setHeader', (_req, res) => res.setHeader('b', '2').writeHead(200, { a: '1' }).end()],
    [
      'flushHeaders',
      (_req, res) => {
        res.flushHeaders()
        res.end()
      },
    ],
  ])('is the same with tracing but for X-Trace-Id, given by %s', async (_name, handler) => {
    await using t = defaultTestTracer()
    const plain = await answerOf(handler)
    const traced = await answerOf(handler, { t })
    expect(traced.headers.filter((header) => /^x-trace-id: [0-9a-f]{32}$/.test(header))).toHaveLength(1)
    expect({ ...traced, headers: traced.headers.filter((header) => !header.startsWith('x-trace-id')).toSorted() }).toEqual({
      ...plain,
      headers: plain.headers.toSorted(),
    })
  })

  it("keeps the application's own id, and adds to its Server-Timing", async () => {
    await using t = defaultTestTracer()
    const own = await answerOf((_req, res) => res.setHeader('X-Trace-Id', 'mine').setHeader('Server-Timing', 'db;dur=5').end(), {
      t,
      options: { responseHeaders: ['X-Trace-Id', 'Server-Timing'] },
    })
    expect(own.headers.filter((header) => header.startsWith('x-trace-id'))).toEqual(['x-trace-id: mine'])
    expect(own.headers.filter((header) => header.startsWith('server-timing')).join()).toMatch(/db;dur=5.*traceparent;desc="00-/)
    const listed = await answerOf((_req, res) => res.writeHead(200, ['x-trace-id', 'mine']).end(), { t })
    expect(listed.headers.filter((header) => header.startsWith('x-trace-id'))).toEqual(['x-trace-id: mine'])
  })
})

describe('a request that tracing cannot follow', () => {
  it('is answered all the same, and reported', async () => {
    await using t = defaultTestTracer()
    const trace = createNodeRequestTracer({ tracer: t.tracer })
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('trap')
        },
      },
    )
    expect(trace(hostile as never, hostile as never)).toBeUndefined()
    expect(t.errors.map((error) => error.code)).toEqual(['INTERNAL'])
  })

  it('is traced once, whoever traces it first', async () => {
    await using t = defaultTestTracer()
    const trace = createNodeRequestTracer({ tracer: t.tracer })
    const seen: unknown[] = []
    await answerOf(
      (req, res) => {
        seen.push(trace(req, res), getTraceId())
        res.end()
      },
      { t },
    )
    expect(seen).toEqual([undefined, expect.stringMatching(/^[0-9a-f]{32}$/)])
  })

  it('is not traced where it is an upgrade that was given to the application by hand', async () => {
    await using t = defaultTestTracer()
    const trace = createNodeRequestTracer({ tracer: t.tracer })
    const server = createServer()
    server.on('upgrade', (req, socket) => {
      expect(trace(req, new ServerResponse(req))).toBeUndefined()
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as { port: number }
    const headers = { connection: 'upgrade', upgrade: 'foo' }
    const [answer] = (await once(sendRequest({ port, host: '127.0.0.1', headers }).end(), 'response')) as [IncomingMessage]
    answer.resume()
    await new Promise((resolve) => server.close(resolve))
    expect(t.tracer.stats().spansStarted).toBe(0)
  })
})
