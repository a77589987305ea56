import { describe, expect, it } from 'vitest'
import type { AdapterOptions } from '../src/adapter-options.js'
import type { TracerOptions } from '../src/options.js'
import type { RequestDescription } from '../src/request.js'
import { createRequestTracer, runRequest, type ServerRequest } from '../src/server-request.js'
import { getTraceContext, getTraceHeaders, withSpan } from '../src/trace-api.js'
import { defaultTestTracer, manualClock, testTracer, type TestTracer } from './support.js'

const REMOTE = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }

function describeRequest(given: Partial<RequestDescription> & { headers?: Record<string, string | string[]> } = {}): RequestDescription {
  const { headers = {}, ...rest } = given
  return { method: 'GET', path: '/orders/7', scheme: 'http', header: (name) => headers[name], ...rest }
}

/** Begins a request with a tracer of its own. */
function begin(t: TestTracer, given?: Parameters<typeof describeRequest>[0], options: AdapterOptions = {}): ServerRequest {
  return createRequestTracer({ tracer: t.tracer, ...options })(describeRequest(given))
}

async function recorded(t: TestTracer) {
  await t.tracer.flush()
  const [span] = t.exporter.spans
  if (!span) throw new Error('nothing was recorded')
  return span
}

describe('a server span', () => {
  it('describes the request by the semantic conventions, without query or header values', async () => {
    await using t = testTracer()
    const request = begin(
      t,
      {
        query: 'token=secret',
        peerAddress: '10.0.0.9',
        protocolVersion: '1.1',
        headers: { host: 'shop.internal:8080', 'user-agent': 'curl/8', authorization: 'Bearer x', 'x-tenant': ['a', 'b'] },
      },
      { captureRequestHeaders: ['X-Tenant'] },
    )
    request.setRoute('/orders/:id')
    request.end({ statusCode: 200 })
    const span = await recorded(t)
    expect(span).toMatchObject({ name: 'GET /orders/:id', kind: 'server', status: 'unset' })
    expect(span.attributes).toEqual({
      'http.request.method': 'GET',
      'url.path': '/orders/7',
      'url.scheme': 'http',
      'server.address': 'shop.internal',
      'server.port': 8080,
      'client.address': '10.0.0.9',
      'network.protocol.version': '1.1',
      'http.request.header.x-tenant': ['a', 'b'],
      'http.route': '/orders/:id',
      'http.response.status_code': 200,
    })
  })

  it.each([
    ['[::1]:3000', '[::1]', 3000],
    ['shop', 'shop', 80],
    ['shop:x', 'shop', undefined],
  ])('reads the host %s', async (host, address, port) => {
    await using t = testTracer()
    begin(t, { headers: { host } }).end({ statusCode: 200 })
    const { attributes } = await recorded(t)
    expect([attributes['server.address'], attributes['server.port']]).toEqual([address, port])
  })

  it('is named by its method alone without a route, and HTTP where the method is unknown', async () => {
    await using t = testTracer()
    begin(t, { method: 'BREW' }).end({ statusCode: 418 })
    begin(t).end({ statusCode: 404 })
    await t.tracer.flush()
    expect(
      t.exporter.spans.map((span) => [
        span.name,
        span.attributes['http.request.method'],
        span.attributes['http.request.method_original'],
        span.status,
      ]),
    ).toEqual([
      ['HTTP', '_OTHER', 'BREW', 'unset'],
      ['GET', 'GET', undefined, 'unset'],
    ])
  })

  it.each([
    ['a 500', { statusCode: 500 }, undefined, { status: 'error', 'error.type': '500' }],
    ['a 500 with what the handler threw', { statusCode: 500 }, new RangeError('x'), { status: 'error', 'error.type': 'RangeError' }],
    ['a 404 that was thrown', { statusCode: 404 }, new Error('x'), { status: 'unset', 'error.type': undefined }],
    ['an abort', { aborted: true }, undefined, { status: 'unset', 'error.type': undefined }],
    ['an answer that broke off', { statusCode: 200, error: new TypeError('x') }, undefined, { status: 'error', 'error.type': 'TypeError' }],
  ])('takes %s for what it is', async (_name, end, error, expected) => {
    await using t = testTracer()
    const request = begin(t)
    if (error) request.setError(error)
    request.end(end)
    request.end({ statusCode: 200 })
    const span = await recorded(t)
    expect({ status: span.status, 'error.type': span.attributes['error.type'] }).toEqual(expected)
    expect(span.attributes['clew.aborted']).toBe('aborted' in end ? true : undefined)
  })

  it('asks the functions among the options, and survives those that throw', async () => {
    await using t = testTracer()
    const boom = () => {
      throw new Error('boom')
    }
    const named = begin(
      t,
      {},
      {
        routeName: (_request, route) => `${route}!`,
        isError: (status) => status >= 400,
        onSpanStart: (span) => void span.setAttribute('seen', true),
      },
    )
    named.setRoute('/a')
    named.end({ statusCode: 404 })
    const hostile = begin(t, {}, { routeName: boom, isError: boom, onSpanStart: boom, ignore: boom })
    hostile.setRoute('/a')
    hostile.end({ statusCode: 500 })
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => [span.name, span.status, span.attributes['seen']])).toEqual([
      ['GET /a!', 'error', true],
      ['GET /a', 'error', undefined],
    ])
    expect(new Set(t.errors.map((error) => error.code))).toEqual(new Set(['CALLBACK_FAILED']))
    expect(t.errors).toHaveLength(4)
  })

  it('keeps the route of whoever knows one, and asks routeName about it each time', async () => {
    await using t = testTracer()
    const request = begin(t, {}, { routeName: (_request, route) => route && `${route}!` })
    request.setRoute('/inner/:id')
    request.setRoute(undefined)
    request.end({ statusCode: 200 })
    expect((await recorded(t)).name).toBe('GET /inner/:id!')
  })

  it('takes a promise for no answer, and survives one that rejects', async () => {
    await using t = testTracer({ onSpanEnd: () => reject() as never })
    const reject = async () => {
      throw new Error('rejected')
    }
    const request = begin(t, {}, { routeName: reject, isError: reject, onSpanStart: reject, ignore: reject } as never)
    request.setRoute('/a')
    request.end({ statusCode: 200 })
    expect(await recorded(t)).toMatchObject({ name: 'GET /a', status: 'unset' })
    expect(t.errors.map((error) => error.code)).toEqual(Array.from({ length: 5 }, () => 'CALLBACK_FAILED'))
  })

  it('is slow by the time to the first byte: an open stream is no slow request', async () => {
    const clock = manualClock()
    await using t = testTracer({ clock, sampling: { rate: 0 } })
    const stream = begin(t, { path: '/events' })
    clock.advance(50)
    stream.headWritten()
    clock.advance(60_000)
    stream.end({ statusCode: 200 })
    const slow = begin(t, { path: '/slow' })
    clock.advance(1000)
    slow.headWritten()
    slow.end({ statusCode: 200 })
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => [span.attributes['url.path'], span.attributes['clew.kept']])).toEqual([['/slow', 'slow']])
  })
})

