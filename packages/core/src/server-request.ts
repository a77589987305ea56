import { type ResolvedAdapterOptions, type ResponseHeader, resolveAdapterOptions, type AdapterOptions } from './adapter-options.js'
import { readProperty } from './attributes.js'
import { type Context, contextStorage } from './context.js'
import { TraceError } from './errors.js'
import { isPublicAddress } from './peer.js'
import { NOOP_SPAN, PassiveSpan, hasIds } from './passive-span.js'
import { extractContext, type RemoteContext } from './propagator.js'
import { type Trust, TRUSTS } from './options.js'
import { operationName } from './operation-name.js'
import type { RequestDescription } from './request.js'
import type { RecordedSpan } from './recorded-span.js'
import type { Span, SpanPort } from './span.js'
import { formatTraceparent } from './traceparent.js'
import type { TracerPort } from './tracer.js'
import { isKnownMethod, requestAttributes } from './request-attributes.js'
import { callUser } from './user-callback.js'

/** The handle of a request, for its handlers: `req.trace`, `ctx.state.trace`, `c.get('trace')`. */
export interface RequestTrace {
  /** The server span. */
  readonly span: Span
  readonly traceId: string
  readonly spanId: string
  /** The `X-Trace-Id` as it was received, where it is not 32 lower-case hex. */
  readonly externalId?: string
}

/** How a request ended. */
export interface RequestEnd {
  /** Absent where no head was sent. */
  readonly statusCode?: number | undefined
  /** The caller went away before the answer was complete. */
  readonly aborted?: boolean
  /** What broke the answer off after its head was sent. */
  readonly error?: unknown
}

/**
 * An adapter's side of a traced request.
 *
 * @example
 * const traced: ServerRequest = createRequestTracer({ exporter: false })(request)
 * const body = runRequest(traced, () => 'hello')
 * traced.setRoute('/orders/:id')
 * for (const [name, value] of traced.responseHeaders()) headers.set(name, value)
 * traced.headWritten('text/plain')
 * traced.answerWritten()
 * traced.end({ statusCode: 200 })
 */
export interface ServerRequest {
  /** Absent where a request is ignored that came without ids. */
  readonly trace: RequestTrace | undefined
  /** What the rest of the request runs in. */
  readonly context: Context
  /** Name and value of every header that the answer is to carry; to be asked when its head is written, after `headWritten`. */
  responseHeaders(): readonly (readonly [name: string, value: string])[]
  /** To be called when the head of the answer is written, with its `Content-Type`: what comes later is a stream, not slowness. */
  headWritten(contentType?: unknown): void
  /** To be called when the application has written the answer whole: what comes later is the network. */
  answerWritten(): void
  /** The template of the matched route; `inferred` where it was guessed from values. */
  setRoute(route: string | undefined, inferred?: boolean): void
  /** Remembers what the handler threw; it is recorded if the answer is an error. */
  setError(error: unknown): void
  /** Ends the server span. Only the first call counts. */
  end(end: RequestEnd): void
}

/** Begins the server span of a request. */
export type RequestTracer = (request: RequestDescription) => ServerRequest

/**
 * Makes the function that begins server spans for one adapter. Throws `INVALID_OPTION` where its options cannot be used.
 *
 * @example
 * const traceRequest = createRequestTracer({ service: 'orders' })
 * const traced = traceRequest({ method: 'GET', path: '/orders/7', scheme: 'http', header: (name) => headers.get(name) ?? undefined })
 * const body = runRequest(traced, () => getTraceId())
 * traced.setRoute('/orders/:id')
 * traced.end({ statusCode: 200 })
 */
export function createRequestTracer(options?: AdapterOptions): RequestTracer {
  const resolved = resolveAdapterOptions(options)
  return (request) => startRequest(request, resolved)
}

