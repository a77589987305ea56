import { Backlog, type BacklogItem, sliceRecords, sumBytes } from './backlog.js'
import { detachSpan } from './detached-span.js'
import { messageOf, TraceError } from './errors.js'
import { attemptExport, MAX_RETRY_AFTER_MS } from './export-attempt.js'
import type { ExportBatch, Exporter, ExportResult, LogRecord } from './exporter.js'
import type { PendingLog } from './log-records.js'
import type { QueueOptions } from './options.js'
import type { SegmentPart } from './segment-seed.js'
import type { Resource, SpanData } from './span-data.js'
import { countRecords, countSpans, describeRecords, type RecordCount, toCount } from './record-count.js'
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
  /** The same of recorded log lines. */
  readonly logs: { readonly waiting: number; readonly exported: number; readonly dropped: number }
  readonly exports: { readonly ok: number; readonly failed: number; readonly retried: number }
}

/** Of a tracer that exports nothing. */
export const NO_QUEUE: QueueStats = {
  spans: 0,
  bytes: 0,
  maxBytes: 0,
  exported: 0,
  dropped: {},
  logs: { waiting: 0, exported: 0, dropped: 0 },
  exports: { ok: 0, failed: 0, retried: 0 },
}

const NO_METRICS: ExportBatch['metrics'] = []
const FIRST_RETRY_MS = 1000
const MAX_RETRY_MS = 30_000
/** A flush does not sit out the whole pause between two tries. */
const FLUSH_RETRY_MS = 100

/**
 * Batches that follow each other without a timer between them, where more waits than one holds: a turn of the event loop can end hundreds of
 * requests. After so many the loop turns, as a receiver that answers at once would keep it from doing so.
 */
const BATCHES_IN_A_ROW = 16

/** What the queue is made from. */
export interface QueueSeed {
  readonly exporter: Exporter
  readonly resource: Resource
  readonly options: Readonly<Required<QueueOptions>>
  /** Run on each span as it leaves, off the request's path: masks what is sensitive. */
  readonly prepare: (span: SpanData) => SpanData
  readonly prepareLog: (log: PendingLog) => LogRecord
  readonly onError: (error: TraceError) => void
}

/** The batch that is being exported. */
interface UnderWay {
  readonly items: readonly BacklogItem[]
  readonly records: RecordCount
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
  #inARow = 0
  #retryAt = 0
  /** True where the receiver itself said when to come again. */
  #asked = false
  #failures = 0
  #sequence = 0
  #isFull = false
  readonly #exported: RecordCount = { spans: 0, logs: 0 }
  #droppedLogs = 0
  #refusesLogs = false
  #state: 'open' | 'draining' | 'closed' = 'open'
  readonly #dropped: Record<string, number> = {}
  readonly #exports = { ok: 0, failed: 0, retried: 0 }

  constructor(seed: QueueSeed) {
    this.#seed = seed
  }

  add(part: SegmentPart): void {
    if (this.#state !== 'open') return this.#drop('shutdown', countRecords([part]))
    const { maxBatchSpans, maxBytes } = this.#seed.options
    const sequence = ++this.#sequence
    if (this.#mayWaitLong) part.spans.forEach(detachSpan)
    const records = part.spans.length + part.logs.length
    if (records <= maxBatchSpans) this.#backlog.add({ spans: part.spans, logs: part.logs, bytes: part.size, failed: part.failed, sequence })
    else for (const slice of sliceRecords(part, maxBatchSpans)) this.#backlog.add({ ...slice, failed: part.failed, sequence })
    if (this.#bytes > maxBytes) this.#makeRoom()
    this.#schedule()
  }

  /** Where nothing is under way and nothing fails, what comes leaves within the interval. */
  get #mayWaitLong(): boolean {
    return this.#underWay !== undefined || this.#failures > 0
  }

  get #bytes(): number {
    return this.#backlog.bytes + (this.#underWay?.bytes ?? 0)
  }

  get #spans(): number {
    return this.#backlog.spans + (this.#underWay?.records.spans ?? 0)
  }

