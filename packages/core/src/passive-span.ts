import type { InjectContext } from './propagator.js'
import type { RequestIds } from './segment-seed.js'
import type { SpanContext } from './span-data.js'
import type { Span, SpanPort, TraceContext } from './span.js'
import type { TracerPort } from './tracer.js'

/** A span that records nothing: it carries received ids on, or none at all. Its children are itself. */
export class PassiveSpan implements SpanPort {
  readonly tracer: TracerPort | undefined
  logNote: unknown = undefined
  readonly #context: SpanContext
  readonly #ids: RequestIds
  readonly #undecided: boolean

  constructor(context: SpanContext, tracer: TracerPort | undefined, ids: RequestIds & { readonly sampled?: boolean } = {}) {
    this.#context = context
    this.tracer = tracer
    this.#ids = ids
    this.#undecided = ids.sampled === undefined
  }

  spanContext(): SpanContext {
    return this.#context
  }

  setAttribute(): this {
    return this
  }

  setAttributes(): this {
    return this
  }

  addEvent(): this {
    return this
  }

  addLink(): this {
    return this
  }

  recordException(): void {}

  setStatus(): this {
    return this
  }

  updateName(): this {
    return this
  }

  end(): void {}

  isRecording(): boolean {
    return false
  }

  fail(): this {
    return this
  }

  keep(): this {
    return this
  }

  [Symbol.dispose](): void {}

  follow(): void {}

  startChild(): Span {
    return this
  }

  localRoot(): Span {
    return this
  }

  traceContext(): TraceContext {
    const { traceId, spanId, traceFlags } = this.#context
    return withDefinedIds({ traceId, spanId, traceFlags, service: this.tracer?.service ?? '', sampled: (traceFlags & 1) === 1 }, this.#ids)
  }

  takesLog(): boolean {
    return false
  }

  recordLog(): void {}

  outgoing(): InjectContext {
    const { traceId, spanId, traceFlags: flags, traceState } = this.#context
    return { traceId, spanId, flags, undecided: this.#undecided, traceState, externalId: this.#ids.externalId }
  }
}

/** Adds the ids that are there; loggers ask for every line, so nothing is spread. */
export function withDefinedIds(
  context: { -readonly [K in keyof TraceContext]: TraceContext[K] },
  { externalId, requestId, correlationId }: RequestIds,
): TraceContext {
  if (externalId !== undefined) context.externalId = externalId
  if (requestId !== undefined) context.requestId = requestId
  if (correlationId !== undefined) context.correlationId = correlationId
  return context
}

const NO_CONTEXT: SpanContext = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 }

/** The span inside `suppressTracing` and of a disabled SDK: no ids, nothing recorded. */
export const NOOP_SPAN: PassiveSpan = new PassiveSpan(NO_CONTEXT, undefined)

/** False for the all-zero ids of a span that has none. */
export function hasIds(context: { readonly traceId: string }): boolean {
  return context.traceId !== NO_CONTEXT.traceId
}
