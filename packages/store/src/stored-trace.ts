import { findErrorOrigins, isFailed, joinTrace, spanError } from '@clew/analysis'
import type { Resource, Scope, SpanData } from '@clew/core'
import type { TraceSummary } from './contract.js'
import { estimateIndexBytes, estimateSharedBytes, TRACE_BYTES } from './span-size.js'
import { summarizeTrace } from './trace-summary.js'

/** A span in which an error began, and what it was. */
export interface Failure {
  readonly span: SpanData
  /** `error` where nothing is known. */
  readonly type: string
  readonly message: string | undefined
}

/** What queries ask of a trace; made when first asked for, and again after more spans have come. */
export interface TraceView {
  /** Each once: of those that share an id because one came unfinished, one. */
  readonly spans: readonly SpanData[]
  readonly summary: TraceSummary
  readonly failures: readonly Failure[]
}

/** Up to here a repeated span is looked for in the list itself, beyond it by its id in a map. */
const LIST_SEARCH_LIMIT = 64
const MAP_ENTRY_BYTES = 56

/** The spans of one trace, as they came, with what the store's indexes know of it. */
export class StoredTrace {
  readonly traceId: string
  /** How many times the table had listed its traces when this one was made. */
  readonly listings: number
  readonly services: Set<string> = new Set()
  readonly externalIds: Set<string> = new Set()
  /** Resources and scopes of the spans. Each is one object for many spans, of other traces too. */
  readonly shared: Set<Resource | Scope> = new Set()
  /** Estimated memory, without what is shared. */
  bytes: number = TRACE_BYTES
  /** First start of a span as it came: by it traces are ordered, bounded, paged and expired. */
  startTime: number = Infinity
  /** Duration of the longest span, which no root can exceed: it saves joining traces that cannot be meant. */
  longest: number = 0
  /** False where surely no span failed. */
  mayHaveFailed: boolean = false
  #spans: SpanData[] = []
  #byId: Map<string, SpanData | SpanData[]> | undefined
  #sharesIds = false
  #sharedBytes = 0
  #view: TraceView | undefined

  constructor(traceId: string, listings: number) {
    this.traceId = traceId
    this.listings = listings
  }

  /** The same trace, for more spans to be added to. This one stays as it is for those who read it. */
  succeed(listings: number): StoredTrace {
    const next = new StoredTrace(this.traceId, listings)
    for (const service of this.services) next.services.add(service)
    for (const externalId of this.externalIds) next.externalIds.add(externalId)
    for (const object of this.shared) next.shared.add(object)
    next.bytes = this.bytes
    next.startTime = this.startTime
    next.longest = this.longest
    next.mayHaveFailed = this.mayHaveFailed
    next.#spans = [...this.#spans]
    next.#sharesIds = this.#sharesIds
    next.#sharedBytes = this.#sharedBytes
    next.#view = this.#view
    next.#byId = this.#byId // only writing needs it
    this.#byId = undefined
    return next
  }

  get spanCount(): number {
    return this.#spans.length
  }

  /** As they came. Spans of the same id that differ are all here. */
  get spans(): readonly SpanData[] {
    return this.#spans
  }

  /** As the joined trace has them; in no order. */
  get uniqueSpans(): readonly SpanData[] {
    return this.#sharesIds ? this.view.spans : this.#spans
  }

  get view(): TraceView {
    this.#view ??= createView(this)
    return this.#view
  }

  /** Whether the span is here already: a sender repeats a batch whose answer was lost. */
  has(span: SpanData): boolean {
    return this.#findById(span.spanId).some((other) => isSameSpan(other, span))
  }

  /** How many spans have the id. */
  countById(spanId: string): number {
    return this.#findById(spanId).length
  }

  /** Estimated memory with one more span of so many bytes, and with all that is shared. */
  measureWith(span: SpanData, bytes: number): number {
    const added = listShared(span).filter((object) => !this.shared.has(object))
    const shared = added.reduce((sum, object) => sum + estimateSharedBytes(object), this.#sharedBytes)
    return this.bytes + shared + bytes + this.#measurePlace(span)
  }

  /** What a span costs beside its own memory: its places in maps and indexes. */
  #measurePlace(span: SpanData): number {
    const externalId = readExternalId(span)
    const objects = listShared(span).filter((object) => !this.shared.has(object))
    const service = this.services.has(span.service) ? 0 : estimateIndexBytes(span.service)
    const external = externalId === undefined || this.externalIds.has(externalId) ? 0 : estimateIndexBytes(externalId)
    return MAP_ENTRY_BYTES * (1 + objects.length) + service + external
  }

  add(span: SpanData, bytes: number): void {
    this.#sharesIds ||= this.#findById(span.spanId).length > 0
    this.#spans.push(span)
    this.#view = undefined
    this.bytes += bytes + this.#measurePlace(span)
    this.startTime = Math.min(this.startTime, span.startTime)
    if (Number.isFinite(span.duration)) this.longest = Math.max(this.longest, span.duration)
    this.mayHaveFailed ||= isFailed(span)
    this.services.add(span.service)
    const externalId = readExternalId(span)
    if (externalId !== undefined) this.externalIds.add(externalId)
    for (const object of listShared(span)) this.#addShared(object)
    this.#remember(span)
  }

  #addShared(object: Resource | Scope): void {
    if (this.shared.has(object)) return
    this.shared.add(object)
    this.#sharedBytes += estimateSharedBytes(object)
  }

  #findById(spanId: string): readonly SpanData[] {
    if (this.#byId === undefined) return this.#spans.filter((span) => span.spanId === spanId)
    const known = this.#byId.get(spanId)
    if (known === undefined) return []
    return Array.isArray(known) ? known : [known]
  }

  #remember(span: SpanData): void {
    if (this.#byId !== undefined) this.#index(this.#byId, span)
    else if (this.#spans.length > LIST_SEARCH_LIMIT) {
      this.#byId = new Map()
      for (const own of this.#spans) this.#index(this.#byId, own)
    }
  }

  #index(byId: Map<string, SpanData | SpanData[]>, span: SpanData): void {
    const known = byId.get(span.spanId)
    if (Array.isArray(known)) known.push(span)
    else byId.set(span.spanId, known === undefined ? span : [known, span])
  }
}

function readExternalId({ attributes }: SpanData): string | undefined {
  const externalId = attributes['trace.external_id']
  return typeof externalId === 'string' ? externalId : undefined
}

function listShared({ resource, scope }: SpanData): (Resource | Scope)[] {
  return scope === undefined ? [resource] : [resource, scope]
}

function createView({ spans, startTime }: StoredTrace): TraceView {
  const trace = joinTrace(spans)
  const unique = trace.spans.length === spans.length ? spans : trace.spans
  return { spans: unique, summary: summarizeTrace(trace, startTime), failures: findErrorOrigins(trace).map(toFailure) }
}

function toFailure(span: SpanData): Failure {
  const { type = 'error', message } = spanError(span) ?? {}
  return { span, type, message }
}

/** Client and server may share a span id (Zipkin), and an unfinished span may come again finished: neither is a repetition. */
function isSameSpan(a: SpanData, b: SpanData): boolean {
  if (a.spanId !== b.spanId || a.startTime !== b.startTime || a.duration !== b.duration || a.status !== b.status) return false
  if (a.kind !== b.kind || a.service !== b.service || a.name !== b.name) return false
  return a.attributes['clew.unfinished'] === b.attributes['clew.unfinished']
}
