import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, fetch as undiciFetch, interceptors, ProxyAgent, Request as UndiciRequest } from 'undici'
import { describe, expect, it } from 'vitest'
import { getGlobalDispatcher, type Dispatcher } from '../../src/redirect-guard.js'
import { createTracedFetch, tracedFetch } from '../../src/traced-fetch.js'
import { continueTrace, withSpan } from '../../src/trace-api.js'
import { defaultTestTracer } from '../support.js'
import { openWorld, type World } from './oracle.js'

/** The headers of the request that arrived last. */
function last(world: World): Record<string, string> {
  const lines = world.arrived.at(-1)?.headers ?? []
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]))
}

function idsIn(headers: Record<string, string>): string[] {
  return Object.keys(headers).filter((name) => /trace|span|sampled|b3|datadog|baggage/.test(name))
}

/** Where a call went on its way to `/end` at another origin, and which of our headers arrived there. */
async function redirected(world: World, call: (url: string) => Promise<Response>): Promise<{ origins: string[]; ids: string[] }> {
  await call(`${world.url}/redirect/302?to=${world.other}/end`)
  expect(idsIn(Object.fromEntries((world.arrived[0]?.headers ?? []).map((line) => line.split(': ') as [string, string])))).toContain(
    'traceparent',
  )
  return { origins: world.arrived.map(({ origin }) => origin), ids: idsIn(last(world)) }
}

const AWAY = { origins: ['url', 'other'], ids: [] }

describe('a redirect to another origin', () => {
  it('does not get the ids of a Request, whether or not it has a dispatcher of its own', async () => {
    await using _t = defaultTestTracer()
    await using plain = await openWorld()
    expect(await redirected(plain, (url) => tracedFetch(new Request(url)))).toEqual(AWAY)
    await using own = await openWorld()
    const asked: string[] = []
    const dispatcher: Dispatcher = {
      dispatch: (options, handler) => (asked.push(String(options.origin)), getGlobalDispatcher()!.dispatch(options, handler)),
    }
    const init: object = { dispatcher }
    expect(await redirected(own, (url) => tracedFetch(new Request(url, init)))).toEqual(AWAY)
    expect(asked).toEqual([own.url, own.other])
  })

  it('does not get them inside a span, from another copy of fetch, or from a fetch around fetch', async () => {
    await using _t = defaultTestTracer()
    const wrapped: typeof fetch = (input, init) => fetch(input, { ...init })
    for (const own of [undefined, undiciFetch as unknown as typeof fetch, wrapped]) {
      await using world = await openWorld()
      const call = createTracedFetch(own && { fetch: own })
      expect(await withSpan('outer', () => redirected(world, (url) => call(url)))).toEqual(AWAY)
    }
  })

  it('does not get them by way of a dispatcher that is given', async () => {
    await using _t = defaultTestTracer()
    await using agent = disposable(new Agent({ connections: 1 }))
    await using world = await openWorld()
    const init: object = { dispatcher: agent.value }
    const call = createTracedFetch({ fetch: undiciFetch as unknown as typeof fetch })
    expect(await redirected(world, (url) => call(url, init))).toEqual(AWAY)
  })

  it('gets them back where it leads home', async () => {
    await using _t = defaultTestTracer()
    await using world = await openWorld()
    const home = encodeURIComponent(`${world.other}/redirect/302?to=${encodeURIComponent(`${world.url}/end`)}`)
    await tracedFetch(`${world.url}/redirect/302?to=${home}`)
    expect(world.arrived.map(({ headers }) => headers.some((line) => line.startsWith('traceparent')))).toEqual([true, false, true])
  })

  it('leaves alone what goes on elsewhere meanwhile', async () => {
    await using _t = defaultTestTracer()
    await using world = await openWorld()
    const headers = { traceparent: 'own' }
    await Promise.all([tracedFetch(new Request(world.url)), fetch(world.other, { headers })])
    expect(world.arrived.find(({ origin }) => origin === 'other')?.headers).toContain('traceparent: own')
  })
})

describe('dispatchers', () => {
  it('are called with what fetch calls them with: as many connections, retries and all', async () => {
    await using _t = defaultTestTracer()
    const call = createTracedFetch({ fetch: undiciFetch as unknown as typeof fetch })
    let failures = 2
    await using world = await openWorld((_req, res) => void res.writeHead(failures-- > 0 ? 503 : 200).end())
    await using agent = disposable(new Agent({ connections: 2 }).compose(interceptors.retry({ minTimeout: 1 })))
    const init: object = { dispatcher: agent.value }
    expect((await call(world.url, init)).status).toBe(200)
    await Promise.all(Array.from({ length: 8 }, async () => (await call(world.url, init)).text()))
    expect(world.sockets()).toBeLessThanOrEqual(2)
  })

  it.each([true, false])('reach their target through a proxy with its ids (tunnel: %s)', async (proxyTunnel) => {
    await using _t = defaultTestTracer()
    await using world = await openWorld()
    await using proxy = await openProxy()
    await using agent = disposable(new ProxyAgent({ uri: proxy.url, proxyTunnel }))
    const init: object = { dispatcher: agent.value }
    for (const given of [world.url, new Request(world.url)]) {
      await createTracedFetch({ fetch: undiciFetch as unknown as typeof fetch })(given instanceof Request ? given.url : given, init)
      expect(idsIn(last(world))).toContain('traceparent')
    }
    expect(proxy.count()).toBeGreaterThan(0)
  })

  it.each([true, false])('of a Request reach its target through a proxy (tunnel: %s)', async (proxyTunnel) => {
    await using _t = defaultTestTracer()
    await using world = await openWorld()
    await using proxy = await openProxy()
    await using agent = disposable(new ProxyAgent({ uri: proxy.url, proxyTunnel }))
    const call = createTracedFetch({ fetch: undiciFetch as unknown as typeof fetch })
    const init: object = { dispatcher: agent.value }
    const make = () => new UndiciRequest(`${world.url}/redirect/302?to=/end`, { headers: { 'x-own': '1' }, ...init })
    const given: readonly (readonly [unknown, object?])[] = [[make()], [make(), {}], [make(), init]]
    for (const [request, own] of given) {
      const before = proxy.count()
      const response = await call(request as Request, own)
      expect([response.status, await response.text()]).toEqual([200, 'ok'])
      expect(last(world)).toMatchObject({ 'x-own': '1', traceparent: expect.stringMatching(/^00-/) })
      if (!proxyTunnel) expect(proxy.count()).toBe(before + 2)
    }
    expect(proxy.count()).toBeGreaterThan(0)
  })
})

