import { once } from 'node:events'
import { request } from 'node:http'
import type { ClientRequest } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createGzip, deflateSync, gzipSync } from 'node:zlib'
import { TraceError } from '@clew/core'
import { toOtlpJson } from '@clew/interop'
import { memoryStore } from '@clew/store'
import { expect, test, vi } from 'vitest'
import { createServer } from '../src/index.js'
import { createSpan, failingStore, NOON, postTraces, startServer, toPayload } from './support.js'

const MEBIBYTE = 1024 * 1024

test('stores the spans of an OTLP JSON request and answers with an empty object', async () => {
  await using server = await startServer()
  const response = await postTraces(server.url, toPayload([createSpan(1)]), { 'content-type': 'Application/JSON; charset=utf-8' })

  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  expect(await response.json()).toEqual({})
  expect((await server.store.getTrace(createSpan(1).traceId))?.spans).toMatchObject([{ name: 'GET /orders/:id', duration: 10 }])
})

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
])('takes a body compressed with %s', async (encoding, compress) => {
  await using server = await startServer()
  const response = await postTraces(server.url, new Uint8Array(compress(toPayload([createSpan(1)]))), { 'content-encoding': encoding })

  expect(response.status).toBe(200)
  expect((await server.store.health()).spanCount).toBe(1)
})

test('takes a request without spans for a success', async () => {
  await using server = await startServer()
  const response = await postTraces(server.url, '{"resourceSpans":[]}')
  expect([response.status, await response.json()]).toEqual([200, {}])
})

test('tells which spans it could not read, and stores the others', async () => {
  await using server = await startServer()
  const response = await postTraces(server.url, toPayload([createSpan(1), createSpan(2, { traceId: 'not-hex' })]))

  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({
    partialSuccess: { rejectedSpans: '1', errorMessage: expect.stringMatching(/^1: .*traceId/) },
  })
  expect((await server.store.health()).spanCount).toBe(1)
})

test.each([
  ['application/x-protobuf', /application\/x-protobuf.*application\/json.*http\/json/],
  ['text/plain', /text\/plain.*application\/json/],
  ['application/json2', /application\/json2/],
  ['', /Content-Type/],
])('answers 415 to the content type %j and names the one to use', async (contentType, message) => {
  await using server = await startServer()
  const response = await postTraces(server.url, '{}', { 'content-type': contentType })

  expect(response.status).toBe(415)
  expect(await response.json()).toEqual({ message: expect.stringMatching(message) })
})

test.each(['identity', 'Identity', 'GZIP'])('takes the content encoding %s', async (encoding) => {
  await using server = await startServer()
  const text = toPayload([createSpan(1)])
  const body = encoding === 'GZIP' ? new Uint8Array(gzipSync(text)) : text
  expect((await postTraces(server.url, body, { 'content-encoding': encoding })).status).toBe(200)
  expect((await server.store.health()).spanCount).toBe(1)
})

test('answers 415 to a content encoding it does not know', async () => {
  await using server = await startServer()
  const response = await postTraces(server.url, '{}', { 'content-encoding': 'br' })
  expect(response.status).toBe(415)
  expect(response.headers.get('accept-encoding')).toBe('gzip, deflate')
})

const GZIP = { 'content-encoding': 'gzip' }

test.each<{ what: string; body: string | Uint8Array<ArrayBuffer>; headers?: Record<string, string>; message: RegExp }>([
  { what: 'that is cut off', body: '{"resourceSpans":[', message: /not JSON/ },
  { what: 'that is empty', body: '', message: /not JSON/ },
  { what: 'that is not UTF-8', body: new Uint8Array([0x22, 0xff, 0x22]), message: /not JSON in UTF-8/ },
  { what: 'that is no object', body: '[]', message: /ExportTraceServiceRequest/ },
  { what: 'that is marked as gzip and is not', body: '{}', headers: GZIP, message: /cannot be read/ },
  { what: 'whose gzip ends early', body: new Uint8Array(gzipSync('{}').subarray(0, -9)), headers: GZIP, message: /cannot be read/ },
])('answers 400 to a body $what', async ({ body, headers, message }) => {
  await using server = await startServer()
  const response = await postTraces(server.url, body, headers)

  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({ message: expect.stringMatching(message) })
})

