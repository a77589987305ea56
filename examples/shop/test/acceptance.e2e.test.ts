import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import type { SpanData } from '@clew/core'
import type { Trace } from '@clew/analysis'
import { type StartedServer, startServer } from '@clew/testkit'
import { describe, expect, test } from 'vitest'
import { type LogLine, setStage, type Stage } from './stage.js'

const TRACE_ID = /^[0-9a-f]{32}$/

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}

function hasServices(...names: readonly string[]): (trace: Trace) => boolean {
  return (trace) => names.every((name) => trace.services.some((service) => service.name === name))
}

function findSpan(trace: Trace, service: string, kind: SpanData['kind']): SpanData {
  const found = trace.spans.filter((span) => span.service === service && span.kind === kind)
  expect(found, `${kind} span of ${service}`).toHaveLength(1)
  return found[0]!
}

function traceIds(lines: readonly LogLine[]): readonly unknown[] {
  return [...new Set(lines.map((line) => line['trace_id']))]
}

function exceptionsOf(trace: Trace): readonly string[] {
  return trace.spans.flatMap((span) => span.events.filter(({ name }) => name === 'exception').map(() => `${span.service} ${span.name}`))
}

describe('1. two processes, /api/users/:id calling a user service by tracedFetch', () => {
  test('log lines of both carry one trace_id, and the response has X-Trace-Id', async () => {
    await using stage = await setStage()
    const users = await stage.startApp('users')
    const api = await stage.startApp('api', { USERS_URL: users })
    const response = await fetch(`${api}/api/users/7`)
    expect(await response.json()).toMatchObject({ id: '7' })
    const traceId = response.headers.get('X-Trace-Id') ?? ''
    expect(traceId).toMatch(TRACE_ID)

    const { trace } = await stage.waitForTrace(traceId, hasServices('api', 'users'))
    expect(findSpan(trace, 'users', 'server').parentSpanId).toBe(findSpan(trace, 'api', 'client').spanId)
    expect(findSpan(trace, 'api', 'server').name).toBe('GET /api/users/:id')
    expect(traceIds(await stage.readLog('api'))).toEqual([traceId])
    expect(traceIds(await stage.readLog('users'))).toEqual([traceId])
    expect((await stage.readLog('users')).map((line) => line['msg'])).toEqual(['looked up', 'GET /users/7 200'])
  })

  test('the user service down: error logged, recorded, thrown on', async () => {
    await using stage = await setStage()
    const api = await stage.startApp('api', { USERS_URL: await findClosedAddress() })
    const response = await fetch(`${api}/api/users/7`)
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({ thrown: 'fetch failed', cause: 'ECONNREFUSED' })
    const traceId = response.headers.get('X-Trace-Id') ?? ''

    const { trace, analysis } = await stage.waitForTrace(traceId, hasServices('api'))
    const call = findSpan(trace, 'api', 'client')
    expect(call).toMatchObject({ status: 'error', attributes: { 'error.type': 'ECONNREFUSED' } })
    expect(findSpan(trace, 'api', 'server')).toMatchObject({ status: 'error', attributes: { 'http.response.status_code': 500 } })
    expect(exceptionsOf(trace)).toEqual(['api GET'])
    expect(analysis.findings.find(({ kind }) => kind === 'root-cause')?.spanIds[0]).toBe(call.spanId)

    const line = (await stage.readLog('api')).find(({ msg }) => msg === 'user service unreachable')
    expect(line).toMatchObject({ level: 50, trace_id: traceId, service: 'api', err: { message: expect.stringContaining('fetch failed') } })
  })
})

async function findClosedAddress(): Promise<string> {
  await using server = await startServer(() => {})
  return server.url
}

