import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { fetch as undiciFetch, MockAgent } from 'undici'
import { describe, expect, it } from 'vitest'
import { getGlobalDispatcher, type Dispatcher } from '../src/redirect-guard.js'
import { createNodeRequestTracer } from '../src/node-request.js'
import { createTracedFetch, tracedFetch } from '../src/traced-fetch.js'
import { continueTrace, suppressTracing, withSpan } from '../src/trace-api.js'
import { defaultTestTracer, testTracer } from './support.js'

async function serve(listener: RequestListener): Promise<{ url: string; [Symbol.asyncDispose](): Promise<void> }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** An address where nothing listens any more. */
async function closedUrl(): Promise<string> {
  await using server = await serve(() => {})
  return server.url
}

async function arrived(response: Promise<Response>): Promise<Arrived> {
  return (await (await response).json()) as Arrived
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of req) body += String(chunk)
  return body
}

/** What arrived at `echo`. */
interface Arrived {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
}

class PrivateInit implements RequestInit {
  readonly #method = 'PUT'
  get method(): string {
    return this.#method
  }
  get body(): string {
    return `sent by ${this.#method}`
  }
}

/** Tells what arrived. */
const echo: RequestListener = async (req, res) => {
  const body = await bodyOf(req)
  res.setHeader('content-type', 'application/json')
  res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.headers, body }))
}

