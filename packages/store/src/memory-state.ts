import { type ExportBatch, type SpanData, TraceError } from '@clew/core'
import type { StoreHealth } from './contract.js'
import { estimateSpanBytes, KnownNames } from './span-size.js'
import type { StoredTrace } from './stored-trace.js'
import { type SizedSpan, TraceTable } from './trace-table.js'

/** Against ids that are reused: a trace this large is no single request. */
const MAX_TRACE_SPANS = 50_000

/** Client, server, and forms of them that came before the span had ended. Comparing each with all others must stay cheap. */
const MAX_SPANS_PER_ID = 16

/** How far a sender's clock may be ahead of this one. */
const MAX_AHEAD_MS = 3_600_000

/** The options of a memory store with their defaults. */
export interface ResolvedMemoryOptions {
  readonly maxBytes: number
  readonly retentionMs: number
  readonly clock: () => number
}

type DropReason = 'evicted' | 'expired' | 'id_reused' | 'invalid_time' | 'trace_too_large'

/** What a memory store holds, within its bounds. */
export class MemoryState {
  readonly #options: ResolvedMemoryOptions
  readonly #table = new TraceTable()
  readonly #names = new KnownNames()
  readonly #dropped = new Map<DropReason, number>()
  #closed = false

  constructor(options: ResolvedMemoryOptions) {
    this.#options = options
  }

  get isClosed(): boolean {
    return this.#closed
  }

  now(): number {
    return this.#options.clock()
  }

  /** The traces that are not too old. */
  open(): TraceTable {
    if (this.#closed) throw new TraceError('STORE_CLOSED', 'The memory store was used after close().')
    this.#expire()
    return this.#table
  }

  /** Adds the spans and returns how many were refused. */
  add(batch: ExportBatch): number {
    const table = this.open()
    const timed = this.#admitTimes(batch.spans)
    let refused = 0
    for (const [traceId, spans] of groupByTrace(timed)) {
      refused += table.add(traceId, this.#measure(spans), (trace, sized) => this.#admit(trace, sized))
    }
    this.#expire()
    this.#evict()
    return batch.spans.length - timed.length + refused
  }

  #measure(spans: readonly SpanData[]): SizedSpan[] {
    return spans.map((span) => ({ span, bytes: estimateSpanBytes(span, this.#names) }))
  }

  #admit(trace: StoredTrace, { span, bytes }: SizedSpan): boolean {
    const isTooLarge = trace.spanCount >= MAX_TRACE_SPANS || trace.measureWith(span, bytes) > this.#options.maxBytes
    const isReused = !isTooLarge && trace.countById(span.spanId) >= MAX_SPANS_PER_ID
    if (isTooLarge) this.#drop('trace_too_large', 1)
    if (isReused) this.#drop('id_reused', 1)
    return !isTooLarge && !isReused
  }

  /** Spans of wrong clocks stay out: one in the future would outlive all others, one in the past take its whole trace along. */
  #admitTimes(spans: readonly SpanData[]): readonly SpanData[] {
    const latest = this.now() + MAX_AHEAD_MS
    const valid = spans.filter(({ startTime }) => Number.isFinite(startTime) && startTime <= latest)
    this.#drop('invalid_time', spans.length - valid.length)
    const oldest = this.#oldestRetained()
    const recent = valid.filter(({ startTime }) => startTime >= oldest)
    this.#drop('expired', valid.length - recent.length)
    return recent
  }

  health(): StoreHealth {
    const { traceCount, spanCount, bytes, oldest } = this.open()
    return {
      kind: 'memory',
      traceCount,
      spanCount,
      bytes,
      maxBytes: this.#options.maxBytes,
      ...(oldest === undefined ? {} : { oldestTime: oldest.startTime }),
      dropped: Object.fromEntries(this.#dropped),
    }
  }

  close(): void {
    this.#closed = true
    this.#table.clear()
  }

  #expire(): void {
    const limit = this.#oldestRetained()
    this.#deleteOldest('expired', (startTime) => startTime < limit)
  }

  #oldestRetained(): number {
    return this.now() - this.#options.retentionMs
  }

  #evict(): void {
    this.#deleteOldest('evicted', () => this.#table.bytes > this.#options.maxBytes)
  }

  #deleteOldest(reason: DropReason, isDue: (startTime: number) => boolean): void {
    let { oldest } = this.#table
    while (oldest !== undefined && isDue(oldest.startTime)) {
      this.#table.delete(oldest)
      this.#drop(reason, oldest.spanCount)
      oldest = this.#table.oldest
    }
  }

  #drop(reason: DropReason, spans: number): void {
    if (spans > 0) this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + spans)
  }
}

function groupByTrace(spans: readonly SpanData[]): Map<string, SpanData[]> {
  const groups = new Map<string, SpanData[]>()
  for (const span of spans) {
    const group = groups.get(span.traceId)
    if (group === undefined) groups.set(span.traceId, [span])
    else group.push(span)
  }
  return groups
}