describe('2. ids of the X-Trace-* family', () => {
  test("a hop A -> B by x-trace-id, x-span-id and x-parent-span-id alone continues the trace: B's parent is A's span", async () => {
    await using stage = await setStage()
    const users = await stage.startApp('users')
    const api = await stage.startApp('api', { USERS_URL: users, INJECT: 'x-trace' })
    const response = await fetch(`${api}/api/users/7`)
    expect(await response.json()).toEqual({ id: '7', received: ['x-trace-id', 'x-span-id', 'x-parent-span-id'] })

    const { trace } = await stage.waitForTrace(response.headers.get('X-Trace-Id') ?? '', hasServices('api', 'users'))
    expect(findSpan(trace, 'users', 'server').parentSpanId).toBe(findSpan(trace, 'api', 'client').spanId)
    expect(trace.inferredParents).toEqual({})
  })

  test("a peer that sends UUIDs in all three: one trace, the sender's id comes back unchanged, grep and show find it by either spelling", async () => {
    await using stage = await setStage()
    const uuid = randomUUID().toUpperCase()
    const spanUuid = randomUUID()
    const headers = { 'X-Trace-Id': uuid, 'X-Span-Id': spanUuid, 'X-Parent-Span-Id': randomUUID() }
    const traceId = uuid.replaceAll('-', '').toLowerCase()

    const { trace } = await callThroughApi(stage, headers)
    expect(trace).toMatchObject({ traceId, externalId: uuid })
    expect(findSpan(trace, 'api', 'server').parentSpanId).toBe(spanUuid.replaceAll('-', '').slice(0, 16))
    await expectToFind(stage, [uuid, traceId])
  })

  test("a peer that sends abc-123 alone: one trace, the sender's id comes back unchanged, grep and show find it by either spelling", async () => {
    await using stage = await setStage()
    const traceId = createHash('sha256').update('abc-123').digest('hex').slice(0, 32)
    const { trace } = await callThroughApi(stage, { 'X-Trace-Id': 'abc-123' })
    expect(trace).toMatchObject({ traceId, externalId: 'abc-123' })
    expect(trace.root).toMatchObject({ service: 'api', kind: 'server' })
    await expectToFind(stage, ['abc-123', traceId])
  })
})

/** Sends one request through both services; the answer must carry the id as it was sent. */
async function callThroughApi(stage: Stage, headers: { 'X-Trace-Id': string } & Record<string, string>): Promise<{ trace: Trace }> {
  const users = await stage.startApp('users')
  const api = await stage.startApp('api', { USERS_URL: users })
  const response = await fetch(`${api}/api/users/7`, { headers })
  expect(await response.json()).toMatchObject({ id: '7' })
  expect(response.headers.get('X-Trace-Id')).toBe(headers['X-Trace-Id'])
  return stage.waitForTrace(headers['X-Trace-Id'], hasServices('api', 'users'))
}

async function expectToFind(stage: Stage, spellings: readonly string[]): Promise<void> {
  for (const spelling of spellings) {
    const shown = await stage.runClew('show', spelling)
    expect(shown.output).toMatch(/^users .*GET \/users\/:id/m)
    expect(shown.code).toBe(0)
    const found = await stage.runClew('grep', spelling, stage.logs)
    expect(found.output).toMatch(/ users .*looked up$/m)
    expect(found.output).toMatch(/ api .*GET \/api\/users\/7 200$/m)
    expect(found.code).toBe(0)
  }
}

describe('3. traceparent', () => {
  test("a hand-built 00-<trace>-<span>-01 header: the receiver's server span has that span as its parent", async () => {
    await using stage = await setStage()
    const users = await stage.startApp('users')
    const [traceId, spanId] = [hex(16), hex(8)]
    const response = await fetch(`${users}/users/7`, { headers: { traceparent: `00-${traceId}-${spanId}-01` } })
    expect(response.headers.get('X-Trace-Id')).toBe(traceId)
    const { trace } = await stage.waitForTrace(traceId, hasServices('users'))
    expect(findSpan(trace, 'users', 'server')).toMatchObject({ traceId, parentSpanId: spanId, parentIsRemote: true })
  })

  test('garbage or a missing header: a new trace and a normal answer', async () => {
    await using stage = await setStage()
    const users = await stage.startApp('users')
    const [traceId, spanId] = [hex(16), hex(8)]
    const headers = [
      undefined,
      'garbage',
      `00-${'0'.repeat(32)}-${spanId}-01`,
      `00-${traceId}-${'0'.repeat(16)}-01`,
      `00-${traceId}f-${spanId}-01`,
      `00-${traceId}-${spanId}`,
      `00-${traceId}-${spanId}-01-more`,
      `ff-${traceId}-${spanId}-01`,
      `00-${`ABCDEF${traceId}`.slice(0, 32)}-${spanId}-01`,
      '-'.repeat(5_000),
    ]
    const seen = new Set<string>()
    for (const traceparent of headers) {
      const response = await fetch(`${users}/users/7`, traceparent === undefined ? {} : { headers: { traceparent } })
      expect(response.status, traceparent).toBe(200)
      expect(await response.json()).toMatchObject({ id: '7' })
      const id = response.headers.get('X-Trace-Id') ?? ''
      expect(id).toMatch(TRACE_ID)
      seen.add(id)
    }
    expect(seen).not.toContain(traceId)
    for (const id of seen) {
      const { trace } = await stage.waitForTrace(id, hasServices('users'))
      expect(trace.root.parentSpanId).toBeUndefined()
    }
    expect(seen.size).toBe(headers.length)
  })
})