describe('createTracedFetch', () => {
  it.each([
    [{ target: ['orders'] }, 'Option target of createTracedFetch is not known; known are fetch, targets, captureQuery'],
    [{ targets: 'orders' }, 'Option targets must be an array of strings and regular expressions, or a function, not "orders"'],
    [{ targets: ['orders', 'not a host'] }, 'Option targets[1] must be the beginning of a URL or a host name, not "not a host"'],
    [{ fetch: 'undici' }, 'Option fetch must be a function, not "undici"'],
    [{ captureQuery: 'page' }, 'Option captureQuery must be an array of strings, not "page"'],
    [null, 'Option of createTracedFetch must be an object, not null'],
  ])('refuses %j', (options, message) => {
    expect(() => createTracedFetch(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', message }))
  })
})

describe('tracedFetch', () => {
  it('sends the ids of its own client span and records the call', async () => {
    await using server = await serve(echo)
    await using t = defaultTestTracer()
    const answer = await withSpan('outer', () => arrived(tracedFetch(`${server.url}/a?token=secret`)))
    await t.tracer.flush()
    const [client, outer] = t.exporter.spans
    expect(client).toMatchObject({
      name: 'GET',
      kind: 'client',
      parentSpanId: outer?.spanId,
      status: 'unset',
      attributes: { 'http.request.method': 'GET', 'server.address': '127.0.0.1', 'http.response.status_code': 200 },
    })
    expect(client?.attributes['url.full']).not.toContain('secret')
    expect(answer.headers).toMatchObject({
      traceparent: `00-${client?.traceId}-${client?.spanId}-03`,
      'x-trace-id': client?.traceId,
      'x-span-id': client?.spanId,
      'x-parent-span-id': outer?.spanId,
      'x-sampled': '1',
    })
    expect(answer.url).toBe('/a?token=secret')
  })

  it.each([
    ['a string and init', (url: string, f: typeof fetch) => f(url, { method: 'POST', body: 'text', headers: { 'x-own': '1' } })],
    ['a URL', (url: string, f: typeof fetch) => f(new URL(url))],
    ['a Request', (url: string, f: typeof fetch) => f(new Request(url, { method: 'PUT', body: 'text', headers: { 'x-own': '1' } }))],
    [
      'a Request and init',
      (url: string, f: typeof fetch) =>
        f(new Request(url, { method: 'PUT', body: 'text', headers: { 'x-own': '1' } }), { headers: { 'x-other': '2' } }),
    ],
    [
      'a Request as init',
      (url: string, f: typeof fetch) => f(url, new Request('http://a.invalid', { method: 'PUT', body: 'text', headers: { 'x-own': '1' } })),
    ],
    ['no init', (url: string, f: typeof fetch) => f(url, null as never)],
    ['an init that reads private fields', (url: string, f: typeof fetch) => f(url, new PrivateInit())],
    [
      'a fetch of its own that adds to the init',
      (url: string, f: typeof fetch) => {
        const adding: typeof fetch = (input, init) => fetch(input, { ...init, keepalive: true })
        return (f === fetch ? adding : createTracedFetch({ fetch: adding }))(url, { method: 'POST', body: 'text' })
      },
    ],
    [
      'header pairs',
      (url: string, f: typeof fetch) =>
        f(url, {
          headers: [
            ['x-own', '1'],
            ['x-own', '2'],
          ],
        }),
    ],
    [
      'a frozen init',
      (url: string, f: typeof fetch) => f(url, Object.freeze({ method: 'DELETE', headers: Object.freeze({ 'x-own': '1' }) })),
    ],
    ['a form', (url: string, f: typeof fetch) => f(url, { method: 'POST', body: new URLSearchParams({ a: '1' }) })],
    [
      'a stream',
      (url: string, f: typeof fetch) => f(url, { method: 'POST', body: new Blob(['streamed']).stream(), duplex: 'half' } as RequestInit),
    ],
  ])('does what fetch does, given %s', async (_name, call) => {
    await using server = await serve(echo)
    await using _t = defaultTestTracer()
    const plain = await arrived(call(server.url, fetch))
    const traced = await arrived(call(server.url, tracedFetch))
    const { traceparent, 'x-trace-id': _a, 'x-span-id': _b, 'x-parent-span-id': _c, 'x-sampled': _d, ...headers } = traced.headers
    expect(traceparent).toMatch(/^00-/)
    expect({ ...traced, headers }).toEqual(plain)
  })

  it("leaves the caller's traceparent alone and adds nothing beside it", async () => {
    await using server = await serve(echo)
    await using _t = defaultTestTracer()
    const own = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`
    const { headers } = await arrived(tracedFetch(server.url, { headers: { Traceparent: own } }))
    expect(headers.traceparent).toBe(own)
    expect(headers['x-trace-id']).toBeUndefined()
  })

  it.each([undefined, null, 'not a url', '/relative', 'ftp://x', {}])('rejects as fetch does, given %j', async (input) => {
    await using t = defaultTestTracer()
    const plain = await fetch(input as never).catch((error: unknown) => error)
    const traced = await tracedFetch(input as never).catch((error: unknown) => error)
    expect(traced).toBeInstanceOf(TypeError)
    expect((traced as Error).message).toBe((plain as Error).message)
    expect(t.errors).toEqual([])
  })

  it('takes 4xx and 5xx for errors', async () => {
    await using server = await serve((req, res) => res.writeHead(Number(req.url?.slice(1))).end())
    await using t = defaultTestTracer()
    for (const status of [204, 304, 404, 503]) await tracedFetch(`${server.url}/${status}`)
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => [span.status, span.attributes['error.type']])).toEqual([
      ['unset', undefined],
      ['unset', undefined],
      ['error', '404'],
      ['error', '503'],
    ])
  })

  it('throws on what fetch throws, and tells network failure, timeout and the caller giving up apart', async () => {
    await using server = await serve(() => {})
    await using t = defaultTestTracer()
    const refused = await tracedFetch(await closedUrl()).catch((error: unknown) => error)
    const timeout = await tracedFetch(server.url, { signal: AbortSignal.timeout(20) }).catch((error: unknown) => error)
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 20)
    const aborted = await tracedFetch(server.url, { signal: controller.signal }).catch((error: unknown) => error)
    const reason = new RangeError('changed my mind')
    const given = await tracedFetch(server.url, { signal: AbortSignal.abort(reason) }).catch((error: unknown) => error)
    expect([refused, timeout, aborted, given].map((error) => (error as Error).name)).toEqual([
      'TypeError',
      'TimeoutError',
      'AbortError',
      'RangeError',
    ])
    expect(given).toBe(reason)
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => [span.status, span.attributes['error.type'], span.events.length])).toEqual([
      ['error', 'ECONNREFUSED', 1],
      ['error', 'TimeoutError', 1],
      ['unset', 'AbortError', 0],
      ['unset', 'RangeError', 0],
    ])
  })

  it('follows redirects within the origin with its ids, and drops them where the origin changes', async () => {
    await using other = await serve(echo)
    await using server = await serve((req, res) => {
      if (req.url === '/away') return void res.writeHead(302, { location: other.url }).end()
      if (req.url === '/within') return void res.writeHead(302, { location: '/end' }).end()
      return echo(req, res)
    })
    await using _t = defaultTestTracer()
    const within = await arrived(tracedFetch(`${server.url}/within`, { headers: { 'x-own': '1' } }))
    const away = await arrived(tracedFetch(`${server.url}/away`, { headers: { 'x-own': '1' } }))
    expect(within.headers).toMatchObject({ 'x-own': '1', traceparent: expect.any(String) })
    expect(away.headers).toMatchObject({ 'x-own': '1' })
    expect(Object.keys(away.headers).filter((name) => /trace|span|sampled/.test(name))).toEqual([])
  })

  it('leaves an undici MockAgent the bodies that it matches', async () => {
    await using _t = defaultTestTracer()
    const agent = new MockAgent()
    agent.disableNetConnect()
    agent.get('http://pay.internal').intercept({ path: '/charge', method: 'POST', body: '{"amount":5}' }).reply(200, 'charged')
    const pay = createTracedFetch({ fetch: undiciFetch as unknown as typeof fetch })
    const init: object = { method: 'POST', body: '{"amount":5}', dispatcher: agent }
    const response = await pay('http://pay.internal/charge', init)
    expect(await response.text()).toBe('charged')
    await agent.close()
  })

  it('sends ids to its targets alone', async () => {
    await using server = await serve(echo)
    await using _t = defaultTestTracer()
    const sent = async (f: typeof fetch) => (await arrived(f(server.url))).headers.traceparent !== undefined
    expect(await sent(createTracedFetch({ targets: [server.url] }))).toBe(true)
    expect(await sent(createTracedFetch({ targets: ['127.0.0.1'] }))).toBe(true)
    expect(await sent(createTracedFetch({ targets: [/127\.0\.0/] }))).toBe(true)
    expect(await sent(createTracedFetch({ targets: (url) => url.port === '1' }))).toBe(false)
    expect(await sent(createTracedFetch({ targets: [`${server.url}0`.slice(0, -2)] }))).toBe(false)
    expect(() => createTracedFetch({ targets: ['http://'] })).toThrow('Option targets[0] ')
  })

  it('calls with the dispatcher of a Request, which cannot be seen from outside', async () => {
    await using server = await serve(echo)
    await using _t = defaultTestTracer()
    await fetch(server.url)
    const asked: string[] = []
    const dispatcher: Dispatcher = {
      dispatch: (options, handler) => {
        asked.push(String(options.origin))
        return getGlobalDispatcher()!.dispatch(options, handler)
      },
    }
    const init: object = { dispatcher }
    const { headers } = await arrived(tracedFetch(new Request(server.url, init)))
    expect(headers['traceparent']).toMatch(/^00-/)
    expect(asked).toEqual([server.url])
  })

  it('sends baggage to targets that are named, nowhere else, and not along with a redirect', async () => {
    await using other = await serve(echo)
    await using server = await serve((req, res) =>
      req.url === '/away' ? void res.writeHead(302, { location: other.url }).end() : echo(req, res),
    )
    await using _t = defaultTestTracer()
    const sent = (f: typeof fetch, url = server.url, init?: RequestInit) =>
      continueTrace({ baggage: 'user=7,plan=pro' }, 'job', async () => (await arrived(f(url, init))).headers['baggage'])
    const named = createTracedFetch({ targets: [server.url] })
    expect(await sent(named)).toBe('user=7,plan=pro')
    expect(await sent(createTracedFetch({ targets: (url) => url.origin === server.url }))).toBe('user=7,plan=pro')
    expect(await sent(named, server.url, { headers: { baggage: 'own=1' } })).toBe('own=1')
    expect(await sent(named, `${server.url}/away`)).toBeUndefined()
    expect(await sent(named, other.url)).toBeUndefined()
    expect(await sent(tracedFetch)).toBeUndefined()
    expect((await arrived(named(server.url))).headers['baggage']).toBeUndefined()
  })

  it('asks the tracer of the active span for targets and formats, not the default one', async () => {
    await using server = await serve(echo)
    await using _t = defaultTestTracer()
    await using closed = testTracer({ propagation: { targets: ['http://internal'] } })
    await using open = testTracer({ propagation: { inject: ['w3c'] } })
    const sent = async () => Object.keys((await arrived(tracedFetch(server.url))).headers).filter((name) => /trace/.test(name))
    expect(await closed.tracer.withSpan('a', sent)).toEqual([])
    expect(await open.tracer.withSpan('a', sent)).toEqual(['traceparent'])
    expect(await sent()).toEqual(['traceparent', 'x-trace-id'])
  })

  it('takes the path of a target for whole parts', async () => {
    await using server = await serve(echo)
    await using _t = defaultTestTracer({ propagation: { targets: [`${server.url}/v1`] } })
    const sent = async (path: string) => (await arrived(tracedFetch(server.url + path))).headers['traceparent'] !== undefined
    expect(await Promise.all(['/v1', '/v1/a', '/v1?a=1', '/v1beta', '/'].map(sent))).toEqual([true, true, true, false, false])
  })

  it('records the values of a query only where they were asked for, and never secrets', async () => {
    await using server = await serve(echo)
    await using t = defaultTestTracer()
    const url = `${server.url}/a?page=2&name=Jo&token=s3cret#here`
    await tracedFetch(url)
    await createTracedFetch({ captureQuery: ['page', 'token'] })(url)
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => String(span.attributes['url.full']).slice(server.url.length))).toEqual([
      '/a?page=REDACTED&name=REDACTED&token=REDACTED#here',
      '/a?page=2&name=REDACTED&token=REDACTED#here',
    ])
  })

  it('leaves names, order and repetitions of a query as they are', async () => {
    await using server = await serve(echo)
    await using t = defaultTestTracer()
    await createTracedFetch({ captureQuery: ['page size'] })(
      `${server.url}/a?b=1&page+size=2&b=3&page%20size=4&%zz=5&flag&=6&c=7=8?d=9&#?e=1`,
    )
    await t.tracer.flush()
    expect(String(t.exporter.spans[0]?.attributes['url.full']).slice(server.url.length)).toBe(
      '/a?b=REDACTED&page+size=2&b=REDACTED&page%20size=4&%zz=REDACTED&flag&=REDACTED&c=REDACTED&#?e=1',
    )
  })

  it.each([
    ['get', 'GET', 'GET', undefined],
    ['QUERY', 'QUERY', 'QUERY', undefined],
    ['PURGE', 'HTTP', '_OTHER', 'PURGE'],
    ['M-SEARCH', 'HTTP', '_OTHER', 'M-SEARCH'],
    ['patch', 'HTTP', '_OTHER', 'patch'],
    ['X'.repeat(100), 'HTTP', '_OTHER', 'X'.repeat(64)],
    ['no method', 'HTTP', '_OTHER', 'no method'],
  ])('names the method %s as it is sent: %s', async (given, name, method, original) => {
    await using t = defaultTestTracer()
    const answer: typeof fetch = async (input, init) => new Response(new Request(input, init).method)
    await createTracedFetch({ fetch: answer })('http://a.invalid', { method: given }).catch((error: unknown) => error)
    await t.tracer.flush()
    const [span] = t.exporter.spans
    expect([span?.name, span?.attributes['http.request.method'], span?.attributes['http.request.method_original']]).toEqual([
      name,
      method,
      original,
    ])
  })

  it('records nothing and sends nothing inside suppressTracing', async () => {
    await using server = await serve(echo)
    await using t = defaultTestTracer()
    const answer = await suppressTracing(() => arrived(tracedFetch(server.url)))
    await t.tracer.flush()
    expect(answer.headers.traceparent).toBeUndefined()
    expect(t.exporter.spans).toEqual([])
  })
})

