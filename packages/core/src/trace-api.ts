import type { AttributesInput } from './attributes.js'
import { defaultSetter, toHeaderValue } from './carrier.js'
import { contextStorage, type Context } from './context.js'
import { getDefaultTracer } from './default-tracer.js'
import { TraceError } from './errors.js'
import { NOOP_SPAN, hasIds } from './passive-span.js'
import { defaultGetter, extractContext, injectContext, type HeaderGetter, type RemoteContext } from './propagator.js'
import { runInSpan, runSpan } from './run-span.js'
import { isSpanPort, parentOf, type Span, type SpanOptions, type TraceContext } from './span.js'
import type { TracerPort } from './tracer.js'
import { callUser } from './user-callback.js'

/**
 * Runs `fn` inside a new span, the child of the active one; the span is active inside `fn` and across its awaits, ends when `fn`
 * is done, and records what `fn` throws or rejects with. Returns what `fn` returns.
 *
 * @example
 * const total = await withSpan('price cart', async (span) => {
 *   span.setAttribute('cart.items', items.length)
 *   return price(items)
 * })
 */
export function withSpan<T>(name: string, fn: (span: Span) => T): T
export function withSpan<T>(name: string, options: SpanOptions, fn: (span: Span) => T): T
export function withSpan<T>(name: string, a: SpanOptions | ((span: Span) => T), b?: (span: Span) => T): T {
  const context = contextStorage.getStore()
  const span = beginSpan(name, typeof a === 'function' ? undefined : a, context)
  return runSpan(span, typeof a === 'function' ? a : (b as (span: Span) => T), context)
}

/**
 * Begins a span that the caller ends. It is not made active; `runWithSpan` does that.
 *
 * @example
 * using span = startSpan('render')
 */
export function startSpan(name: string, options?: SpanOptions): Span {
  return beginSpan(name, options, contextStorage.getStore())
}

function beginSpan(name: string, options: SpanOptions | undefined, context: Context | undefined): Span {
  if (context?.suppressed) return NOOP_SPAN
  const tracer = tracerOf(context)
  try {
    return parentOf(options) === undefined && isSpanPort(context?.span)
      ? context.span.startChild(name, options)
      : tracer.startSpan(name, options)
  } catch (error) {
    tracer.report(new TraceError('INTERNAL', 'A span could not be begun', { cause: error }))
    return NOOP_SPAN
  }
}

function getActiveTracer(): TracerPort {
  return tracerOf(contextStorage.getStore())
}

/** Inside a span its own tracer counts. */
function tracerOf(context: Context | undefined): TracerPort {
  const span = context?.span
  return (isSpanPort(span) ? span.tracer : undefined) ?? getDefaultTracer()
}

/**
 * Runs `fn` with `span` active. The span is not ended.
 *
 * @example
 * const span = startSpan('import')
 * for (const item of items) runWithSpan(span, () => withSpan('item', () => price([item])))
 * span.end()
 */
export function runWithSpan<T>(span: Span, fn: () => T): T {
  return runInSpan(span, fn)
}

/**
 * A function that runs in today's context whenever and from wherever it is called, outside of every span where there is none today:
 * for callbacks of pools, queues and emitters.
 *
 * @example
 * pool.acquire(bind((error, connection) => console.log(getTraceId(), error, connection)))
 */
export function bind<F extends (...args: never[]) => unknown>(fn: F): F {
  // Undefined outside of a span, which is a context like any other.
  const context = contextStorage.getStore() as Context
  return function bound(this: unknown, ...args: never[]) {
    return contextStorage.run(context, () => fn.apply(this, args))
  } as F
}

/**
 * The active span, or undefined.
 *
 * @example
 * getActiveSpan()?.setAttribute('cart.items', items.length)
 */
export function getActiveSpan(): Span | undefined {
  const context = contextStorage.getStore()
  return context?.suppressed ? undefined : context?.span
}

/**
 * The trace id of the active span: 32 hex. Undefined outside of a span.
 *
 * @example
 * getTraceId() // undefined
 * withSpan('job', () => console.log(`follow it with: clew show ${getTraceId()}`))
 */
export function getTraceId(): string | undefined {
  return activeIds()?.traceId
}

/**
 * The id of the active span: 16 hex. Undefined outside of a span.
 *
 * @example
 * withSpan('job', (span) => getSpanId() === span.spanContext().spanId) // true
 */
export function getSpanId(): string | undefined {
  return activeIds()?.spanId
}

function activeIds(): { traceId: string; spanId: string } | undefined {
  const context = getActiveSpan()?.spanContext()
  return context && hasIds(context) ? context : undefined
}

/**
 * Everything that identifies the active work, for logs. Undefined outside of a span; never throws.
 *
 * @example
 * const { traceId, service, sampled } = getTraceContext() ?? {}
 * console.log(JSON.stringify({ message: 'asked', traceId, service, sampled }))
 */
export function getTraceContext(): TraceContext | undefined {
  const span = getActiveSpan()
  const context = isSpanPort(span) ? span.traceContext() : undefined
  return context && hasIds(context) ? context : undefined
}

/** Writes one header into a carrier. */
export type Setter<C> = (carrier: C, name: string, value: string) => void

