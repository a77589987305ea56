import { Backlog, type BacklogItem } from './backlog.js'
import { TraceError } from './errors.js'
import type { ExportBatch, Exporter, ExportResult } from './exporter.js'
import type { QueueOptions } from './options.js'
import type { Resource, SpanData } from './span-data.js'
import { readClock, startTimer, stopTimer, toDelay, within } from './waiting.js'

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

const NO_LOGS: ExportBatch['logs'] = []
const NO_METRICS: ExportBatch['metrics'] = []
const FIRST_RETRY_MS = 1000
const MAX_RETRY_MS = 30_000
/** A receiver may ask for patience, but not for ever. */
const MAX_RETRY_AFTER_MS = 300_000
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

/** The batch that is being exported. */
interface UnderWay {
  readonly items: readonly BacklogItem[]
  readonly spans: number
  readonly bytes: number
  readonly abort: AbortController
  readonly done: Promise<void>
}

/** Holds kept segments until the exporter has taken them: bounded in bytes, one export at a time, with retries. */
export class ExportQueue {
  readonly #seed: QueueSeed
  readonly #backlog = new Backlog()
  #underWay: UnderWay | undefined
  #timer: NodeJS.Timeout | undefined
  /** True where the timer does not wait for the batch to fill. */
  #hurried = false
  #retryAt = 0
  /** True where the receiver itself said when to come again. */
  #asked = false
  #failures = 0
  #sequence = 0
  #isFull = false
  #exported = 0
  #state: 'open' | 'draining' | 'closed' = 'open'
  readonly #dropped: Record<string, number> = {}
  readonly #exports = { ok: 0, failed: 0, retried: 0 }

  constructor(seed: QueueSeed) {
    this.#seed = seed
  }

  add(spans: readonly SpanData[], bytes: number, failed: boolean): void {
    if (this.#state !== 'open') return this.#drop('shutdown', spans.length)
    const { maxBatchSpans, maxBytes } = this.#seed.options
    const sequence = ++this.#sequence
    for (let start = 0; start < spans.length; start += maxBatchSpans) {
      const slice = spans.length <= maxBatchSpans ? spans : spans.slice(start, start + maxBatchSpans)
      this.#backlog.add({ spans: slice, bytes: (bytes * slice.length) / spans.length, failed, sequence })
    }
    if (this.#bytes > maxBytes) this.#makeRoom()
    this.#schedule()
  }

  get #bytes(): number {
    return this.#backlog.bytes + (this.#underWay?.bytes ?? 0)
  }

  get #spans(): number {
    return this.#backlog.spans + (this.#underWay?.spans ?? 0)
  }

