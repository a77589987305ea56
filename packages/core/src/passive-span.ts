import type { InjectContext } from './propagator.js'
import type { RequestIds } from './segment.js'
import type { SpanContext } from './span-data.js'
import type { Span, SpanPort, TraceContext } from './span.js'

/** A span that records nothing: it carries received ids on, or none at all. Its children are itself. */
export class PassiveSpan implements SpanPort {
  readonly #context: SpanContext
  readonly #ids: RequestIds
  readonly #service: string
  readonly #parentSpanId: string | undefined

  constructor(context: SpanContext, service: string, ids: RequestIds & { parentSpanId?: string } = {}) {
    this.#context = context
    this.#service = service
    this.#ids = ids
    this.#parentSpanId = ids.parentSpanId
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

  startChild(): Span {
    return this
  }

  localRoot(): Span {
    return this
  }

  traceContext(): TraceContext {
    const { traceId, spanId, traceFlags } = this.#context
    return { traceId, spanId, traceFlags, service: this.#service, sampled: (traceFlags & 1) === 1, ...definedIds(this.#ids) }
  }

  outgoing(): InjectContext {
    const { traceId, spanId, traceFlags: flags, traceState } = this.#context
    return { traceId, spanId, parentSpanId: this.#parentSpanId, flags, traceState, externalId: this.#ids.externalId }
  }
}

/** The ids that are there. */
export function definedIds({ externalId, requestId, correlationId }: RequestIds): {
  externalId?: string
  requestId?: string
  correlationId?: string
} {
  return {
    ...(externalId !== undefined ? { externalId } : undefined),
    ...(requestId !== undefined ? { requestId } : undefined),
    ...(correlationId !== undefined ? { correlationId } : undefined),
  }
}

const NO_CONTEXT: SpanContext = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 }

/** The span inside `suppressTracing` and of a disabled SDK: no ids, nothing recorded. */
export const NOOP_SPAN: PassiveSpan = new PassiveSpan(NO_CONTEXT, '')

/** False for the all-zero ids of a span that has none. */
export function hasIds(context: SpanContext): boolean {
  return context.traceId !== NO_CONTEXT.traceId
}
