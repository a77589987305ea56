import { TraceError } from './errors.js'
import type { ExportBatch, Exporter, ExportResult } from './exporter.js'
import type { QueueOptions } from './options.js'
import type { Resource, SpanData } from './span-data.js'

/** What the queue counts. */
export interface QueueStats {
  /** Spans waiting, the batch under way included. */
  readonly spans: number
  readonly bytes: number
  readonly maxBytes: number
  readonly exported: number
  /** Spans lost, by reason: `queue_full`, `export_failed`, `rejected`, `shutdown`. */
  readonly dropped: Readonly<Record<string, number>>
  readonly exports: { readonly ok: number; readonly failed: number; readonly retried: number }
}

interface Item {
  readonly spans: readonly SpanData[]
  readonly bytes: number
  /** Segments with errors are dropped last. */
  readonly failed: boolean
}

const NO_LOGS: ExportBatch['logs'] = []
const NO_METRICS: ExportBatch['metrics'] = []
const FIRST_RETRY_MS = 1000
const MAX_RETRY_MS = 30_000
/** A flush does not sit out the whole pause between two tries. */
const FLUSH_RETRY_MS = 100
/** How long after its deadline an exporter that ignores the signal is still waited for. */
const GRACE_MS = 250

/** What the queue is made from. */
export interface QueueSeed {
  readonly exporter: Exporter
  readonly resource: Resource
  readonly options: Readonly<Required<QueueOptions>>
  /** Run on each span as it leaves, off the request's path: masks what is sensitive. */
  readonly prepare: (span: SpanData) => SpanData
  readonly onError: (error: TraceError) => void
}

/** Holds kept segments until the exporter has taken them: bounded in bytes, one export at a time, with retries. */
export class ExportQueue {
  readonly #seed: QueueSeed
  #items: Item[] = []
  #bytes = 0
  #spans = 0
  #timer: NodeJS.Timeout | undefined
  /** True where the timer does not wait for the batch to fill. */
  #hurried = false
  #underWay: Promise<void> | undefined
  #retryAt = 0
  #failures = 0
  #exported = 0
  #added = 0
  #closed = false
  readonly #dropped: Record<string, number> = {}
  readonly #exports = { ok: 0, failed: 0, retried: 0 }

  constructor(seed: QueueSeed) {
    this.#seed = seed
  }

