import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ExportBatch, ExportResult, HistogramPoint } from '../src/exporter.js'
import { otlpExporter, type OtlpExporterOptions } from '../src/otlp-exporter.js'
import { VERSION } from '../src/version.js'

const START = 1_767_225_600_000
const ATTRIBUTES = { 'http.request.method': 'GET', 'http.response.status_code': 200 }
const EXEMPLAR = { time: START + 500.25, value: 0.25, traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const POINT: HistogramPoint = {
  attributes: ATTRIBUTES, startTime: START, time: START + 1000, count: 4, sum: 0.75, min: 0, max: 0.5, scale: 3,
  zeroCount: 1, zeroThreshold: 2 ** -14, offset: -17, bucketCounts: [1, 0, 2], exemplars: [EXEMPLAR],
} // prettier-ignore

function batchOf(...points: HistogramPoint[]): ExportBatch {
  const metrics = [{ name: 'http.server.request.duration', unit: 's', description: 'Duration.', points }]
  return { resource: { attributes: { 'service.name': 'shop' } }, spans: [], logs: [], metrics }
}

const BATCH = batchOf(POINT)

interface Received {
  readonly url: string | undefined
  readonly headers: Record<string, unknown>
  readonly body: unknown
}

/** A receiver that answers each path with a status. */
async function startReceiver(statuses: Record<string, number> = {}, body = '{}') {
  const requests: Received[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    requests.push({ url: request.url, headers: request.headers, body: JSON.parse(text) })
    response.writeHead(statuses[request.url ?? ''] ?? 200).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    paths: () => requests.map(({ url }) => url),
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function send(options?: OtlpExporterOptions, batch = BATCH): Promise<ExportResult> {
  return otlpExporter(options).export(batch, { signal: new AbortController().signal })
}

const withSpans: ExportBatch = { ...BATCH, spans: [{
  traceId: EXEMPLAR.traceId, spanId: EXEMPLAR.spanId, name: 'work', kind: 'server', service: 'shop', startTime: START, duration: 5, status: 'unset',
  attributes: {}, events: [], links: [], resource: BATCH.resource, flags: 1,
}] } // prettier-ignore

afterEach(() => vi.unstubAllEnvs())

describe('metrics over OTLP', () => {
  it('are cumulative exponential histograms, posted to /v1/metrics', async () => {
    await using receiver = await startReceiver()
    expect(await send({ url: receiver.url, headers: { 'x-team': 'a' } })).toEqual({ ok: true })
    expect(receiver.requests).toMatchObject([{ url: '/v1/metrics', headers: { 'content-type': 'application/json', 'x-team': 'a' } }])
    expect(receiver.requests[0]?.body).toEqual({
      resourceMetrics: [{
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
        scopeMetrics: [{
          scope: { name: '@clew/core', version: VERSION },
          metrics: [{
            name: 'http.server.request.duration', unit: 's', description: 'Duration.',
            exponentialHistogram: {
              aggregationTemporality: 2,
              dataPoints: [{
                attributes: [
                  { key: 'http.request.method', value: { stringValue: 'GET' } },
                  { key: 'http.response.status_code', value: { intValue: '200' } },
                ],
                startTimeUnixNano: '1767225600000000000', timeUnixNano: '1767225601000000000',
                count: '4', sum: 0.75, min: 0, max: 0.5, scale: 3, zeroCount: '1', zeroThreshold: 2 ** -14,
                positive: { offset: -17, bucketCounts: ['1', '0', '2'] },
                exemplars: [{ timeUnixNano: '1767225600500250000', asDouble: 0.25, traceId: EXEMPLAR.traceId, spanId: EXEMPLAR.spanId }],
              }],
            },
          }],
        }],
      }],
    }) // prettier-ignore
  })

  it('have the exemplars that the receiver has not had', async () => {
    await using receiver = await startReceiver()
    const exporter = otlpExporter({ url: receiver.url })
    const signal = new AbortController().signal
    const later = { ...EXEMPLAR, time: START + 1500 }
    await exporter.export(BATCH, { signal })
    await exporter.export(batchOf({ ...POINT, time: START + 2000, exemplars: [EXEMPLAR, later] }), { signal })
    await exporter.export(batchOf({ ...POINT, attributes: { ...ATTRIBUTES } }), { signal })
    const times = receiver.requests.map(({ body }) =>
      [...JSON.stringify(body).matchAll(/"timeUnixNano":"(\d+)","asDouble"/g)].map((match) => match[1]),
    )
    expect(times).toEqual([['1767225600500250000'], ['1767225601500000000'], ['1767225600500250000']])
  })

  it('have them again where the receiver took nothing', async () => {
    const statuses: Record<string, number> = { '/v1/metrics': 503 }
    await using receiver = await startReceiver(statuses)
    const exporter = otlpExporter({ url: receiver.url })
    const signal = new AbortController().signal
    expect(await exporter.export(BATCH, { signal })).toMatchObject({ ok: false, retryable: true })
    statuses['/v1/metrics'] = 200
    await exporter.export(BATCH, { signal })
    expect(JSON.stringify(receiver.requests[1]?.body)).toContain(EXEMPLAR.traceId)
  })

  it('are valid JSON where a sum is beyond the largest number', async () => {
    await using receiver = await startReceiver()
    await send({ url: receiver.url }, batchOf({ ...POINT, sum: Infinity }))
    expect(JSON.stringify(receiver.requests[0]?.body)).toContain('"sum":"Infinity"')
  })

  it.each([404, 405, 501])('are not supported by a receiver that answers %d', async (status) => {
    await using receiver = await startReceiver({ '/v1/metrics': status })
    const result = await send({ url: receiver.url })
    expect(result).toMatchObject({ ok: false, retryable: false, unsupported: true })
    expect((result as { error: Error }).error.message).toBe(`HTTP ${status} from the receiver of metrics: {}`)
  })

  it('do not count points that were refused as spans', async () => {
    await using receiver = await startReceiver({}, '{"partialSuccess":{"rejectedDataPoints":"1","rejectedSpans":1}}')
    expect(await send({ url: receiver.url })).toEqual({ ok: true })
  })

  it('go after the spans of the same batch, whose export does not fail with theirs', async () => {
    await using receiver = await startReceiver({ '/v1/metrics': 503 })
    expect(await send({ url: receiver.url }, withSpans)).toEqual({ ok: true })
    expect(receiver.paths()).toEqual(['/v1/traces', '/v1/metrics'])
    await using broken = await startReceiver({ '/v1/traces': 503 })
    expect(await send({ url: broken.url }, withSpans)).toMatchObject({ ok: false, retryable: true })
    expect(broken.paths()).toEqual(['/v1/traces'])
  })
})

describe('the address of metrics', () => {
  it.each([
    ['', '/v1/metrics'],
    ['/base/', '/base/v1/metrics'],
    ['/base/v1/traces', '/base/v1/metrics'],
    ['/base/v1/traces?key=1', '/base/v1/metrics?key=1'],
  ])('lies beside that of the spans: %j', async (path, expected) => {
    await using receiver = await startReceiver()
    await send({ url: receiver.url + path })
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url + path)
    await send()
    expect(receiver.paths()).toEqual([expected, expected])
  })

  it('is OTEL_EXPORTER_OTLP_METRICS_ENDPOINT as it is, with headers of its own', async () => {
    await using receiver = await startReceiver()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:1')
    vi.stubEnv('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', `${receiver.url}/own`)
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'a=1,b=1')
    vi.stubEnv('OTEL_EXPORTER_OTLP_METRICS_HEADERS', 'b=2')
    vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'c=3')
    await send()
    expect(receiver.requests).toMatchObject([{ url: '/own', headers: { a: '1', b: '2' } }])
    expect(receiver.requests[0]?.headers['c']).toBeUndefined()
  })

  it('is none where a receiver of spans alone is named', async () => {
    await using receiver = await startReceiver()
    vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', `${receiver.url}/v1/traces`)
    expect(await send()).toMatchObject({ ok: false, retryable: false, unsupported: true })
    expect(await send(undefined, withSpans)).toEqual({ ok: true })
    expect(receiver.paths()).toEqual(['/v1/traces'])
  })

  it('is named where it cannot be used', () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'collector:4318')
    expect(() => otlpExporter()).toThrow(/^OTEL_EXPORTER_OTLP_METRICS_ENDPOINT must be an http or https URL/)
  })
})
