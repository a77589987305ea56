import { joinTrace } from '@clew/analysis'
import type { SpanData } from '@clew/core'
import type { TraceSummary } from './contract.js'
import { TRACE_BYTES } from './span-size.js'
import { findDeepestFailures, summarizeTrace } from './trace-summary.js'

/** What queries ask of a trace; made when first asked for, and again after more spans have come. */
export interface TraceView {
  readonly summary: TraceSummary
  readonly failures: readonly SpanData[]
}

/** Up to here a repeated span is looked for in the list itself, beyond it by a set of keys. */
const LIST_SEARCH_LIMIT = 64
const KEY_BYTES = 120

/** The spans of one trace, as they came, with what the store's indexes know of it. */
export class StoredTrace {
  readonly traceId: string
  readonly services: Set<string> = new Set()
  readonly externalIds: Set<string> = new Set()
  /** Estimated memory in bytes. */
  bytes: number = TRACE_BYTES
  /** First start of a span. */
  startTime: number = Infinity
  #spans: SpanData[] = []
  #keys: Set<string> | undefined
  #view: TraceView | undefined

  constructor(traceId: string) {
    this.traceId = traceId
  }

  get spanCount(): number {
    return this.#spans.length
  }

  /** As they came; spans of the same id that differ are all here. */
  get spans(): readonly SpanData[] {
    return this.#spans
  }

  get view(): TraceView {
    this.#view ??= this.#createView()
    return this.#view
  }

  /** As the joined trace has them: each once. */
  get uniqueSpans(): readonly SpanData[] {
    return this.view.summary.spanCount === this.#spans.length ? this.#spans : joinTrace(this.#spans).spans
  }

  /** Whether the span is here already: a sender repeats a batch whose answer was lost. */
  has(span: SpanData): boolean {
    return this.#keys === undefined ? this.#spans.some((other) => isSameSpan(other, span)) : this.#keys.has(toKey(span))
  }

  add(span: SpanData, bytes: number): void {
    this.#spans.push(span)
    this.#view = undefined
    this.bytes += bytes
    this.startTime = Math.min(this.startTime, span.startTime)
    this.services.add(span.service)
    const externalId = span.attributes['trace.external_id']
    if (typeof externalId === 'string') this.externalIds.add(externalId)
    this.#remember(span)
  }

  #remember(span: SpanData): void {
    if (this.#keys !== undefined) {
      this.#keys.add(toKey(span))
      this.bytes += KEY_BYTES
    } else if (this.#spans.length > LIST_SEARCH_LIMIT) {
      this.#keys = new Set(this.#spans.map(toKey))
      this.bytes += KEY_BYTES * this.#spans.length
    }
  }

  #createView(): TraceView {
    const trace = joinTrace(this.#spans)
    return { summary: summarizeTrace(trace), failures: findDeepestFailures(trace) }
  }
}

function isSameSpan(a: SpanData, b: SpanData): boolean {
  return a.spanId === b.spanId && toKey(a) === toKey(b)
}

/** Client and server may share a span id (Zipkin), and an unfinished span may come again finished: neither is a repetition. */
function toKey(span: SpanData): string {
  return `${span.spanId} ${span.startTime} ${span.duration} ${span.status} ${span.kind} ${span.service} ${span.name}`
}
