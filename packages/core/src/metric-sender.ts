import { messageOf, TraceError, type TraceErrorCode } from './errors.js'
import { attemptExport, MAX_RETRY_AFTER_MS, UNSUPPORTED_MS } from './export-attempt.js'
import type { Exporter, ExportResult } from './exporter.js'
import type { Metrics } from './metrics.js'
import type { Resource } from './span-data.js'
import { readClock, startTimer, stopTimer, toDelay, within } from './waiting.js'

type Failure = Extract<ExportResult, { ok: false }>

/** What the sender is made from. */
export interface MetricSenderSeed {
  readonly metrics: Metrics
  readonly exporter: Exporter
  readonly resource: Resource
  readonly exportTimeoutMs: number
  /** How long a change waits for others, in milliseconds. */
  readonly intervalMs: number
  /** True where somebody asked for metrics, and wants to know that nobody takes them. */
  readonly asked: boolean
  /** True where spans do not arrive either, which has been told. */
  readonly spansFail: () => boolean
  readonly onError: (error: TraceError) => void
}

const MAX_POINTS = 256
const FLUSH_TRIES = 3
const FLUSH_RETRY_MS = 100

/** Brings metrics to the exporter, beside the queue of the spans: one export at a time, when something has changed. */
export class MetricSender {
  readonly #seed: MetricSenderSeed
  #timer: NodeJS.Timeout | undefined
  #round: Promise<Failure | undefined> | undefined
  #abort: AbortController | undefined
  #pausedUntil = 0
  #toldUnsupported = false
  #failing = false
  #closed = false

  constructor(seed: MetricSenderSeed) {
    this.#seed = seed
    seed.metrics.onChange = () => this.#schedule(seed.intervalMs)
  }

  /** Changes whenever there is something new to export; 0 where there is not. */
  backlog(): number {
    const { metrics } = this.#seed
    return metrics.changed && !this.#isPaused() ? metrics.revision : 0
  }

  /** Exports what had changed at the call, trying again a few times until the deadline, a reading of `readClock`. What is lost is contained in the next export. */
  async flush(deadline: number): Promise<void> {
    if (this.#round !== undefined && !(await within(this.#round, deadline))) return
    for (let tries = 1; this.backlog() !== 0 && readClock() < deadline; tries++) {
      const round = this.#startRound()
      if (!(await within(round, deadline))) return
      const failure = await round
      if (failure === undefined || !failure.retryable || tries >= FLUSH_TRIES) return
      const nextTry = Math.max(readClock() + FLUSH_RETRY_MS, this.#pausedUntil)
      if (nextTry >= deadline) return
      await within(undefined, nextTry)
      // Timers may fire a little early.
      this.#pausedUntil = 0
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    stopTimer(this.#timer)
    this.#abort?.abort(new Error('the tracer was shut down'))
    await this.#round
  }

  #isPaused(): boolean {
    return this.#closed || readClock() < this.#pausedUntil
  }

  #schedule(delayMs: number): void {
    if (this.#closed || this.#timer !== undefined || this.#round !== undefined) return
    const delay = Math.max(delayMs, this.#pausedUntil - readClock())
    this.#timer = startTimer(() => void this.#startRound(), toDelay(delay)).unref()
  }

  /** Exports all that has changed; resolves with what went wrong, and never rejects. */
  #startRound(): Promise<Failure | undefined> {
    stopTimer(this.#timer)
    this.#timer = undefined
    this.#round ??= this.#exportAll().finally(() => {
      this.#round = undefined
      if (this.#seed.metrics.changed) this.#schedule(this.#seed.intervalMs)
    })
    return this.#round
  }

  async #exportAll(): Promise<Failure | undefined> {
    // The caller notes first what is under way.
    await Promise.resolve()
    const { metrics, exporter, resource, exportTimeoutMs: timeoutMs } = this.#seed
    for (let data = metrics.collect(MAX_POINTS); data.length > 0; data = metrics.collect(MAX_POINTS)) {
      this.#abort = new AbortController()
      const options = { timeoutMs, abort: this.#abort, hurried: () => this.#closed }
      const result = await attemptExport(exporter, { resource, spans: [], logs: [], metrics: data }, options)
      metrics.settle(result.ok)
      if (!result.ok) return this.#failed(result)
      this.#failing = false
    }
    return undefined
  }

  #failed(failure: Failure): Failure {
    const { retryable, retryAfterMs, unsupported } = failure
    if (retryable) this.#pausedUntil = retryAfterMs === undefined ? 0 : readClock() + Math.min(retryAfterMs, MAX_RETRY_AFTER_MS)
    else this.#pausedUntil = readClock() + UNSUPPORTED_MS
    if (unsupported) this.#tellUnsupported(failure.error)
    else if (!retryable) this.#report('EXPORT_FAILED', 'The exporter refused metrics and is asked again in 10 minutes', failure.error)
    else if (!this.#failing && !this.#closed && !this.#seed.spansFail())
      this.#report('EXPORT_UNREACHABLE', 'Metrics cannot be delivered, trying again', failure.error)
    this.#failing = true
    return failure
  }

  /** Many receivers of spans take nothing else, which only matters to who asked for more. */
  #tellUnsupported(error: unknown): void {
    if (!this.#seed.asked || this.#toldUnsupported) return
    this.#toldUnsupported = true
    this.#report('METRICS_UNSUPPORTED', 'The receiver takes no metrics; it is asked again every 10 minutes', error)
  }

  #report(code: TraceErrorCode, message: string, error: unknown): void {
    this.#seed.onError(new TraceError(code, `${message}: ${messageOf(error)}`, { cause: error }))
  }
}