  stats(): QueueStats {
    const { maxBytes } = this.#seed.options
    const bytes = Math.round(this.#bytes)
    return { spans: this.#spans, bytes, maxBytes, exported: this.#exported, dropped: { ...this.#dropped }, exports: { ...this.#exports } }
  }

  /** Changes whenever there is something new to export; 0 where nothing waits. */
  backlog(): number {
    return this.#spans === 0 ? 0 : this.#sequence
  }

  /** Exports what is there at the call, retrying until the deadline, a reading of `readClock`; false where some of it is left. */
  async flush(deadline: number): Promise<boolean> {
    const last = this.#sequence
    while (this.#oldest() <= last) {
      if (readClock() >= deadline) return false
      if (!this.#underWay && this.#retryAt > readClock()) await within(undefined, Math.min(this.#nextTry(), deadline))
      if (!(await within(this.#exportNext(), deadline))) return false
    }
    return this.#seed.exporter.flush === undefined || within(this.#flushExporter(), deadline)
  }

  #oldest(): number {
    return Math.min(this.#backlog.oldest, this.#underWay?.items[0]?.sequence ?? Infinity)
  }

  #nextTry(): number {
    return this.#asked ? this.#retryAt : Math.min(this.#retryAt, readClock() + FLUSH_RETRY_MS)
  }

  async #flushExporter(): Promise<void> {
    try {
      await this.#seed.exporter.flush?.()
    } catch (error) {
      this.#report('EXPORT_FAILED', 'The exporter could not flush', error)
    }
  }

  /** Takes nothing more from now on; what is there may still go out. */
  drain(): void {
    if (this.#state === 'open') this.#state = 'draining'
  }

  /** Gives up on what is left, the batch under way included, and counts it as dropped. */
  async close(): Promise<void> {
    this.#state = 'closed'
    stopTimer(this.#timer)
    while (this.#backlog.spans > 0) this.#drop('shutdown', this.#backlog.dropOldest())
    this.#underWay?.abort.abort(new Error('the tracer was shut down'))
    await this.#underWay?.done
  }

  /** Whole segments go, oldest first, those with errors last. Told once, until there is room again. */
  #makeRoom(): void {
    const { maxBytes } = this.#seed.options
    while (this.#bytes > maxBytes && this.#backlog.spans > 0) this.#drop('queue_full', this.#backlog.dropOldest())
    if (this.#isFull) return
    this.#isFull = true
    this.#report('QUEUE_FULL', `The export queue is full (${maxBytes} bytes); the oldest segments are dropped`)
  }

  #drop(reason: string, spans: number): void {
    if (spans > 0) this.#dropped[reason] = (this.#dropped[reason] ?? 0) + spans
  }

  #schedule(): void {
    if (this.#underWay || this.#state === 'closed' || this.#backlog.spans === 0) return
    const retryIn = this.#retryAt === 0 ? 0 : this.#retryAt - readClock()
    const full = this.#backlog.spans >= this.#seed.options.maxBatchSpans
    if (this.#timer !== undefined && (!full || this.#hurried)) return
    stopTimer(this.#timer)
    this.#hurried = full || retryIn > 0
    const delay = Math.max(retryIn, full ? 0 : this.#seed.options.flushIntervalMs)
    this.#timer = startTimer(() => void this.#exportNext(), toDelay(delay)).unref()
  }

  /** Begins the next export unless one is under way; resolves when that one has ended, and never rejects. */
  #exportNext(): Promise<void> {
    stopTimer(this.#timer)
    this.#timer = undefined
    if (this.#underWay) return this.#underWay.done
    const items = this.#backlog.take(this.#seed.options.maxBatchSpans)
    if (items.length === 0) return Promise.resolve()
    const abort = new AbortController()
    const done = this.#exportItems(items, abort).finally(() => this.#schedule())
    this.#underWay = { items, abort, done, spans: sum(items, (item) => item.spans.length), bytes: sum(items, (item) => item.bytes) }
    return done
  }

  async #exportItems(items: readonly BacklogItem[], abort: AbortController): Promise<void> {
    // The caller notes first what is under way.
    await Promise.resolve()
    const result = await this.#attempt(items, abort)
    const spans = this.#underWay?.spans ?? 0
    this.#underWay = undefined
    if (result.ok) return this.#delivered(spans, result.rejected ?? 0)
    this.#exports.failed++
    if (this.#state === 'closed') return this.#drop('shutdown', spans)
    if (result.retryable) return this.#putBack(items, result)
    this.#drop('export_failed', spans)
    this.#report('EXPORT_FAILED', `The exporter refused ${countSpans(spans)}: ${messageOf(result.error)}`, result.error)
  }

  async #attempt(items: readonly BacklogItem[], abort: AbortController): Promise<ExportResult> {
    const { exportTimeoutMs } = this.#seed.options
    const deadline = startTimer(() => abort.abort(new Error(`no answer within ${exportTimeoutMs} ms`)), toDelay(exportTimeoutMs)).unref()
    let hung: NodeJS.Timeout | undefined
    const givenUp = new Promise<ExportResult>((resolve) => {
      const giveUp = (): void => resolve({ ok: false, retryable: true, error: abort.signal.reason })
      abort.signal.addEventListener('abort', () => (hung = startTimer(giveUp, this.#state === 'closed' ? 0 : GRACE_MS).unref()))
    })
    try {
      const sent = this.#seed.exporter.export(this.#toBatch(items), { signal: abort.signal })
      return toResult(await Promise.race([sent, givenUp]))
    } catch (error) {
      return { ok: false, retryable: true, error }
    } finally {
      stopTimer(deadline)
      stopTimer(hung)
    }
  }

  /** A span that cannot be prepared is lost alone; sent as it is it might show what must stay hidden. */
  #toBatch(items: readonly BacklogItem[]): ExportBatch {
    const spans: SpanData[] = []
    for (const span of items.flatMap((item) => item.spans)) {
      try {
        spans.push(this.#seed.prepare(span))
      } catch (error) {
        this.#report('INTERNAL', 'A span could not be masked and was dropped', error)
      }
    }
    return { resource: this.#seed.resource, spans, logs: NO_LOGS, metrics: NO_METRICS }
  }

  #delivered(spans: number, rejected: number): void {
    this.#exports.ok++
    this.#failures = 0
    this.#retryAt = 0
    this.#asked = false
    if (this.#bytes <= this.#seed.options.maxBytes / 2) this.#isFull = false
    this.#exported += spans - rejected
    this.#drop('rejected', rejected)
    if (rejected > 0) this.#report('EXPORT_REJECTED', `The receiver refused ${rejected} of ${countSpans(spans)} for good`)
  }

  #putBack(items: readonly BacklogItem[], { error, retryAfterMs }: Extract<ExportResult, { ok: false }>): void {
    this.#backlog.putBack(items)
    this.#exports.retried++
    const backoff = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures) * (0.5 + Math.random() / 2)
    this.#asked = retryAfterMs !== undefined && retryAfterMs >= 0
    this.#retryAt = readClock() + (this.#asked ? Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS) : backoff)
    if (this.#failures++ === 0) this.#report('EXPORT_UNREACHABLE', `Spans cannot be delivered, trying again: ${messageOf(error)}`, error)
    if (this.#bytes > this.#seed.options.maxBytes) this.#makeRoom()
  }

  #report(code: TraceError['code'], message: string, cause?: unknown): void {
    this.#seed.onError(new TraceError(code, message, cause === undefined ? undefined : { cause }))
  }
}

/** What an exporter of the host's really returned. */
function toResult(result: ExportResult | undefined): ExportResult {
  if (typeof result?.ok === 'boolean') return result
  const error = new Error('export() must resolve with { ok: true } or { ok: false, retryable, error }')
  return { ok: false, retryable: false, error }
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}

function countSpans(count: number): string {
  return count === 1 ? '1 span' : `${count} spans`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