  get #logs(): number {
    return this.#backlog.logs + (this.#underWay?.records.logs ?? 0)
  }

  stats(): QueueStats {
    const { maxBytes } = this.#seed.options
    return {
      spans: this.#spans,
      bytes: Math.round(this.#bytes),
      maxBytes,
      exported: this.#exported.spans,
      dropped: { ...this.#dropped },
      logs: { waiting: this.#logs, exported: this.#exported.logs, dropped: this.#droppedLogs },
      exports: { ...this.#exports },
    }
  }

  /** Changes whenever there is something new to export; 0 where nothing waits. */
  backlog(): number {
    return this.#spans + this.#logs === 0 ? 0 : this.#sequence
  }

  /** True where the last export failed. */
  get failing(): boolean {
    return this.#failures > 0
  }

  /**
   * Exports what is there at the call, retrying until the deadline, a reading of `readClock`; false where some of it is left.
   * `beside` is what else goes to the same exporter before that is flushed.
   */
  async flush(deadline: number, beside?: Promise<void>): Promise<boolean> {
    const last = this.#sequence
    while (this.#oldest() <= last) {
      if (readClock() >= deadline) return false
      if (!this.#underWay && this.#retryAt > readClock()) await within(undefined, Math.min(this.#nextTry(), deadline))
      if (!(await within(this.#exportNext(), deadline))) return false
    }
    if (beside !== undefined) await within(beside, deadline)
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
    while (this.#backlog.records > 0) this.#drop('shutdown', this.#backlog.dropOldest())
    this.#underWay?.abort.abort(new Error('the tracer was shut down'))
    await this.#underWay?.done
  }

  /** Whole segments go, oldest first, those with errors last. Told once, until there is room again. */
  #makeRoom(): void {
    const { maxBytes } = this.#seed.options
    while (this.#bytes > maxBytes && this.#backlog.records > 0) this.#drop('queue_full', this.#backlog.dropOldest())
    if (this.#isFull) return
    this.#isFull = true
    this.#report('QUEUE_FULL', `The export queue is full (${maxBytes} bytes); the oldest segments are dropped`)
  }

  #drop(reason: string, { spans, logs }: RecordCount): void {
    if (spans > 0) this.#dropped[reason] = (this.#dropped[reason] ?? 0) + spans
    this.#droppedLogs += logs
  }

  #schedule(): void {
    if (this.#underWay || this.#state === 'closed' || this.#backlog.records === 0) return
    const retryIn = this.#retryAt === 0 ? 0 : this.#retryAt - readClock()
    const full = this.#backlog.records >= this.#seed.options.maxBatchSpans
    if (this.#timer !== undefined && (!full || this.#hurried)) return
    stopTimer(this.#timer)
    this.#hurried = full || retryIn > 0
    const delay = Math.max(retryIn, full ? 0 : this.#seed.options.flushIntervalMs)
    this.#timer = startTimer(() => void this.#exportNext(), toDelay(delay)).unref()
  }

  #continue(): void {
    const full = this.#backlog.records >= this.#seed.options.maxBatchSpans
    if (full && this.#retryAt === 0 && this.#state !== 'closed' && ++this.#inARow < BATCHES_IN_A_ROW) return void this.#exportNext()
    this.#inARow = 0
    this.#schedule()
  }

  /** Begins the next export unless one is under way; resolves when that one has ended, and never rejects. */
  #exportNext(): Promise<void> {
    stopTimer(this.#timer)
    this.#timer = undefined
    if (this.#underWay) return this.#underWay.done
    const items = this.#backlog.take(this.#seed.options.maxBatchSpans)
    if (items.length === 0) return Promise.resolve()
    const abort = new AbortController()
    const done = this.#exportItems(items, abort).finally(() => this.#continue())
    this.#underWay = { items, abort, done, records: countRecords(items), bytes: sumBytes(items) }
    return done
  }

  async #exportItems(items: readonly BacklogItem[], abort: AbortController): Promise<void> {
    // The caller notes first what is under way.
    await Promise.resolve()
    const result = await this.#attempt(items, abort)
    const records = this.#underWay?.records ?? { spans: 0, logs: 0 }
    this.#underWay = undefined
    if (result.ok) return this.#delivered(records, result)
    if (result.spansTaken && result.unsupported) return this.#deliveredSpans(records, result)
    this.#exports.failed++
    const rest = result.spansTaken ? this.#spansTaken(items, result.rejected ?? 0) : items
    const left = countRecords(rest)
    if (this.#state === 'closed') return this.#drop('shutdown', left)
    if (result.retryable) return this.#putBack(rest, result)
    this.#drop('export_failed', left)
    this.#report('EXPORT_FAILED', `The exporter refused ${describeRecords(left)}: ${messageOf(result.error)}`, result.error)
  }

  /** Only the log lines are left to export. */
  #spansTaken(items: readonly BacklogItem[], rejected: number): BacklogItem[] {
    this.#countExported({ spans: countRecords(items).spans, logs: 0 }, rejected)
    const left: BacklogItem[] = []
    for (const { spans, logs, bytes, failed, sequence } of items)
      if (logs.length > 0) left.push({ spans: [], logs, bytes: (bytes * logs.length) / (spans.length + logs.length), failed, sequence })
    return left
  }

  #attempt(items: readonly BacklogItem[], abort: AbortController): Promise<ExportResult> {
    const { exporter, options } = this.#seed
    return attemptExport(exporter, this.#toBatch(items), {
      timeoutMs: options.exportTimeoutMs,
      abort,
      hurried: () => this.#state === 'closed',
    })
  }

  #toBatch(items: readonly BacklogItem[]): ExportBatch {
    const { resource, prepare, prepareLog } = this.#seed
    const spans: SpanData[] = []
    const logs: LogRecord[] = []
    for (const item of items) {
      this.#prepareEach(item.spans, prepare, spans)
      if (item.logs.length > 0) this.#prepareEach(item.logs, prepareLog, logs)
    }
    return { resource, spans, logs, metrics: NO_METRICS }
  }

  /** A record that cannot be prepared is lost alone; sent as it is it might show what must stay hidden. */
  #prepareEach<T, R>(records: readonly T[], prepare: (record: T) => R, prepared: R[]): void {
    for (const record of records) {
      try {
        prepared.push(prepare(record))
      } catch (error) {
        this.#report('INTERNAL', 'A span or a log line could not be masked and was dropped', error)
      }
    }
  }

  /** The receiver has no place for log lines. Told once, until it takes some. */
  #deliveredSpans({ spans, logs }: RecordCount, { rejected, error }: Extract<ExportResult, { ok: false }>): void {
    this.#delivered({ spans, logs: 0 }, { rejected: rejected ?? 0 })
    this.#droppedLogs += logs
    if (this.#refusesLogs) return
    this.#refusesLogs = true
    this.#report('LOGS_UNSUPPORTED', `Recorded log lines are dropped: ${messageOf(error)}`, error)
  }

  #delivered(
    records: RecordCount,
    { rejected = 0, rejectedLogs = 0 }: { readonly rejected?: number; readonly rejectedLogs?: number },
  ): void {
    this.#exports.ok++
    this.#failures = 0
    this.#retryAt = 0
    this.#asked = false
    if (this.#bytes <= this.#seed.options.maxBytes / 2) this.#isFull = false
    this.#countExported(records, rejected)
    const lostLogs = toCount(rejectedLogs, records.logs)
    this.#exported.logs -= lostLogs
    this.#droppedLogs += lostLogs
    if (records.logs > 0) this.#refusesLogs = false
  }

  #countExported({ spans, logs }: RecordCount, told: number): void {
    const rejected = toCount(told, spans)
    this.#exported.spans += spans - rejected
    this.#exported.logs += logs
    this.#drop('rejected', { spans: rejected, logs: 0 })
    if (rejected > 0) this.#report('EXPORT_REJECTED', `The receiver refused ${rejected} of ${countSpans(spans)} for good`)
  }

  #putBack(items: readonly BacklogItem[], { error, retryAfterMs }: Extract<ExportResult, { ok: false }>): void {
    if (this.#failures === 0) for (const { spans } of items) spans.forEach(detachSpan)
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