test('answers 413 to a small body that unpacks to more than 16 MiB', async () => {
  await using server = await startServer()
  const bomb = new Uint8Array(gzipSync(Buffer.alloc(17 * MEBIBYTE, ' ')))
  expect(bomb.byteLength).toBeLessThan(MEBIBYTE)
  const response = await postTraces(server.url, bomb, { 'content-encoding': 'gzip' })

  expect(response.status).toBe(413)
  expect(await response.json()).toEqual({ message: expect.stringContaining('16777216 bytes') })
  expect((await postTraces(server.url, toPayload([createSpan(1)]))).status).toBe(200)
})

test('answers 413 to a body that says it is too large, without waiting for it', async () => {
  await using server = await startServer()
  const headers = { 'content-type': 'application/json', 'content-length': String(17 * MEBIBYTE) }
  const req = request(`${server.url}/v1/traces`, { method: 'POST', headers, agent: false })
  req.write('{')
  const [res] = await once(req, 'response')
  req.destroy()
  expect(res.statusCode).toBe(413)
})

test('answers 413 to a body of unknown length as soon as it has grown too large', async () => {
  await using server = await startServer({ limits: { maxBodyBytes: 1_000 } })
  const req = request(`${server.url}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/json' }, agent: false })
  req.write(' '.repeat(1_001))
  const [res] = await once(req, 'response')
  req.destroy()
  expect(res.statusCode).toBe(413)
})

test('counts compressed bytes too, so that a stream of empty members ends', async () => {
  await using server = await startServer({ limits: { maxBodyBytes: 1_000 } })
  const members = new Uint8Array(Buffer.concat(Array.from({ length: 100 }, () => gzipSync(''))))
  expect((await postTraces(server.url, members, { 'content-encoding': 'gzip' })).status).toBe(413)
})

const { traceId, spanId } = createSpan(1)
const RESOURCES = ['{"resourceSpans":[', ']}'] as const
const EVENTS = [
  `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"${traceId}","spanId":"${spanId}","startTimeUnixNano":"${NOON}000000","events":[`,
  ']}]}]}]}',
] as const

/** A body full of `{}`, packed to a thousandth of its size and never whole in memory. */
async function packEmpties([head, tail]: readonly [string, string], count: number): Promise<Uint8Array<ArrayBuffer>> {
  const block = '{},'.repeat(10_000)
  function* write(): Generator<string> {
    yield head
    for (let n = 10_000; n < count; n += 10_000) yield block
    yield `${block.slice(0, -1)}${tail}`
  }
  return new Uint8Array(await buffer(Readable.from(write()).pipe(createGzip())))
}

test.each([
  ['one span with 22 million events', EVENTS, 22_000_000],
  ['22 million resources', RESOURCES, 22_000_000],
  ['one span with 5 million events, which are not above 16 MiB,', EVENTS, 5_000_000],
  ['5 million resources, which are not above 16 MiB,', RESOURCES, 5_000_000],
])('answers 413 to %s before any of it is parsed', async (_, frame, count) => {
  await using server = await startServer()
  const response = await postTraces(server.url, await packEmpties(frame, count), GZIP)
  expect([response.status, await response.json()]).toEqual([413, { message: expect.stringContaining('1398101 JSON values') }])
})

test('takes the first 128 of half a million events and counts the rest as dropped', async () => {
  await using server = await startServer()
  expect((await postTraces(server.url, await packEmpties(EVENTS, 500_000), GZIP)).status).toBe(200)
  const span = (await server.store.getTrace(traceId))?.spans[0]
  expect([span?.events.length, span?.droppedEvents]).toEqual([128, 499_872])
})

test('takes as many attributes, events and links of a span as it is told to', async () => {
  await using server = await startServer({ limits: { itemsPerSpan: 1 } })
  await postTraces(server.url, toPayload([createSpan(1, { attributes: { a: 1, b: 2 } })]))
  expect((await server.store.getTrace(traceId))?.spans[0]).toMatchObject({ attributes: { a: 1 }, droppedAttributes: 1 })
})

test('lets other requests in between while it reads what is large', async () => {
  await using store = memoryStore()
  const app = createServer({ store, assets: false })
  const empties = JSON.stringify({ resourceSpans: Array.from({ length: 400_000 }, () => ({})) })
  expect(await countTurns(() => app.request('/v1/traces', toInit(empties)))).toBeGreaterThan(4)
})

test('hands a store at most 500 spans at a time, and lets other requests in between', async () => {
  await using store = memoryStore({ clock: () => NOON + 60_000 })
  const sizes: number[] = []
  const exportBatch = store.export.bind(store)
  store.export = (batch, options) => {
    sizes.push(batch.spans.length)
    const end = performance.now() + 11 // longer than a slice
    while (performance.now() < end);
    return exportBatch(batch, options)
  }
  const spans = Array.from({ length: 2_100 }, (_, n) => createSpan(1, { spanId: (n + 1).toString(16).padStart(16, '0') }))
  const body = JSON.stringify(toOtlpJson([{ resource: createSpan(1).resource, spans, logs: [], metrics: [] }]))
  const turns = await countTurns(() => createServer({ store, assets: false }).request('/v1/traces', toInit(body)))

  expect(sizes).toEqual([500, 500, 500, 500, 100])
  expect(turns).toBeGreaterThan(4)
  expect((await store.health()).spanCount).toBe(2_100)
})

function toInit(body: string): RequestInit {
  return { method: 'POST', body, headers: { 'content-type': 'application/json' } }
}

/** How often the event loop turned until the request had its answer. */
async function countTurns(ask: () => Response | Promise<Response>): Promise<number> {
  let turns = 0
  const count = (): NodeJS.Immediate => setImmediate(() => (turns++, (next = count())))
  let next = count()
  expect((await ask()).status).toBe(200)
  clearImmediate(next)
  return turns
}

/** Sends the beginning of a body and leaves it there. */
async function startBody(url: string, bytes: number): Promise<ClientRequest> {
  const headers = { 'content-type': 'application/json', 'content-length': String(bytes + 1) }
  const req = request(`${url}/v1/traces`, { method: 'POST', headers, agent: false })
  req.on('error', () => {}) // destroying it is an error on our own side
  await new Promise((resolve) => req.write(' '.repeat(bytes), resolve))
  return req
}

test('answers 503 to bodies beyond what it holds of all at a time, and takes more when one is gone', async () => {
  const errors: TraceError[] = []
  const limits = { maxBodyBytes: 10_000, maxPendingBytes: 25_000 }
  await using server = await startServer({ limits, onError: (error) => errors.push(error) })
  const answers: number[] = []
  const bodies = await Promise.all(Array.from({ length: 30 }, () => startBody(server.url, 9_000)))
  for (const body of bodies) body.on('response', (res) => answers.push(res.statusCode ?? 0))
  await vi.waitFor(() => expect(answers).toHaveLength(28), 10_000)
  const payload = toPayload([createSpan(1)]).padEnd(9_000)
  const refused = await postTraces(server.url, payload)
  for (const body of bodies) body.destroy()

  expect(new Set(answers)).toEqual(new Set([503]))
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
  expect(errors[0]).toMatchObject({ code: 'SERVER_BUSY' })
  await vi.waitFor(async () => expect((await postTraces(server.url, payload)).status).toBe(200), 10_000)
})

test('answers 408 to a body that does not arrive in time', async () => {
  await using server = await startServer({ limits: { bodyTimeoutMs: 50 } })
  const req = await startBody(server.url, 10)
  const [res] = await once(req, 'response')
  req.destroy()
  expect(res.statusCode).toBe(408)
})

test('goes on after a sender that leaves in the middle of its body', async () => {
  const errors: TraceError[] = []
  await using server = await startServer({ onError: (error) => errors.push(error) })
  const req = request(`${server.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': '100' },
    agent: false,
  })
  req.on('error', () => {}) // destroying it is an error on our own side
  await new Promise((resolve) => req.write('{', resolve))
  req.destroy()
  await new Promise((resolve) => req.on('close', resolve))

  expect((await postTraces(server.url, toPayload([createSpan(1)]))).status).toBe(200)
  expect(errors).toEqual([])
})

test('survives attributes nested a hundred thousand deep', async () => {
  await using server = await startServer()
  const depth = 100_000
  const value = '{"arrayValue":{"values":['.repeat(depth) + ']}}'.repeat(depth)
  const [head, tail] = toPayload([createSpan(1, { attributes: { deep: 'HERE' } })]).split('{"stringValue":"HERE"}')
  const response = await postTraces(server.url, `${head}${value}${tail}`)
  expect(response.status).toBeLessThan(500)
})

test('asks the sender to come back later when the store cannot take spans at present', async () => {
  const errors: TraceError[] = []
  const error = new TraceError('EXPORT_UNREACHABLE', 'the store is away')
  const store = failingStore({ ok: false, retryable: true, retryAfterMs: 2_500, error })
  await using server = await startServer({ store, onError: (reported) => errors.push(reported) })
  const response = await postTraces(server.url, toPayload([createSpan(1)]))

  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('3')
  expect(await response.json()).toEqual({ message: expect.stringContaining('try again later') })
  expect(errors).toEqual([error])
})

test('counts the spans that the store refused for good', async () => {
  await using server = await startServer({ store: failingStore({ ok: true, rejected: 1 }) })
  const response = await postTraces(server.url, toPayload([createSpan(1)]))
  expect(await response.json()).toEqual({ partialSuccess: { rejectedSpans: '1', errorMessage: '1: refused by the store' } })
})

test('tells the sender of spans that are older than what the store retains', async () => {
  await using server = await startServer()
  const old = createSpan(2, { startTime: NOON - 25 * 3_600_000 })
  const response = await postTraces(server.url, toPayload([createSpan(1), old, { ...old, spanId: 'c'.repeat(16) }]))
  expect(await response.json()).toEqual({ partialSuccess: { rejectedSpans: '2', errorMessage: '2: refused by the store' } })
  expect(await server.store.health()).toMatchObject({ spanCount: 1, dropped: { expired: 2 } })
})

test('counts the spans as rejected and reports the error when the store fails for good', async () => {
  const errors: TraceError[] = []
  const store = failingStore({ ok: false, retryable: false, error: new Error('disk on fire') })
  await using server = await startServer({ store, onError: (error) => errors.push(error) })
  const response = await postTraces(server.url, toPayload([createSpan(1)]))

  expect([response.status, await response.json()]).toEqual([
    200,
    { partialSuccess: { rejectedSpans: '1', errorMessage: '1: the store failed' } },
  ])
  expect(errors).toMatchObject([{ code: 'INTERNAL', message: 'disk on fire' }])
})

test('asks the sender to come back later when the store throws', async () => {
  const errors: TraceError[] = []
  await using server = await startServer({ onError: (error) => errors.push(error) })
  server.store.export = () => Promise.reject(new TraceError('STORE_CLOSED', 'The store is closed'))
  const response = await postTraces(server.url, toPayload([createSpan(1)]))

  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
  expect(errors).toMatchObject([{ code: 'STORE_CLOSED' }])
})

test('gives the store up when it takes too long', async () => {
  await using server = await startServer({ limits: { storeTimeoutMs: 20 }, onError: () => {} })
  server.store.export = (_batch, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
  expect((await postTraces(server.url, toPayload([createSpan(1)]))).status).toBe(503)
})

test('gives a store up that never answers and does not heed the signal', async () => {
  const errors: TraceError[] = []
  await using server = await startServer({ limits: { storeTimeoutMs: 20 }, onError: (error) => errors.push(error) })
  server.store.export = () => new Promise(() => {})
  const response = await postTraces(server.url, toPayload([createSpan(1)]))
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
  expect(errors).toMatchObject([{ code: 'STORE_TIMEOUT', message: 'The store did not answer within 20 ms' }])
})

test.each(['GET', 'PUT', 'OPTIONS', 'DELETE'])('answers 405 to %s and names the method to use', async (method) => {
  await using server = await startServer()
  const response = await fetch(`${server.url}/v1/traces`, { method })

  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('POST')
  expect(await response.json()).toEqual({ message: expect.stringContaining('only POST') })
})

test('answers 404 to signals it does not take', async () => {
  await using server = await startServer()
  const response = await fetch(`${server.url}/v1/metrics`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })
  expect([response.status, await response.json()]).toEqual([404, { message: 'There is nothing at /v1/metrics' }])
})
