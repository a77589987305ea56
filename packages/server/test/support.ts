import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ExportResult, SpanData } from '@clew/core'
import { toOtlpJson } from '@clew/interop'
import { memoryStore } from '@clew/store'
import type { TraceStore } from '@clew/store'
import { serve } from '../src/index.js'
import type { RunningServer, ServeOptions } from '../src/index.js'

/** 2026-03-04T12:00:00Z, when all spans of the tests were recorded. */
export const NOON: number = Date.UTC(2026, 2, 4, 12)

const SECOND_MS = 1_000

/** A server on a free port over a memory store that it closes with itself. */
export async function startServer(options: Partial<ServeOptions> = {}): Promise<RunningServer & { readonly store: TraceStore }> {
  const store = options.store ?? memoryStore({ clock: () => NOON + 60 * SECOND_MS })
  const server = await serve({ clock: () => NOON + 60 * SECOND_MS, ...options, store })
  const close = async (): Promise<void> => {
    await server.close()
    await store.close()
  }
  return { ...server, store, close, [Symbol.asyncDispose]: close }
}

/** A memory store whose `export` ends as `result` says. */
export function failingStore(result: ExportResult): TraceStore {
  const store = memoryStore()
  return {
    export: () => Promise.resolve(result),
    getTrace: (id) => store.getTrace(id),
    findTraces: (query) => store.findTraces(query),
    services: () => store.services(),
    operations: (service) => store.operations(service),
    slowest: (query) => store.slowest(query),
    errors: (query) => store.errors(query),
    health: () => store.health(),
    close: () => store.close(),
    [Symbol.asyncDispose]: () => store.close(),
  }
}

/** A span of the trace `n`, by default the whole of it. */
export function createSpan(n: number, overrides: Partial<SpanData> = {}): SpanData {
  const service = overrides.service ?? 'orders'
  return {
    traceId: n.toString(16).padStart(32, '0'),
    spanId: n.toString(16).padStart(16, '0'),
    name: 'GET /orders/:id',
    kind: 'server',
    service,
    startTime: NOON + n * SECOND_MS,
    duration: 10 * n,
    status: 'unset',
    attributes: {},
    events: [],
    links: [],
    resource: { attributes: { 'service.name': service } },
    flags: 1,
    ...overrides,
  }
}

/** The OTLP JSON request that carries the spans. */
export function toPayload(spans: readonly SpanData[]): string {
  const batches = spans.map((span) => ({ resource: span.resource, spans: [span], logs: [], metrics: [] }))
  return JSON.stringify(toOtlpJson(batches))
}

/** Posts to the ingest route as a JSON sender does; `headers` add to that. */
export function postTraces(url: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/v1/traces`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
}

/** What a plain HTTP client, unlike fetch, can ask: any Host header, any spelling of a path. */
export function ask(
  url: string,
  options: { path?: string; method?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const req = request({ hostname, port, ...options, agent: false }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks).toString() }))
    })
    req.on('error', reject)
    req.end()
  })
}

/** Sends bytes as they are and gives what came back until the connection ended. */
export function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('end', () => resolve(Buffer.concat(chunks).toString()))
    socket.on('error', reject)
  })
}

/** A directory with the given files, removed at the end. */
export async function createDirectory(files: Record<string, string>): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'clew-server-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true })
    await writeFile(join(path, name), content)
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

/** A promise and the function that resolves it. */
export function defer<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  const settlers: ((value: T) => void)[] = []
  const promise = new Promise<T>((resolve) => settlers.push(resolve))
  return { promise, resolve: (value) => settlers.forEach((settle) => settle(value)) }
}