  add(spans: readonly SpanData[], bytes: number, failed: boolean): void {
    if (this.#closed) return this.#drop('shutdown', spans.length)
    this.#items.push({ spans, bytes, failed })
    this.#bytes += bytes
    this.#spans += spans.length
    this.#added += spans.length
    if (this.#bytes > this.#seed.options.maxBytes) this.#makeRoom()
    this.#schedule()
  }

  stats(): QueueStats {
    const { maxBytes } = this.#seed.options
    return {
      spans: this.#spans,
      bytes: this.#bytes,
      maxBytes,
      exported: this.#exported,
      dropped: { ...this.#dropped },
      exports: { ...this.#exports },
    }
  }

  /** How many spans have come so far, while some of them wait; 0 where none does. */
  backlog(): number {
    return this.#spans === 0 ? 0 : this.#added
  }

  /** Exports what is there now, retrying until the deadline; false where spans are left. */
  async flush(deadline: number): Promise<boolean> {
    const { exporter } = this.#seed
    while (this.#items.length > 0 || this.#underWay) {
      if (Date.now() >= deadline) return false
      if (!this.#underWay && this.#retryAt > Date.now()) await within(never, Math.min(Date.now() + FLUSH_RETRY_MS, deadline))
      if (!(await within(this.#exportNext(), deadline))) return false
    }
    return exporter.flush === undefined || within(this.#flushExporter(), deadline)
  }

  async #flushExporter(): Promise<void> {
    try {
      await this.#seed.exporter.flush?.()
    } catch (error) {
      this.#report('EXPORT_FAILED', 'The exporter could not flush', error)
    }
  }

  /** Takes nothing more; what is left counts as dropped. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#drop('shutdown', this.#spans)
    this.#items = []
    this.#spans = 0
    this.#bytes = 0
  }

  /** Whole segments go, oldest first, those with errors last. */
  #makeRoom(): void {
    let freed = 0
    const excess = this.#bytes - this.#seed.options.maxBytes
    const doomed = new Set<Item>()
    for (const failed of [false, true]) {
      for (const item of this.#items) {
        if (freed >= excess) break
        if (item.failed !== failed) continue
        doomed.add(item)
        freed += item.bytes
      }
    }
    this.#items = this.#items.filter((item) => !doomed.has(item))
    for (const item of doomed) this.#release(item)
    this.#drop(
      'queue_full',
      [...doomed].reduce((sum, item) => sum + item.spans.length, 0),
    )
    this.#report('QUEUE_FULL', `The export queue is full (${this.#seed.options.maxBytes} bytes); the oldest segments were dropped`)
  }

  #release(item: Item): void {
    this.#bytes -= item.bytes
    this.#spans -= item.spans.length
  }

  #drop(reason: string, spans: number): void {
    if (spans > 0) this.#dropped[reason] = (this.#dropped[reason] ?? 0) + spans
  }

  #schedule(): void {
    if (this.#underWay || this.#closed) return
    const full = this.#spans >= this.#seed.options.maxBatchSpans
    if (this.#timer !== undefined && (!full || this.#hurried)) return
    const retryIn = this.#retryAt - Date.now()
    clearTimeout(this.#timer)
    this.#hurried = full || retryIn > 0
    const delay = Math.max(retryIn, full ? 0 : this.#seed.options.flushIntervalMs)
    this.#timer = setTimeout(() => void this.#exportNext(), delay).unref()
  }

  #exportNext(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#items.length === 0) return this.#underWay ?? Promise.resolve()
    this.#underWay ??= this.#exportBatch().finally(() => {
      this.#underWay = undefined
      if (this.#items.length > 0) this.#schedule()
    })
    return this.#underWay
  }

  async #exportBatch(): Promise<void> {
    const items = this.#take()
    const spans: SpanData[] = []
    for (const item of items) for (const span of item.spans) spans.push(this.#seed.prepare(span))
    const result = await this.#attempt({ resource: this.#seed.resource, spans, logs: NO_LOGS, metrics: NO_METRICS })
    if (result.ok) return this.#delivered(items, spans.length, result.rejected ?? 0)
    this.#exports.failed++
    if (this.#closed) return
    if (result.retryable) return this.#putBack(items, result)
    items.forEach((item) => this.#release(item))
    this.#drop('export_failed', spans.length)
    this.#report('EXPORT_FAILED', `The exporter refused ${spans.length} spans: ${messageOf(result.error)}`, result.error)
  }

  /** The oldest segments, up to a batch; they keep counting until the exporter has them. */
  #take(): Item[] {
    let count = 0
    let end = 0
    while (end < this.#items.length && count < this.#seed.options.maxBatchSpans) count += this.#items[end++]?.spans.length ?? 0
    return this.#items.splice(0, end)
  }

  async #attempt(batch: ExportBatch): Promise<ExportResult> {
    const { exportTimeoutMs } = this.#seed.options
    const controller = new AbortController()
    const deadline = setTimeout(() => controller.abort(new Error(`no answer within ${exportTimeoutMs} ms`)), exportTimeoutMs)
    deadline.unref()
    let giveUp: NodeJS.Timeout | undefined
    const hung = new Promise<ExportResult>((resolve) => {
      giveUp = setTimeout(
        () => resolve({ ok: false, retryable: true, error: controller.signal.reason }),
        exportTimeoutMs + GRACE_MS,
      ).unref()
    })
    try {
      return await Promise.race([this.#seed.exporter.export(batch, { signal: controller.signal }), hung])
    } catch (error) {
      return { ok: false, retryable: true, error }
    } finally {
      clearTimeout(deadline)
      clearTimeout(giveUp)
    }
  }

  #delivered(items: readonly Item[], spans: number, rejected: number): void {
    if (!this.#closed) items.forEach((item) => this.#release(item))
    this.#exports.ok++
    this.#failures = 0
    this.#retryAt = 0
    this.#exported += spans - rejected
    this.#drop('rejected', rejected)
    if (rejected > 0) this.#report('EXPORT_REJECTED', `The receiver refused ${rejected} of ${spans} spans for good`)
  }

  #putBack(items: readonly Item[], result: Extract<ExportResult, { ok: false }>): void {
    this.#items.unshift(...items)
    this.#exports.retried++
    const backoff = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures)
    this.#retryAt = Date.now() + (result.retryAfterMs ?? backoff * (0.5 + Math.random() / 2))
    if (this.#failures++ === 0)
      this.#report('EXPORT_UNREACHABLE', `Spans cannot be delivered, trying again: ${messageOf(result.error)}`, result.error)
    if (this.#bytes > this.#seed.options.maxBytes) this.#makeRoom()
  }

  #report(code: TraceError['code'], message: string, cause?: unknown): void {
    this.#seed.onError(new TraceError(code, message, cause === undefined ? undefined : { cause }))
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

const never = new Promise<never>(() => {})

/** True where the promise settled before the deadline, Unix epoch in milliseconds. The wait keeps the process alive, and not for longer. */
async function within(promise: Promise<unknown>, deadline: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, deadline - Date.now()), false)
  })
  try {
    return await Promise.race([promise.then(() => true), timeout])
  } finally {
    clearTimeout(timer)
  }
}