function startRequest(request: RequestDescription, options: ResolvedAdapterOptions): ServerRequest {
  const tracer = options.tracer()
  const remote = readRemote(request, tracer)
  const trust = trustOf(request, remote, tracer)
  const carried = trust === 'continue' || trust === 'accept' ? remote : undefined
  if (tracer.disabled || options.ignore(request)) return passiveRequest(tracer, options, carried)
  const method = isKnownMethod(request.method) ? request.method : 'HTTP'
  const attributes = requestAttributes(request, options.captureRequestHeaders)
  const span = tracer.startSegment({
    name: method,
    kind: 'server',
    attributes,
    input: undefined,
    remote,
    trust,
    startTime: undefined,
    links: undefined,
  })
  const server = new RecordedRequest({ options, request, method, span }, carried?.baggage)
  options.onSpanStart?.(span, request)
  return server
}

function readRemote(request: RequestDescription, tracer: TracerPort): RemoteContext | undefined {
  try {
    return extractContext(request.header, tracer.options.extract)
  } catch {
    // One header throws; the others are read without it.
    return extractContext(request.header, tracer.options.extract, (error) =>
      tracer.report(new TraceError('CARRIER_FAILED', 'A request header could not be read', { cause: error })),
    )
  }
}

const told = new WeakSet<TracerPort>()

/** Whoever asks for trust by a function means to withhold it from some: an answer that is none takes no ids. */
function trustOf(request: RequestDescription, remote: RemoteContext | undefined, tracer: TracerPort): Trust {
  const { trust } = tracer.options
  if (typeof trust === 'function') {
    const answer = ask(tracer, 'propagation.trust', () => trust(request))
    return answer !== undefined && TRUSTS.includes(answer) ? answer : 'restart'
  }
  if (trust === 'continue' && remote?.traceId !== undefined && !told.has(tracer) && isPublicAddress(request.peerAddress)) {
    told.add(tracer)
    tracer.report(
      new TraceError(
        'PUBLIC_PEER_TRUSTED',
        `Trace ids sent by ${request.peerAddress} were continued; where anybody can send them set propagation.trust to "accept" or "restart"`,
      ),
    )
  }
  return trust
}

/** The answer of a function of the user's; undefined where it threw, which is reported. */
function ask<T>(tracer: TracerPort, option: string, fn: () => T): T | undefined {
  return callUser(fn, (error) =>
    tracer.report(new TraceError('CALLBACK_FAILED', `The function given as ${option} failed`, { cause: error })),
  )
}

/** Server-sent events (HTML standard, section 9.2.6). */
const EVENT_STREAM = /^\s*text\/event-stream\s*(?:;|$)/i

interface RequestSeed {
  readonly options: ResolvedAdapterOptions
  readonly request: RequestDescription
  readonly method: string
  readonly span: RecordedSpan
}

class RecordedRequest implements ServerRequest {
  readonly trace: RequestTrace
  readonly context: Context
  readonly #seed: RequestSeed
  readonly #span: RecordedSpan
  #template: string | undefined
  #error: { readonly value: unknown } | undefined
  #ended = false

  constructor(seed: RequestSeed, baggage: string | undefined) {
    const { span } = seed
    this.#seed = seed
    this.#span = span
    this.trace = handleOf(span)
    this.context = { span, root: span, baggage, suppressed: false, values: undefined }
  }