test('4. gateway 5 ms, auth 10, orders 2,500, payment 50: orders is named with its share', async () => {
  await using stage = await setStage()
  const times = { auth: '10', orders: '2500', payment: '50' }
  const peers = await Promise.all(Object.entries(times).map(([SERVICE, SLEEP_MS]) => stage.startApp('step', { SERVICE, SLEEP_MS })))
  const gateway = await stage.startApp('step', { SERVICE: 'gateway', SLEEP_MS: '5', CALLS: peers.join(',') })
  const traceId = (await fetch(`${gateway}/checkout`)).headers.get('X-Trace-Id') ?? ''

  const { analysis } = await stage.waitForTrace(traceId, hasServices('gateway', ...Object.keys(times)))
  const [finding] = analysis.findings
  expect(finding).toMatchObject({ kind: 'bottleneck', severity: 'warning', evidence: { service: 'orders' } })
  expect(Number(finding?.evidence['share'])).toBeGreaterThan(0.5)
  expect((await stage.runClew('show', traceId)).output).toMatch(/^◀ orders: [23],\d{3} of [\d,]+ ms \(\d\d %\)/m)
})

test.each(['express', 'koa', 'hono'])(
  "5. withSpan nested inside handlers of %s, an error thrown in the inner one: recorded once, both spans failed, the handler's answer unchanged",
  async (framework) => {
    await using stage = await setStage()
    const app = await stage.startApp(`work-${framework}`)
    const response = await fetch(`${app}/nested`)
    expect(response.status).toBe(409)
    expect(await response.json()).toEqual({ message: 'out of stock' })

    const { trace } = await stage.waitForTrace(response.headers.get('X-Trace-Id') ?? '', hasServices(framework))
    const statuses = trace.spans.map(({ name, status }) => [name, status])
    expect(Object.fromEntries(statuses)).toEqual({ 'GET /nested': 'unset', outer: 'error', inner: 'error' })
    expect(exceptionsOf(trace)).toEqual([`${framework} inner`])
  },
)

test('6. a SQL text with a password literal, an e-mail attribute, an authorization header: none of it in store, logs or export', async () => {
  await using stage = await setStage()
  await using recorder = await recordExports(stage.clew)
  const app = await stage.startApp('secrets', { OTEL_EXPORTER_OTLP_ENDPOINT: recorder.url })
  const headers = { authorization: 'Bearer s3cr3t-t0ken', 'x-tenant': 'acme' }
  const response = await fetch(`${app}/login?token=qu3ry-t0ken&code=qu3ry-c0de`, { headers })
  expect(response.status).toBe(500)

  const traceId = response.headers.get('X-Trace-Id') ?? ''
  const stored = await stage.waitForTrace(traceId, hasServices('secrets'))
  const logged = await readAll(stage.logs)
  const exported = recorder.seen()
  // What may be seen is there, so what is absent was not merely lost.
  for (const place of [JSON.stringify(stored), exported]) {
    for (const kept of ['SELECT * FROM users WHERE name = ?', 'user-7', 'acme', 'mail goes to', 'no account for'])
      expect(place).toContain(kept)
  }
  expect(logged).toContain('no account for')

  const secrets = ['hunter2', 'Ada', '@example.com', 'swordfish', 's3cr3t', 'key-1234567890', 'qu3ry']
  for (const secret of secrets) {
    expect(JSON.stringify(stored), 'store').not.toContain(secret)
    expect(exported, 'export').not.toContain(secret)
    expect(logged, 'logs').not.toContain(secret)
  }
})