describe('ids beside those of the caller', () => {
  const inject = ['w3c', 'b3', 'b3multi', 'datadog', 'jaeger', 'x-trace', 'gcp', 'xray'] as const

  it.each([
    [{ 'X-B3-TraceId': 'abc' }, ['b3', 'x-b3-spanid', 'x-b3-sampled', 'x-b3-parentspanid']],
    [{ b3: '0' }, ['x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled']],
    [{ 'x-b3-parentspanid': 'abc' }, ['b3', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled']],
    [{ 'x-datadog-tags': '_dd.p.tid=1' }, ['x-datadog-trace-id', 'x-datadog-parent-id', 'x-datadog-sampling-priority']],
    [{ 'x-trace-id': 'order-77' }, ['x-span-id', 'x-parent-span-id', 'x-sampled']],
    [{ 'x-parent-span-id': 'abc' }, ['x-trace-id', 'x-span-id', 'x-sampled']],
  ])('are left out for a dialect that is there in part: %j', async (headers, absent) => {
    await using _t = defaultTestTracer({ propagation: { inject: [...inject] } })
    await using world = await openWorld()
    await withSpan('outer', () => tracedFetch(world.url, { headers }))
    const arrived = last(world)
    const [[name, value]] = Object.entries(headers) as [[string, string]]
    expect(arrived[name.toLowerCase()]).toBe(value)
    expect(absent.filter((other) => other in arrived)).toEqual([])
    expect(arrived['traceparent']).toMatch(/^00-/)
    expect(arrived['uber-trace-id']).toBeDefined()
  })

  it('are added to a sampling decision, which is not an id, and do not replace it', async () => {
    await using _t = defaultTestTracer()
    await using world = await openWorld()
    await tracedFetch(world.url, { headers: { 'X-Sampled': '0' } })
    expect(last(world)).toMatchObject({ 'x-sampled': '0', 'x-trace-id': expect.stringMatching(/^[0-9a-f]{32}$/) })
  })
})

describe('targets', () => {
  it.each<[string, () => unknown, string[]]>([
    [
      'throws',
      () => {
        throw new RangeError('no idea')
      },
      ['CALLBACK_FAILED'],
    ],
    ['rejects', () => Promise.reject(new RangeError('no idea')), ['CALLBACK_FAILED']],
    ['answers later', () => Promise.resolve(true), []],
    ['does not answer', () => undefined, []],
  ])('that a function names get no ids where it %s', async (_name, targets, codes) => {
    await using t = defaultTestTracer()
    await using world = await openWorld()
    const call = createTracedFetch({ targets: targets as () => boolean })
    await continueTrace({ baggage: 'user=7' }, 'job', () => call(world.url))
    expect(idsIn(last(world))).toEqual([])
    expect(t.errors.map((error) => error.code)).toEqual(codes)
  })

  it('may do to the address what they like', async () => {
    await using _t = defaultTestTracer()
    await using world = await openWorld()
    const call = createTracedFetch({ targets: (url) => ((url.host = 'elsewhere'), true) })
    expect((await call(world.url)).url).toBe(`${world.url}/`)
    expect(idsIn(last(world))).toContain('traceparent')
  })
})

function disposable<T extends { close(): Promise<void> }>(value: T): AsyncDisposable & { value: T } {
  return { value, [Symbol.asyncDispose]: () => value.close() }
}

/** A proxy that forwards absolute addresses and opens tunnels. */
async function openProxy() {
  const { connect } = await import('node:net')
  let count = 0
  const server = createServer((req, res) => {
    count++
    const on = forward(req.url ?? '', { method: req.method ?? 'GET', headers: req.headers }, (answer) =>
      answer.pipe(res.writeHead(answer.statusCode ?? 0, answer.headers)),
    )
    req.pipe(on)
  })
  server.on('connect', (req, socket) => {
    count++
    const [host, port] = (req.url ?? '').split(':')
    const on = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      on.pipe(socket).on('error', () => {})
      socket.pipe(on).on('error', () => {})
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: () => count,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
