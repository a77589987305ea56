import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ExportBatch, ExportResult } from '../src/exporter.js'
import { otlpExporter } from '../src/otlp-exporter.js'
import type { OtlpExporterOptions } from '../src/otlp-exporter.js'

const resource = { attributes: { 'service.name': 'shop' } }
const BATCH: ExportBatch = {
  resource,
  spans: [
    {
      traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', name: 'work', kind: 'server', service: 'shop', startTime: 1_767_225_600_000,
      duration: 5, status: 'unset', attributes: {}, events: [], links: [], resource, flags: 1,
    },
  ],
  logs: [],
  metrics: [],
} // prettier-ignore

interface Received {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

interface Receiver extends AsyncDisposable {
  readonly url: string
  readonly requests: Received[]
}

/** A receiver of spans on a free port. */
async function startReceiver(answer: (response: ServerResponse) => void = (response) => response.end('{}')): Promise<Receiver> {
  const requests: Received[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    requests.push({ method: request.method, url: request.url, headers: request.headers, body })
    answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function send(options: OtlpExporterOptions, signal = new AbortController().signal): Promise<ExportResult> {
  return otlpExporter(options).export(BATCH, { signal })
}

async function answerTo(status: number, headers: Record<string, string> = {}, body = ''): Promise<ExportResult> {
  await using receiver = await startReceiver((response) => response.writeHead(status, headers).end(body))
  return await send({ url: receiver.url })
}

function messageOf(result: ExportResult): string {
  return result.ok ? '' : (result.error as Error).message
}

afterEach(() => vi.unstubAllEnvs())

describe('otlpExporter: the request', () => {
  it('posts OTLP JSON to /v1/traces', async () => {
    await using receiver = await startReceiver()
    expect(await send({ url: receiver.url, headers: { 'X-Team': 'a' } })).toEqual({ ok: true })
    const [request] = receiver.requests
    expect(request).toMatchObject({ method: 'POST', url: '/v1/traces', headers: { 'content-type': 'application/json', 'x-team': 'a' } })
    const body = JSON.parse(request?.body ?? '') as { resourceSpans: { scopeSpans: { spans: { traceId: string }[] }[] }[] }
    expect(body.resourceSpans[0]?.scopeSpans[0]?.spans[0]?.traceId).toBe('0af7651916cd43dd8448eb211c80319c')
  })

  it.each([
    ['', '/v1/traces'],
    ['/', '/v1/traces'],
    ['/base', '/base/v1/traces'],
    ['/base/', '/base/v1/traces'],
    ['/base/v1/traces', '/base/v1/traces'],
    ['/base?key=1', '/base/v1/traces?key=1'],
  ])('takes a url with the path %j for a base', async (path, expected) => {
    await using receiver = await startReceiver()
    await send({ url: receiver.url + path })
    expect(receiver.requests[0]?.url).toBe(expected)
  })

  it('holds Unicode text alone: half a surrogate pair, for which strict receivers refuse a batch, is replaced, and nothing else is', async () => {
    await using receiver = await startReceiver()
    const texts = ['\ud83d', 'a\udc00b', '\ud83e\uddf6', '\\ud83d', '\\\ud83d', '\n\\\\ud83d"']
    const [span] = BATCH.spans
    const batch = { ...BATCH, spans: [{ ...span!, name: '\ud83d', attributes: { texts } }] }
    await otlpExporter({ url: receiver.url }).export(batch, { signal: new AbortController().signal })
    const body = receiver.requests[0]?.body ?? ''
    const read = JSON.parse(body) as {
      resourceSpans: {
        scopeSpans: { spans: { name: string; attributes: { value: { arrayValue: { values: { stringValue: string }[] } } }[] }[] }[]
      }[]
    }
    const sent = read.resourceSpans[0]!.scopeSpans[0]!.spans[0]!
    expect(sent.name).toBe('\ufffd')
    expect(sent.attributes[0]!.value.arrayValue.values.map(({ stringValue }) => stringValue)).toEqual([
      '\ufffd',
      'a\ufffdb',
      '\ud83e\uddf6',
      '\\ud83d',
      '\\\ufffd',
      '\n\\\\ud83d"',
    ])
  })

  it('takes url and headers from the environment, and options before them', async () => {
    await using receiver = await startReceiver()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `${receiver.url}/base`)
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'X-Key=a%20b%3D, x-own=env ,broken, X-Percent=%zz')
    await send({ headers: { 'X-OWN': 'option' } })
    expect(receiver.requests[0]).toMatchObject({
      url: '/base/v1/traces',
      headers: { 'x-key': 'a b=', 'x-own': 'option', 'x-percent': '%zz' },
    })
  })

  it('uses the endpoint for traces as it is', async () => {
    await using receiver = await startReceiver()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:1')
    vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', `${receiver.url}/custom`)
    await send({})
    expect(receiver.requests[0]?.url).toBe('/custom')
  })

  it('sends credentials of the url as a header', async () => {
    await using receiver = await startReceiver()
    await send({ url: receiver.url.replace('://', '://user:p%40ss@') })
    expect(receiver.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`)
  })

  it('uses the fetch of the moment it was made', async () => {
    await using receiver = await startReceiver()
    const exporter = otlpExporter({ url: receiver.url })
    vi.stubGlobal('fetch', () => Promise.reject(new Error('patched later')))
    const result = await exporter.export(BATCH, { signal: new AbortController().signal }).finally(() => vi.unstubAllGlobals())
    expect(result).toEqual({ ok: true })
  })
})

describe('otlpExporter: the answer (OTLP/HTTP Response)', () => {
  it.each([
    ['an empty answer', '', { ok: true }],
    ['an answer that is not JSON', 'ok', { ok: true }],
    ['null', 'null', { ok: true }],
    ['rejected spans', '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"old"}}', { ok: true, rejected: 2 }],
    ['rejected spans as a number', '{"partialSuccess":{"rejectedSpans":2}}', { ok: true, rejected: 2 }],
    ['a warning', '{"partialSuccess":{"rejectedSpans":"0","errorMessage":"slow down"}}', { ok: true }],
    ['nonsense', '{"partialSuccess":{"rejectedSpans":"x"}}', { ok: true }],
  ])('reads %s', async (_kind, body, expected) => {
    expect(await answerTo(200, {}, body)).toEqual(expected)
  })

  it.each([429, 502, 503, 504])('finds another try worth it after %i', async (status) => {
    expect(await answerTo(status)).toMatchObject({ ok: false, retryable: true })
  })

  it.each([301, 307, 400, 401, 403, 404, 408, 413, 415, 500, 501])('gives up after %i', async (status) => {
    const result = await answerTo(status, status < 400 ? { location: 'http://127.0.0.1:1/' } : {}, 'why')
    expect(result).toMatchObject({ ok: false, retryable: false })
    expect(messageOf(result)).toContain(`HTTP ${status}`)
  })

  it('does not follow redirects, which would carry the headers elsewhere', async () => {
    await using elsewhere = await startReceiver()
    await using receiver = await startReceiver((response) => response.writeHead(307, { location: elsewhere.url }).end())
    await send({ url: receiver.url, headers: { authorization: 'Bearer abcdef' } })
    expect(elsewhere.requests).toEqual([])
  })

  it('honours Retry-After in seconds and as a date', async () => {
    expect(await answerTo(503, { 'retry-after': '7' })).toMatchObject({ retryAfterMs: 7_000 })
    const dated = await answerTo(429, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() })
    expect(dated.ok ? 0 : dated.retryAfterMs).toBeGreaterThan(50_000)
    expect(await answerTo(429, { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' })).toMatchObject({ retryAfterMs: 0 })
    expect(await answerTo(429, { 'retry-after': 'soon' })).not.toHaveProperty('retryAfterMs')
  })

  it('tells the beginning of what the receiver said, on one line and without secrets', async () => {
    const message = messageOf(await answerTo(400, {}, `bad\n request, Authorization: Bearer abcdef\n${'x'.repeat(1_000)}`))
    expect(message).toMatch(/^HTTP 400 from the receiver of spans: bad request, Authorization: \[REDACTED\] x+$/)
    expect(message.length).toBeLessThan(300)
  })

  it('reads no more than the beginning of an answer without end', async () => {
    await using receiver = await startReceiver((response) => {
      const write = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
        response.once('drain', write)
      }
      write()
    })
    expect(await send({ url: receiver.url })).toEqual({ ok: true })
  })
})

describe('otlpExporter: failures', () => {
  it('finds another try worth it where nothing listens', async () => {
    const { url } = await startReceiver().then(async (receiver) => {
      await receiver[Symbol.asyncDispose]()
      return receiver
    })
    const result = await send({ url: url.replace('://', '://user:hunter2@') })
    expect(result).toMatchObject({ ok: false, retryable: true })
    expect(messageOf(result)).toMatch(/^No answer from http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/)
    expect(messageOf(result)).not.toContain('hunter2')
  })

  it('ends with the signal', async () => {
    await using receiver = await startReceiver(() => {})
    const controller = new AbortController()
    setTimeout(() => controller.abort(new Error('deadline of the queue')), 20)
    const result = await send({ url: receiver.url }, controller.signal)
    expect(result).toMatchObject({ ok: false, retryable: true })
    expect(messageOf(result)).toContain('deadline of the queue')
  })

  it('sends nothing where the signal has ended already', async () => {
    await using receiver = await startReceiver()
    expect(await send({ url: receiver.url }, AbortSignal.abort())).toMatchObject({ ok: false, retryable: true })
    expect(receiver.requests).toEqual([])
  })

  it('ends after its timeout', async () => {
    await using receiver = await startReceiver(() => {})
    const result = await send({ url: receiver.url, timeoutMs: 30 })
    expect(result).toMatchObject({ ok: false, retryable: true })
    expect(messageOf(result)).toContain('No answer within 30 ms')
  })

  it('gives up on a batch that cannot be written', async () => {
    const broken = { ...BATCH, spans: null } as unknown as ExportBatch
    const result = await otlpExporter({ url: 'http://127.0.0.1:1' }).export(broken, { signal: new AbortController().signal })
    expect(result).toMatchObject({ ok: false, retryable: false })
  })
})

describe('otlpExporter: options', () => {
  it.each([{ url: 'not a url' }, { url: 'ftp://host' }, { url: '' }, { timeoutMs: 0 }, { timeoutMs: Number.NaN }])(
    'throws for %j',
    (options) => {
      expect(() => otlpExporter(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    },
  )

  it('names a header that cannot be sent without its value', () => {
    const make = (): unknown => otlpExporter({ headers: { authorization: 'Bearer hunter2\nx: y' } })
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('"authorization"') as string }))
    expect(make).not.toThrow(/hunter2/)
  })

  it('names the environment variable that holds no URL', () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318')
    expect(() => otlpExporter()).toThrow(/OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL/)
  })
})

describe('log lines over OTLP', () => {
  const LOGS = [
    { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', time: 1_767_225_600_000.125, severityNumber: 5, severityText: 'debug', body: 'read', attributes: { n: 1 } },
    { traceId: '0af7651916cd43dd8448eb211c80319c', time: 1_767_225_600_001, severityNumber: 17, body: 'failed', attributes: {}, droppedAttributes: 2 },
  ] // prettier-ignore
  const signal = new AbortController().signal
  const paths = (receiver: Receiver) => receiver.requests.map(({ url }) => url)

  /** A receiver that answers by the path it is asked at. */
  function startRouter(answers: Readonly<Record<string, (response: ServerResponse) => void>>): Promise<Receiver> {
    return startReceiver((response) => {
      const answer = answers[response.req.url ?? '']
      if (answer) answer(response)
      else response.end('{}')
    })
  }

  it('go to /v1/logs after the spans, as OTLP writes them', async () => {
    await using receiver = await startReceiver()
    const result = await otlpExporter({ url: receiver.url }).export({ ...BATCH, logs: LOGS }, { signal })
    expect(result).toMatchObject({ ok: true, rejectedLogs: 0 })
    expect(paths(receiver)).toEqual(['/v1/traces', '/v1/logs'])
    expect(JSON.parse(receiver.requests[1]?.body ?? '')).toEqual({
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
          scopeLogs: [
            {
              logRecords: [
                {
                  timeUnixNano: '1767225600000125000', observedTimeUnixNano: '1767225600000125000', severityNumber: 5, severityText: 'debug',
                  body: { stringValue: 'read' }, attributes: [{ key: 'n', value: { intValue: '1' } }],
                  traceId: LOGS[0]?.traceId, spanId: LOGS[0]?.spanId,
                },
                {
                  timeUnixNano: '1767225600001000000', observedTimeUnixNano: '1767225600001000000', severityNumber: 17,
                  body: { stringValue: 'failed' }, attributes: [], droppedAttributesCount: 2, traceId: LOGS[1]?.traceId,
                },
              ],
            },
          ],
        },
      ],
    }) // prettier-ignore
  })

  it('go alone where there are no spans, and not at all while spans fail', async () => {
    await using receiver = await startRouter({ '/v1/traces': (response) => response.writeHead(503).end() })
    const exporter = otlpExporter({ url: `${receiver.url}/v1/traces` })
    expect(await exporter.export({ ...BATCH, spans: [], logs: LOGS }, { signal })).toMatchObject({ ok: true })
    expect(await exporter.export({ ...BATCH, logs: LOGS }, { signal })).toMatchObject({ ok: false, retryable: true })
    expect(paths(receiver)).toEqual(['/v1/logs', '/v1/traces'])
  })

  it('say that the spans were taken where they alone fail', async () => {
    await using receiver = await startRouter({
      '/v1/traces': (response) => response.end('{"partialSuccess":{"rejectedSpans":"1"}}'),
      '/v1/logs': (response) => response.writeHead(503, { 'retry-after': '2' }).end(),
    })
    const result = await otlpExporter({ url: receiver.url }).export({ ...BATCH, logs: LOGS }, { signal })
    expect(result).toMatchObject({ ok: false, retryable: true, retryAfterMs: 2000, spansTaken: true, rejected: 1 })
  })

  it('count what the receiver refused of them', async () => {
    await using receiver = await startRouter({ '/v1/logs': (response) => response.end('{"partialSuccess":{"rejectedLogRecords":"1"}}') })
    const result = await otlpExporter({ url: receiver.url }).export({ ...BATCH, logs: LOGS }, { signal })
    expect(result).toEqual({ ok: true, rejected: 0, rejectedLogs: 1 })
  })

  it.each([404, 405, 501])('leave a receiver alone for 10 minutes that answers %i', async (status) => {
    await using receiver = await startRouter({ '/v1/logs': (response) => response.writeHead(status).end() })
    const exporter = otlpExporter({ url: receiver.url })
    for (let time = 0; time < 3; time++)
      expect(await exporter.export({ ...BATCH, logs: LOGS }, { signal })).toMatchObject({ ok: false, spansTaken: true, unsupported: true })
    expect(paths(receiver)).toEqual(['/v1/traces', '/v1/logs', '/v1/traces', '/v1/traces'])
  })

  it('are sent nowhere where an address is known for spans alone, and to their own where there is one', async () => {
    await using receiver = await startReceiver()
    vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', `${receiver.url}/spans`)
    expect(await otlpExporter().export({ ...BATCH, logs: LOGS }, { signal })).toMatchObject({
      ok: false,
      spansTaken: true,
      unsupported: true,
    })
    vi.stubEnv('OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', `${receiver.url}/lines`)
    vi.stubEnv('OTEL_EXPORTER_OTLP_LOGS_HEADERS', 'x-lines=yes')
    expect(await otlpExporter().export({ ...BATCH, logs: LOGS }, { signal })).toMatchObject({ ok: true })
    expect(paths(receiver)).toEqual(['/spans', '/spans', '/lines'])
    expect(receiver.requests.map(({ headers }) => headers['x-lines'])).toEqual([undefined, undefined, 'yes'])
  })
})