async function readAll(folder: string): Promise<string> {
  const files = await readdir(folder)
  return (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('\n')
}

/** A server, and what it has seen. */
interface Watched<T> extends AsyncDisposable {
  readonly url: string
  readonly seen: () => T
}

function watch<T>(server: StartedServer, seen: () => T): Watched<T> {
  return { url: server.url, seen, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

/** Stands between the services and clew, and keeps what passes by. */
async function recordExports(clew: string): Promise<Watched<string>> {
  const passed: string[] = []
  const server = await startServer(async (req, res) => {
    const body = await buffer(req)
    const isZipped = req.headers['content-encoding'] === 'gzip'
    passed.push(JSON.stringify(req.headers), (isZipped ? gunzipSync(body) : body).toString('utf8'))
    const headers = { 'content-type': String(req.headers['content-type']), ...(isZipped ? { 'content-encoding': 'gzip' } : {}) }
    const answer = await fetch(`${clew}${req.url}`, { method: 'POST', headers, body: new Uint8Array(body) })
    res.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
  })
  return watch(server, () => passed.join('\n'))
}

const IN_FLIGHT = 200

/** What the app answers: the ids that it saw on its way. */
interface Seen {
  readonly number: string
  readonly inner: string
  readonly after: string
  readonly handle: string
  readonly traceparent: string
}

test.each(['express', 'koa', 'hono'])(
  "7. 200 requests in flight over %s: no line, span or header ever carries another request's id",
  async (framework) => {
    await using stage = await setStage()
    await using echo = await startEcho(IN_FLIGHT)
    const app = await stage.startApp(`work-${framework}`, { ECHO_URL: echo.url })
    const ids = Array.from({ length: IN_FLIGHT }, () => hex(16))
    const answers = await Promise.all(ids.map((traceId, number) => sendWork(app, number, traceId)))

    for (const [number, { header, seen }] of answers.entries()) {
      const traceId = ids[number]
      expect(header).toBe(traceId)
      expect(seen).toMatchObject({ number: String(number), inner: traceId, after: traceId, handle: traceId })
      expect(seen.traceparent.split('-')[1]).toBe(traceId)
    }
    expect(echo.seen()).toBe(IN_FLIGHT)
    for (const [number, traceId] of ids.entries()) {
      const { trace } = await stage.waitForTrace(traceId, ({ spans }) => spans.some(({ kind }) => kind === 'server'))
      expect(trace.spans.map(({ name }) => name).toSorted()).toEqual(['GET', 'POST /jobs/:number', 'inner', 'outer'])
      const own = trace.spans.filter(({ name }) => name === 'inner' || name === 'outer').map(({ attributes }) => attributes['number'])
      expect(own).toEqual([String(number), String(number)])
      expect(findSpan(trace, framework, 'server').attributes['url.path']).toBe(`/jobs/${number}`)
    }
    const lines = await stage.readLog(`work-${framework}`)
    const own = lines.filter((line) => 'number' in line)
    expect(own).toHaveLength(3 * IN_FLIGHT)
    for (const line of own) expect(line['trace_id']).toBe(ids[Number(line['number'])])
    const served = lines.filter((line) => line['kind'] === 'server')
    expect(served).toHaveLength(IN_FLIGHT)
    for (const line of served) expect(line['trace_id']).toBe(ids[Number(String(line['url']).split('/').at(-1))])
  },
)

async function sendWork(app: string, number: number, traceId: string): Promise<{ header: string | null; seen: Seen }> {
  const headers = { traceparent: `00-${traceId}-${hex(8)}-01`, 'content-type': 'application/json' }
  const response = await fetch(`${app}/jobs/${number}`, { method: 'POST', headers, body: JSON.stringify({ number }) })
  return { header: response.headers.get('X-Trace-Id'), seen: (await response.json()) as Seen }
}

/** Answers with the `traceparent` it received, but only when all requests are there: so all of them are in flight at once. */
async function startEcho(count: number): Promise<Watched<number>> {
  const waiting: (() => void)[] = []
  let most = 0
  const server = await startServer((req, res) => {
    waiting.push(() => res.setHeader('content-type', 'application/json').end(JSON.stringify({ traceparent: req.headers['traceparent'] })))
    most = Math.max(most, waiting.length)
    if (waiting.length === count) for (const answer of waiting.splice(0)) answer()
  })
  return watch(server, () => most)
}
