import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'vitest'
import { tracedFetch } from '../../src/traced-fetch.js'
import { withSpan } from '../../src/trace-api.js'
import { defaultTestTracer, type TestTracer } from '../support.js'

export type Fetch = typeof fetch

/** Two origins that answer the same, and what has arrived there. */
export interface World extends AsyncDisposable {
  readonly url: string
  readonly other: string
  readonly sockets: () => number
  readonly arrived: Arrived[]
  /** Settles when the first request begins to arrive. */
  readonly begun: Promise<void>
}

interface Arrived {
  readonly origin: 'url' | 'other'
  readonly request: string
  readonly headers: readonly string[]
  readonly trailers: readonly string[]
  readonly body: string
}

/** What a call is asked to do in a world, with `fetch` or what stands for it. */
export type Call = (world: World, fetch: Fetch) => unknown

const OURS = /^(traceparent|tracestate|x-trace-id|x-span-id|x-parent-span-id|x-sampled|baggage)$/i

/** Runs the call with `fetch` and with `tracedFetch`, each in a world of its own, and expects the same: answers, failures, and what the servers saw but for our headers. */
export async function expectSame(call: Call, respond?: RequestListener): Promise<TestTracer['exporter']['spans']> {
  await using tracer = defaultTestTracer()
  const plain = await observe(call, fetch, respond)
  const traced = await withSpan('outer', () => observe(call, tracedFetch, respond))
  expect(traced.outcome).toEqual(plain.outcome)
  expect(traced.arrived).toEqual(plain.arrived)
  expect(traced.sockets).toBe(plain.sockets)
  expect(plain.ids).toBe(0)
  expect(tracer.errors).toEqual([])
  await tracer.tracer.flush()
  return tracer.exporter.spans
}

async function observe(call: Call, run: Fetch, respond: RequestListener | undefined) {
  await using world = await openWorld(respond)
  const outcome = await describeOutcome(async () => call(world, run))
  const ids = world.arrived.flatMap(({ headers }) => headers.filter((line) => OURS.test(nameOf(line)))).length
  const arrived = world.arrived.map((one) => ({ ...one, headers: one.headers.filter((line) => !OURS.test(nameOf(line))) }))
  return normalize({ outcome, arrived, sockets: world.sockets(), ids }, world)
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(':'))
}

/** Ports, the boundaries of forms and the time of day are nobody's doing. */
function normalize<T>(value: T, world: World): T {
  const text = JSON.stringify(value, (_key, item: unknown) => (item === undefined ? '(undefined)' : item))
    .replaceAll(new URL(world.url).port, 'PORT')
    .replaceAll(new URL(world.other).port, 'OTHER_PORT')
    .replaceAll(/formdata-undici-\d+/g, 'BOUNDARY')
  return JSON.parse(text) as T
}

export async function openWorld(respond: RequestListener = echo): Promise<World> {
  const arrived: Arrived[] = []
  let sockets = 0
  let begin = (): void => {}
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const start = async (origin: Arrived['origin']): Promise<Server> => {
    const server = createServer(async (req, res) => {
      begin()
      const body = await bodyOf(req).catch(() => 'broken off')
      const headers = pairs(req.rawHeaders)
      arrived.push({ origin, request: `${req.method} ${req.url}`, headers, trailers: pairs(req.rawTrailers), body })
      res.sendDate = false
      respond(req, res)
    })
    server.on('connection', () => void sockets++)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return server
  }
  const servers = [await start('url'), await start('other')] as const
  const [url, other] = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`) as [string, string]
  return {
    url,
    other,
    arrived,
    begun,
    sockets: () => sockets,
    async [Symbol.asyncDispose]() {
      for (const server of servers) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    },
  }
}

/** Says `ok`; `/redirect/STATUS?to=` leads on, `/status/STATUS` answers with a status. */
const echo: RequestListener = (req, res) => {
  const url = new URL(req.url ?? '/', 'http://host')
  const [, what, status] = url.pathname.split('/')
  if (what === 'redirect') res.writeHead(Number(status), { location: url.searchParams.get('to') ?? '/' }).end('moved')
  else if (what === 'status') res.writeHead(Number(status)).end()
  else res.setHeader('x-answer', 'yes').end('ok')
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  const text = body.toString('latin1')
  return body.length < 2_000 ? text : `${body.length} bytes, ${createHash('sha256').update(body).digest('hex')}`
}

function pairs(raw: readonly string[]): string[] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${raw[index + 1]}`] : []))
}

export async function describeOutcome(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return await describeValue(await run())
  } catch (error) {
    return { thrown: describeError(error) }
  }
}

async function describeValue(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(describeValue))
  if (!(value instanceof Response)) return value
  const { status, statusText, url, redirected, type, ok, bodyUsed } = value
  const body = bodyUsed ? 'used' : await value.text().catch(describeError)
  return { status, statusText, url, redirected, type, ok, headers: [...value.headers], hasBody: value.body !== null, body }
}

/** All that tells one error from another, but for where it was thrown. */
export function describeError(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return { value: String(error) }
  const { name, message, code, cause } = error as Error & { code?: unknown }
  const kind = Object.prototype.toString.call(error)
  return { kind, maker: error.constructor.name, name, message, code, cause: cause === undefined ? undefined : describeError(cause) }
}
