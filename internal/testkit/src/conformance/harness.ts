import { createServer as createHttpServer, type RequestListener } from 'node:http'
import type { Server } from 'node:net'
import type { SpanData, Tracer, TracerOptions } from '@clew/core'
import type { AdapterOptions } from '@clew/core/adapter'
import { type Capture, captureSpans } from '../capture.js'
import { startServer } from '../server.js'
import type { AppSpec, ConformingAdapter } from './app-spec.js'

/** An application on a socket, with the spans it makes. */
export interface RunningApp extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly capture: Capture
  /** Requests a path, reads the answer to its end and keeps it. */
  get(path: string, init?: RequestInit): Promise<Reply>
  /** The server spans among the first `count` spans that ended. */
  serverSpans(count: number): Promise<readonly SpanData[]>
  /** The one span that was made, and no more. */
  onlySpan(): Promise<SpanData>
}

/** An answer with its body. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: string
  readonly traceId: string | null
}

/** What a test says of its application. */
export interface RunOptions extends Omit<AppSpec, 'tracing'> {
  readonly options?: AdapterOptions
  readonly tracer?: TracerOptions
  /** How often the adapter is installed. Default: 1. */
  readonly times?: number
  /** Makes the server. Default: that of `node:http`. */
  readonly create?: (listener: RequestListener, tracer: Tracer) => Server
}

/** Serves an application of the adapter. */
export async function runApp(
  adapter: ConformingAdapter,
  { options, tracer, times = 1, create = (listener) => createHttpServer(listener), ...app }: RunOptions,
): Promise<RunningApp> {
  const capture = captureSpans(tracer)
  const tracing = Array.from({ length: times }, () => ({ tracer: capture.tracer, ...options }))
  const server = await startServer(adapter.create({ ...app, tracing }), { create: (listener) => create(listener, capture.tracer) })
  return {
    url: server.url,
    port: server.port,
    capture,
    get: (path, init) => request(server.url + path, init),
    serverSpans: async (count) => (await capture.ended(count)).filter((span) => span.kind === 'server'),
    async onlySpan() {
      const [span] = await capture.ended(1)
      const { spansStarted } = capture.tracer.stats()
      if (span === undefined || spansStarted !== 1) throw new Error(`${spansStarted} spans were started instead of one`)
      return span
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await capture[Symbol.asyncDispose]()
    },
  }
}

async function request(url: string, init?: RequestInit): Promise<Reply> {
  const response = await fetch(url, init)
  const body = await response.text()
  return { status: response.status, headers: response.headers, body, traceId: response.headers.get('x-trace-id') }
}

/** The span of that name; throws where there is none or more than one. */
export function spanNamed(spans: readonly SpanData[], name: string): SpanData {
  const [span, ...others] = spans.filter((candidate) => candidate.name === name)
  if (span === undefined || others.length > 0) throw new Error(`${spans.map((candidate) => candidate.name).join(', ')}: not one ${name}`)
  return span
}

/** How often an exception was recorded over these spans. */
export function countExceptions(spans: readonly SpanData[]): number {
  return spans.flatMap((span) => span.events).filter((event) => event.name === 'exception').length
}

/** A promise and what settles it. */
export interface Signal<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
}

/** `Promise.withResolvers`, which Node 20 does not have. */
export function createSignal<T = void>(): Signal<T> {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => (resolve = settle))
  return { promise, resolve }
}