describe('trust', () => {
  const under = async (propagation: NonNullable<TracerOptions['propagation']>, rate = 1, headers: Record<string, string> = REMOTE) => {
    await using t = testTracer({ propagation, sampling: { rate } })
    const request = begin(t, { headers })
    request.end({ statusCode: 500 })
    const span = await recorded(t)
    return {
      continued: span.traceId === 'a'.repeat(32),
      parent: span.parentSpanId,
      flags: span.flags,
      links: span.links.map((link) => link.spanId),
    }
  }

  it('continue takes ids and the sampled flag', async () => {
    expect(await under({}, 0)).toEqual({ continued: true, parent: 'b'.repeat(16), flags: 1, links: [] })
  })

  it('accept takes ids and decides itself', async () => {
    expect(await under({ trust: 'accept' }, 0)).toEqual({ continued: true, parent: 'b'.repeat(16), flags: 0, links: [] })
  })

  it('restart begins a new trace with a link', async () => {
    expect(await under({ trust: 'restart' })).toEqual({ continued: false, parent: undefined, flags: 3, links: ['b'.repeat(16)] })
  })

  it('ignore begins a new trace', async () => {
    expect(await under({ trust: () => 'ignore' })).toEqual({ continued: false, parent: undefined, flags: 3, links: [] })
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('trust')
      },
    ],
    ['answers with a promise', async () => 'continue'],
    ['answers nonsense', () => 'yes'],
  ])('is withheld by a function that %s', async (_name, trust) => {
    expect(await under({ trust: trust as never })).toMatchObject({ continued: false, links: ['b'.repeat(16)] })
  })

  it('withholds baggage and ids from what runs in the request, ignored or not', async () => {
    const headers = { ...REMOTE, baggage: 'tenant=a' }
    const carried = async (trust: 'continue' | 'accept' | 'restart' | 'ignore', path: string) => {
      await using t = defaultTestTracer({ propagation: { trust } })
      const sent = runRequest(begin(t, { headers, path }), getTraceHeaders)
      return [sent['baggage'], sent['traceparent']?.includes('a'.repeat(32)) ?? false]
    }
    expect(await carried('continue', '/')).toEqual(['tenant=a', true])
    expect(await carried('accept', '/healthz')).toEqual(['tenant=a', true])
    expect(await carried('restart', '/')).toEqual([undefined, false])
    expect(await carried('ignore', '/')).toEqual([undefined, false])
    expect(await carried('ignore', '/healthz')).toEqual([undefined, false])
  })

  it('says once that a public peer is continued, and nothing of a private one', async () => {
    await using t = testTracer()
    begin(t, { headers: REMOTE, peerAddress: '::ffff:192.168.1.2' })
    begin(t, { headers: REMOTE, peerAddress: 'fd00::1' })
    expect(t.errors).toEqual([])
    for (let i = 0; i < 3; i++) begin(t, { headers: REMOTE, peerAddress: '203.0.113.9' })
    expect(t.errors.map((error) => error.code)).toEqual(['PUBLIC_PEER_TRUSTED'])
  })

  it('keeps a segment that failed although the caller did not sample it', async () => {
    await using t = testTracer()
    begin(t, { headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00` } }).end({ statusCode: 500 })
    expect(await recorded(t)).toMatchObject({ flags: 0, attributes: { 'clew.kept': 'error' } })
  })

  it('refuses a derived id that would merge all traffic, and keeps it as an attribute', async () => {
    await using t = testTracer({ sampling: { maxTracesPerSecond: Infinity } })
    const ids = new Set<string | undefined>()
    for (let i = 0; i < 1100; i++) ids.add(begin(t, { headers: { 'x-trace-id': 'constant-value' } }).trace?.traceId)
    expect(ids.size).toBe(101)
    const refused = begin(t, { headers: { 'x-trace-id': 'constant-value' } })
    expect(refused.responseHeaders()).toEqual([['X-Trace-Id', refused.trace?.traceId]])
    refused.end({ statusCode: 200 })
    expect((await recorded(t)).attributes['trace.external_id']).toBe('constant-value')
  })
})

describe('response headers', () => {
  it('are X-Trace-Id by default, as received where that was an id of another make', async () => {
    await using t = testTracer()
    const own = begin(t)
    expect(own.responseHeaders()).toEqual([['X-Trace-Id', own.trace?.traceId]])
    expect(begin(t, { headers: { 'x-trace-id': 'abc-123' } }).responseHeaders()).toEqual([['X-Trace-Id', 'abc-123']])
    const uuid = '4BF92F35-77B3-4DA6-A3CE-929D0E0E4736'
    const received = begin(t, { headers: { 'x-trace-id': uuid } })
    expect(received.responseHeaders()).toEqual([['X-Trace-Id', uuid]])
    expect(received.trace).toMatchObject({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', externalId: uuid })
  })

  it('are those that are asked for', async () => {
    await using t = testTracer()
    const request = begin(t, {}, { responseHeaders: ['X-Span-Id', 'traceresponse', 'Server-Timing'] })
    const traceparent = `00-${request.trace?.traceId}-${request.trace?.spanId}-03`
    expect(request.responseHeaders()).toEqual([
      ['X-Span-Id', request.trace?.spanId],
      ['traceresponse', traceparent],
      ['Server-Timing', `traceparent;desc="${traceparent}"`],
    ])
  })
})

describe('an ignored request', () => {
  it('is not recorded, but passes received ids on', async () => {
    await using t = defaultTestTracer()
    const request = begin(t, { path: '/healthz', headers: { ...REMOTE, tracestate: 'a=1' } })
    runRequest(request, () => {
      withSpan('hidden', () => {
        expect(getTraceContext()).toMatchObject({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) })
        expect(getTraceHeaders()).toMatchObject({ ...REMOTE, tracestate: 'a=1' })
      })
    })
    request.end({ statusCode: 200 })
    await t.tracer.flush()
    expect(t.exporter.spans).toEqual([])
  })

  it('does not decide for others: ids on which nobody decided go on as they came', async () => {
    await using t = defaultTestTracer()
    const sentFor = (headers: Record<string, string>) => runRequest(begin(t, { path: '/healthz', headers }), getTraceHeaders)
    expect(sentFor({ 'x-trace-id': 'abc-12345' })).toEqual({ 'x-trace-id': 'abc-12345' })
    expect(sentFor({ 'x-trace-id': '00f067aa0ba902b7' })).toEqual({ 'x-trace-id': '00f067aa0ba902b7' })
    expect(sentFor({ 'x-trace-id': 'abc-12345', 'x-span-id': 'b'.repeat(16), 'x-sampled': '0' })).toMatchObject({
      'x-sampled': '0',
      'x-span-id': 'b'.repeat(16),
    })
  })

  it('makes no ids of its own', async () => {
    await using t = defaultTestTracer()
    const request = begin(t, { path: '/metrics' })
    runRequest(request, () => withSpan('hidden', () => expect([getTraceContext(), getTraceHeaders()]).toEqual([undefined, {}])))
    expect(request.responseHeaders()).toEqual([])
  })

  it('is chosen by path, pattern or function', async () => {
    await using t = testTracer()
    const isIgnored = (path: string, ignore?: AdapterOptions['ignore']) =>
      begin(t, { path }, ignore ? { ignore } : {}).responseHeaders().length === 0
    expect(['/healthz', '/livez', '/readyz', '/metrics', '/favicon.ico', '/health', '/'].map((path) => isIgnored(path))).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
    ])
    expect(isIgnored('/internal/a/b', ['/internal/*'])).toBe(true)
    expect(isIgnored('/healthz', ['/internal/*'])).toBe(false)
    expect(isIgnored('/a', [/^\/a$/g])).toBe(true)
    expect(isIgnored('/a', ({ method }) => method === 'GET')).toBe(true)
  })
})

describe('adapter options', () => {
  it.each([
    [{ ignored: [] }, 'Option ignored is not known'],
    [{ method: 'GET', headers: {} }, 'call the adapter, as in app.use(expressTracing())'],
    [{ responseHeaders: ['X-Other'] }, 'Option responseHeaders[0] must be one of X-Trace-Id'],
    [{ ignore: '/healthz' }, 'Option ignore must be an array of strings'],
    [{ captureRequestHeaders: [''] }, 'Option captureRequestHeaders[0] must be a string'],
    [{ isError: 500 }, 'Option isError must be a function'],
    [{ sampling: { rate: 5 } }, 'Option sampling.rate must be a number from 0 to 1'],
    [{ propagation: { targets: ['/api'] } }, 'propagation.targets[0] must be the beginning of a URL'],
  ])('refuse %j at construction', (options, message) => {
    expect(() => createRequestTracer(options as never)).toThrow(message)
  })
})

describe('the answer to a caller that did not sample the trace', () => {
  const RATE_0 = { sampling: { rate: 0 } }
  const answer = (request: ServerRequest) => {
    request.headWritten()
    return Object.fromEntries(request.responseHeaders())['X-Sampled']
  }

  it('says so where the segment is kept by the time its head is written', async () => {
    const clock = manualClock()
    await using t = testTracer({ ...RATE_0, clock })
    const [ordinary, kept, slow] = [begin(t), begin(t), begin(t)]
    kept.trace?.span.keep()
    expect([answer(ordinary), answer(kept)]).toEqual([undefined, '1'])
    clock.advance(1000)
    expect(answer(slow)).toBe('1')
  })

  it('says nothing where the trace was sampled, or no headers are wanted', async () => {
    await using sampled = testTracer()
    await using t = testTracer(RATE_0)
    const requests = [begin(sampled), begin(t, {}, { responseHeaders: [] })]
    for (const request of requests) request.trace?.span.keep()
    expect(requests.map(answer)).toEqual([undefined, undefined])
  })
})