/** Reads one header of a carrier by its lower-case name: text, or bytes as the clients of Kafka have them. */
export type Getter<C> = (carrier: C, name: string) => string | number | Uint8Array | readonly (string | Uint8Array)[] | undefined

/**
 * Writes the ids of the active span into a carrier (headers of a message, fields of a job) and returns it. Does nothing outside of a span.
 *
 * @example
 * await queue.add('send mail', inject({ to: user.id }))
 */
export function inject<C>(carrier: C, setter: Setter<C> = defaultSetter): C {
  const context = contextStorage.getStore()
  const span = context?.span
  if (context?.suppressed || !isSpanPort(span)) return carrier
  const tracer = getActiveTracer()
  const outgoing = context?.baggage === undefined ? span.outgoing() : { ...span.outgoing(), baggage: context.baggage }
  try {
    injectContext(outgoing, tracer.options.inject, (name, value) => setter(carrier, name, value))
  } catch (error) {
    reportCarrier(tracer, 'written', error)
  }
  return carrier
}

/**
 * The headers that carry the active span's ids, `baggage` included; empty outside of a span. It cannot know where they go: `propagation.targets`
 * is `tracedFetch`'s to keep.
 *
 * @example
 * const response = await got(url, { headers: getTraceHeaders() })
 */
export function getTraceHeaders(): Record<string, string> {
  return inject<Record<string, string>>({})
}

/**
 * The ids in a carrier, or undefined where it holds none. Names are looked up in lower case first, then in any case.
 *
 * @example
 * const span = startSpan('send mail', { kind: 'consumer', parent: extract(job.data) })
 */
export function extract<C>(carrier: C, getter?: Getter<C>): RemoteContext | undefined {
  const tracer = getActiveTracer()
  const onThrow = (error: unknown): void => reportCarrier(tracer, 'read', error)
  const get: HeaderGetter | undefined = getter
    ? (name) => toHeaderValue(getter(carrier, name))
    : callUser(() => defaultGetter(carrier), onThrow)
  return get && extractContext(get, tracer.options.extract, onThrow)
}

function reportCarrier(tracer: TracerPort, verb: string, error: unknown): void {
  tracer.report(new TraceError('CARRIER_FAILED', `A carrier threw while ids were ${verb}`, { cause: error }))
}

/**
 * Runs `fn` inside a span that continues the trace whose ids `carrier` holds, or begins a new one: for queues, cron and sockets.
 * The span's kind is `consumer` unless `options.kind` says otherwise.
 *
 * @example
 * worker.process((job) => continueTrace(job.data, 'send mail', () => send(job.data)))
 */
// oxlint-disable max-params -- the signature is withSpan's with the carrier in front
export function continueTrace<T>(carrier: unknown, name: string, fn: (span: Span) => T): T
export function continueTrace<T>(carrier: unknown, name: string, options: SpanOptions, fn: (span: Span) => T): T
export function continueTrace<T>(carrier: unknown, name: string, a: SpanOptions | ((span: Span) => T), b?: (span: Span) => T): T {
  const fn = typeof a === 'function' ? a : (b as (span: Span) => T)
  if (contextStorage.getStore()?.suppressed) return runSpan(NOOP_SPAN, fn)
  const options = typeof a === 'function' ? undefined : a
  const remote = extract(carrier)
  const tracer = getActiveTracer()
  const span = tracer.startSpan(name, { ...consumerOptions(options), parent: remote ?? null })
  const { trust } = tracer.options
  // Who takes no ids takes nothing else.
  const baggage = trust === 'restart' || trust === 'ignore' ? undefined : remote?.baggage
  return contextStorage.run(withBaggage(baggage), () => runSpan(span, fn))
}

function consumerOptions(options: SpanOptions | undefined): SpanOptions {
  try {
    return { ...options, kind: options?.kind ?? 'consumer' }
  } catch {
    return { kind: 'consumer' }
  }
}

function withBaggage(baggage: string | undefined): Context {
  return { span: undefined, root: undefined, baggage, suppressed: false, values: contextStorage.getStore()?.values }
}

/**
 * Counts a value of one's own, 0 or more, in a histogram of that name: sizes, amounts, waiting times. The active trace stands beside its
 * bucket as an exemplar if it is kept. A name or value that cannot be counted is reported to `onError`; nothing is thrown.
 *
 * @example
 * recordValue('cart.items', cart.items.length, { 'shop.country': cart.country })
 */
export function recordValue(name: string, value: number, attributes?: AttributesInput): void {
  getActiveTracer().recordValue(name, value, attributes)
}

/**
 * Keeps the active trace's segment in this process, whatever the sampling says. Does nothing outside of a span.
 *
 * @example
 * withSpan('refund', () => {
 *   if (items.length > 100) keepTrace('large refund')
 * })
 */
export function keepTrace(reason?: string): void {
  const span = getActiveSpan()
  if (isSpanPort(span)) span.localRoot().keep(reason)
}

/**
 * Runs `fn` without tracing: no spans, no ids sent, no ids in log lines.
 *
 * @example
 * suppressTracing(() => getTraceHeaders()) // {}
 */
export function suppressTracing<T>(fn: () => T): T {
  const outer = contextStorage.getStore()
  return contextStorage.run({ span: NOOP_SPAN, root: outer?.root, baggage: undefined, suppressed: true, values: outer?.values }, fn)
}