describe('an answer that says its trace is kept', () => {
  const call = async (url: string, targets?: string[]) => {
    const t = defaultTestTracer({ sampling: { rate: 0 }, ...(targets ? { propagation: { targets } } : undefined) })
    await using _ = t
    await withSpan('caller', () => tracedFetch(url).then((response) => response.text()))
    await t.tracer.flush()
    return t.exporter.spans.map((span) => [span.name, span.attributes['clew.kept']])
  }

  it('is believed from targets that were named, and from nobody else', async () => {
    await using server = await serve((_req, res) => void res.setHeader('X-Sampled', '1').end('done'))
    expect(await call(server.url, [server.url])).toEqual([
      ['GET', undefined],
      ['caller', 'trace'],
    ])
    expect(await call(server.url)).toEqual([])
    expect(await call(server.url, ['http://elsewhere.example'])).toEqual([])
  })

  it('is not believed where another server answered in its place', async () => {
    await using other = await serve((_req, res) => void res.setHeader('X-Sampled', '1').end('done'))
    await using server = await serve((_req, res) => void res.writeHead(302, { location: other.url }).end())
    expect(await call(server.url, [server.url])).toEqual([])
  })

  it('is the word of one of our own servers', async () => {
    await using callee = testTracer({ sampling: { rate: 0 } })
    const trace = createNodeRequestTracer({ tracer: callee.tracer })
    await using server = await serve((req, res) => {
      const request = trace(req, res)
      if (req.url === '/kept') request?.trace?.span.keep()
      res.end('done')
    })
    expect(await call(`${server.url}/kept`, [server.url])).toHaveLength(2)
    expect(await call(`${server.url}/passed`, [server.url])).toEqual([])
  })
})