  responseHeaders(): readonly Header[] {
    const { responseHeaders: wanted } = this.#seed.options
    const headers = responseHeaders(this.trace, wanted)
    if (wanted.length === 0 || !this.#span.segment.keptUnsampled) return headers
    // Whoever called did not sample the trace, and may want to keep what it has of it, too.
    return [...headers, ['X-Sampled', '1']]
  }

  headWritten(contentType?: unknown): void {
    const { segment } = this.#span
    segment.headWritten()
    if (typeof contentType === 'string' && EVENT_STREAM.test(contentType)) segment.streamsEvents = true
  }

  answerWritten(): void {
    const { segment } = this.#span
    segment.answeredMs ??= segment.owner.monotonic() - segment.startedAt
  }

  /** Of several adapters that know the request the innermost tells its route first. */
  setRoute(template: string | undefined, inferred = false): void {
    const { options, request, method } = this.#seed
    const isNews = this.#template === undefined
    this.#template ??= template
    const named = options.routeName?.(request, this.#template)
    const route = named ?? this.#template
    if (route === undefined) return
    this.#span.setAttribute('http.route', route).updateName(operationName(method, route))
    if (inferred && isNews && named === undefined) this.#span.setAttribute('clew.route.inferred', true)
  }

  setError(error: unknown): void {
    this.#error ??= { value: error }
  }

  end({ statusCode, aborted = false, error }: RequestEnd): void {
    if (this.#ended) return
    this.#ended = true
    const span = this.#span
    if (statusCode !== undefined) span.setAttribute('http.response.status_code', statusCode)
    const failed = statusCode !== undefined && this.#isError(statusCode)
    const cause = error === undefined ? this.#cause(statusCode, failed || aborted) : { value: error }
    if (cause !== undefined) span.fail(cause.value)
    else if (failed) span.setAttribute('error.type', String(statusCode)).setStatus({ code: 'error' })
    if (aborted && cause === undefined) span.setAttribute('clew.aborted', true)
    span.end()
  }

  /** What the handler threw, where it is to blame: for an answer that is an error, that was broken off, or that was never begun. */
  #cause(statusCode: number | undefined, incomplete: boolean): { readonly value: unknown } | undefined {
    const thrown = this.#error
    if (thrown === undefined || (statusCode !== undefined && !incomplete)) return undefined
    if (statusCode !== undefined && statusCode < 400) return thrown
    // A body that the caller broke off comes as an error with a status of 400.
    return this.#isError(statusCode ?? statusOf(thrown.value) ?? 500) ? thrown : undefined
  }

  #isError(statusCode: number): boolean {
    const { options, request } = this.#seed
    return options.isError(statusCode, request)
  }
}

/** The status that frameworks would answer an error with. */
function statusOf(error: unknown): number | undefined {
  const status = readProperty(error, 'status') ?? readProperty(error, 'statusCode')
  return typeof status === 'number' && status >= 400 && status <= 599 ? status : undefined
}

function handleOf(span: SpanPort): RequestTrace {
  const { traceId, spanId, externalId } = span.outgoing()
  return externalId === undefined ? { span, traceId, spanId } : { span, traceId, spanId, externalId }
}

type Header = readonly [name: string, value: string]

function responseHeaders(trace: RequestTrace, wanted: readonly ResponseHeader[]): readonly Header[] {
  return wanted.map((name) => [name, headerValue(name, trace)])
}

function headerValue(name: ResponseHeader, { span, traceId, spanId, externalId }: RequestTrace): string {
  if (name === 'X-Trace-Id') return externalId ?? traceId
  if (name === 'X-Span-Id') return spanId
  const traceparent = formatTraceparent(traceId, spanId, span.spanContext().traceFlags)
  return name === 'traceresponse' ? traceparent : `traceparent;desc="${traceparent}"`
}

/** A request that is not recorded: received ids go on unchanged, others are not made. */
function passiveRequest(tracer: TracerPort, options: ResolvedAdapterOptions, remote: RemoteContext | undefined): ServerRequest {
  const span = passiveSpan(tracer, remote)
  const context: Context = { span, root: span, baggage: remote?.baggage, suppressed: !hasIds(span.spanContext()), values: undefined }
  const trace = hasIds(span.spanContext()) ? handleOf(span) : undefined
  const headers = trace === undefined ? [] : responseHeaders(trace, options.responseHeaders)
  return { trace, context, responseHeaders: () => headers, headWritten() {}, answerWritten() {}, setRoute() {}, setError() {}, end() {} }
}

function passiveSpan(tracer: TracerPort, remote: RemoteContext | undefined): SpanPort {
  if (remote?.traceId === undefined) return NOOP_SPAN
  // A span id has to be there; the end of a padded 16-hex id is that id itself.
  const { traceId, spanId = traceId.slice(16), traceState } = remote
  const traceFlags = (remote.sampled ? 1 : 0) | (remote.random ? 2 : 0)
  return new PassiveSpan({ traceId, spanId, traceFlags, ...(traceState ? { traceState } : undefined) }, tracer, remote)
}

/**
 * Runs the rest of a request in its context.
 *
 * @example
 * const traced = createRequestTracer()(request)
 * runRequest(traced, () => getTraceId() === traced.trace?.traceId) // true
 */
export function runRequest<T>(request: ServerRequest, fn: () => T): T {
  return contextStorage.run(request.context, fn)
}
