import { type AttributesInput, readProperty } from './attributes.js'
import { Timeline } from './clock.js'
import { contextStorage } from './context.js'
import { createCounters, type SegmentCounters } from './counters.js'
import { readEnvironment } from './env.js'
import { TraceError } from './errors.js'
import { flushOnExit, forgetOnExit } from './exit.js'
import type { Exporter } from './exporter.js'
import { createExporter } from './exporter-choice.js'
import { createExternalIdGuard } from './external-id.js'
import { createIdGenerator, type IdGenerator } from './ids.js'
import { toLogRecord } from './log-records.js'
import type { ResolvedOptions, SamplingOptions, TracerOptions, Trust } from './options.js'
import { resolveOptions } from './options.js'
import { resolveSampling } from './sampling-options.js'
import { MetricSender } from './metric-sender.js'
import { Metrics, type MetricStats } from './metrics.js'
import { Keeper } from './keeper.js'
import { NOOP_SPAN } from './passive-span.js'
import type { RemoteContext } from './propagator.js'
import { ExportQueue, NO_QUEUE } from './queue.js'
import { NO_RECORDER } from './recorder.js'
import { redactSpan } from './redact-span.js'
import { BUILT_IN, Redaction } from './redaction.js'
import { linkToRemote, toRemoteContext } from './remote-parent.js'
import { createReporter } from './report.js'
import { createResource } from './resource.js'
import { runSpan } from './run-span.js'
import { type HeadDecision, type HeadTrace, Sampler } from './sampler.js'
import { Segment } from './segment.js'
import type { SegmentOwner, SegmentPart } from './segment-seed.js'
import type { Resource, SpanData } from './span-data.js'
import { RecordedSpan } from './recorded-span.js'
import { isSpanPort, kindOf, linksOf, metricOf, parentOf, startTimeOf, type LinkInput, type Span, type SpanOptions } from './span.js'
import { notifySpanEnd, type SpanAudience } from './span-listeners.js'
import { slowLimit } from './verdict.js'
import { readClock, within } from './waiting.js'

import type { SegmentStart, TracerStats } from './tracer-port.js'

export type { SegmentStart, Tracer, TracerPort, TracerStats } from './tracer-port.js'

const NO_METRICS: MetricStats = { series: 0, overflowed: 0, invalid: 0 }
const METRICS_INTERVAL_MS = 10_000
const DEFAULT_TIMEOUT_MS = 10_000
/** What an exporter has to close, where the flush has used up the time. */
const CLOSE_TIMEOUT_MS = 250

export class ClewTracer implements SegmentOwner {
  readonly service: string
  readonly resource: Resource
  readonly collects: boolean
  readonly disabled: boolean
  readonly counters: SegmentCounters
  readonly metrics: Metrics | undefined
  readonly report: (error: TraceError) => void
  #options: ResolvedOptions
  readonly #timeline: Timeline
  readonly #ids: IdGenerator
  readonly #exporter: Exporter | undefined
  readonly #queue: ExportQueue | undefined
  readonly #sender: MetricSender | undefined
  readonly keeper: Keeper | undefined
  readonly #guard: ReturnType<typeof createExternalIdGuard>
  #sampler: Sampler
  readonly #redaction: Redaction
  readonly #audience: SpanAudience
  #shutdown: Promise<void> | undefined

  constructor(options: ResolvedOptions) {
    const { service, attributes } = createResource(options)
    this.service = service
    this.disabled = options.disabled
    this.report = createReporter(options.onError)
    this.#redaction = options.redact ? new Redaction(options.redact, (error) => this.callbackFailed('redact', error)) : BUILT_IN
    this.#audience = {
      redaction: this.#redaction,
      onSpanEnd: options.onSpanEnd,
      onThrow: (error) => this.callbackFailed('onSpanEnd', error),
    }
    this.resource = { attributes: this.#redaction.attributes(attributes) }
    this.counters = createCounters()
    this.#options = options
    this.#timeline = new Timeline(options.clock)
    this.#ids = createIdGenerator(options.random)
    this.#guard = createExternalIdGuard({ now: () => options.clock.now() })
    this.#sampler = this.#createSampler(options)
    this.#exporter = options.disabled ? undefined : createExporter(options.exporter, this.report)
    this.collects = this.#exporter !== undefined
    this.#queue =
      this.#exporter &&
      new ExportQueue({
        exporter: this.#exporter,
        resource: this.resource,
        options: options.queue,
        prepare: (span) => redactSpan(span, this.#redaction),
        prepareLog: (log) => toLogRecord(log, options.limits, this.#redaction),
        onError: this.report,
      })
    this.metrics = this.#exporter && this.#createMetrics(options)
    this.#sender = this.#exporter && this.metrics && this.#createSender(this.#exporter, this.metrics)
    this.keeper = this.#exporter && this.#createKeeper(this.#exporter)
    if (this.#queue && options.flushOnExit) flushOnExit(this)
    options.warnings.forEach((warning) => this.report(warning))
  }

  get options(): ResolvedOptions {
    return this.#options
  }

  get closed(): boolean {
    return this.#shutdown !== undefined
  }

  get used(): boolean {
    return this.counters.spansStarted > 0
  }

  #createSampler(options: ResolvedOptions): Sampler {
    return new Sampler(options.sampling, (error) => this.callbackFailed('sampling.sampler', error))
  }

  #createMetrics({ metrics, limits, clock }: ResolvedOptions): Metrics | undefined {
    if (metrics === false) return undefined
    const slowerThanMs = (span: SpanData): number => slowLimit(span, this.#options.sampling)
    return new Metrics({ options: metrics, limits, redaction: this.#redaction, clock, slowerThanMs, report: this.report })
  }

  #createSender(exporter: Exporter, metrics: Metrics): MetricSender {
    const { queue, metrics: options } = this.#options
    return new MetricSender({
      metrics,
      exporter,
      resource: this.resource,
      exportTimeoutMs: queue.exportTimeoutMs,
      intervalMs: METRICS_INTERVAL_MS,
      asked: options !== false && options.asked,
      spansFail: () => this.#queue?.failing === true,
      onError: this.report,
    })
  }

  #createKeeper(exporter: Exporter): Keeper {
    return new Keeper({
      exporter,
      recorder: this.#options.recorder,
      counters: this.counters,
      sampling: () => this.#options.sampling,
      monotonic: () => this.#timeline.monotonic(),
      handOver: (part) => this.handOver(part),
      report: this.report,
    })
  }

  setSampling(options: SamplingOptions): void {
    this.#options = { ...this.#options, sampling: resolveSampling(options, readEnvironment(process.env)) }
    this.#sampler = this.#createSampler(this.#options)
  }

  startSpan(name: string, options?: SpanOptions): Span {
    const context = contextStorage.getStore()
    if (this.disabled || context?.suppressed) return NOOP_SPAN
    try {
      const given = parentOf(options)
      const parent = given === undefined ? context?.span : given
      return isSpanPort(parent)
        ? parent.startChild(name, options)
        : this.#startInput(name, options, toRemoteContext(parent), linksOf(options))
    } catch (error) {
      this.report(new TraceError('INTERNAL', 'A span could not be begun', { cause: error }))
      return NOOP_SPAN
    }
  }

  withSpan<T>(name: string, a: SpanOptions | ((span: Span) => T), b?: (span: Span) => T): T {
    return typeof a === 'function' ? runSpan(this.startSpan(name), a) : runSpan(this.startSpan(name, a), b as (span: Span) => T)
  }

  /** A trace that begins here. */
  startRoot(name: string, options: SpanOptions | undefined, links: readonly LinkInput[]): RecordedSpan {
    return this.#startInput(name, options, undefined, links)
  }

  // oxlint-disable-next-line max-params -- what startSpan was given, as far as it is read already
  #startInput(
    name: string,
    options: SpanOptions | undefined,
    remote: RemoteContext | undefined,
    links: readonly LinkInput[],
  ): RecordedSpan {
    // Of a context that was read from headers the tracer decides how far it is taken.
    const received = remote !== undefined && remote === parentOf(options) && typeof this.#options.trust === 'string'
    const trust = received ? (this.#options.trust as Trust) : 'continue'
    const input = readProperty(options, 'attributes') as AttributesInput | undefined
    const startTime = startTimeOf(options)
    const span = this.startSegment({ name, kind: kindOf(options), attributes: {}, input, remote, trust, startTime, links })
    span.setMetric(metricOf(options))
    return span
  }

  startSegment(start: SegmentStart): RecordedSpan {
    const remote = this.#trusted(start)
    const traceId = remote?.traceId ?? this.#ids.traceId()
    const random = remote?.traceId === undefined || remote.random
    const anchor = this.#timeline.anchor()
    const startedAt = this.#timeline.reading
    const received = remote?.traceId === undefined ? undefined : remote.traceState
    const { sampled, traceState } = this.#decide(start, remote, { traceId, random, traceState: received, nowMs: startedAt })
    const { externalId, requestId, correlationId } = start.remote ?? NO_IDS
    // An id that was not taken stays behind as an attribute; answers and calls carry ours.
    const takenId = remote?.traceId === undefined ? undefined : externalId
    const seed = { traceId, sampled, random, traceState, anchor, externalId: takenId, requestId, correlationId }
    const segment = new Segment(this, seed, startedAt)
    if (!sampled && remote?.traceId !== undefined && this.keeper?.isKept(traceId)) segment.follow()
    const { attributes } = start
    if (externalId !== undefined) attributes['trace.external_id'] = externalId
    if (requestId !== undefined) attributes['request.id'] = requestId
    if (correlationId !== undefined) attributes['correlation.id'] = correlationId
    const parentSpanId = remote?.traceId === undefined ? undefined : remote.spanId
    const span = new RecordedSpan(segment, {
      name: start.name,
      kind: start.kind,
      parentSpanId,
      parentIsRemote: parentSpanId === undefined ? undefined : true,
      attributes,
      startTime: start.startTime,
      startedAt,
    })
    if (start.input) span.setAttributes(start.input)
    start.links?.forEach((link) => span.addLink(link))
    if (start.trust === 'restart') linkToRemote(span, start.remote)
    return span
  }

  /** The received ids, as far as they are to be taken. */
  #trusted({ remote, trust }: SegmentStart): RemoteContext | undefined {
    if (remote?.traceId === undefined || trust === 'restart' || trust === 'ignore') return undefined
    // A constant in place of an id would merge all traffic into one trace.
    if (remote.derived && remote.externalId !== undefined && !this.#guard.admit(remote.externalId)) return undefined
    return remote
  }

  #decide(start: SegmentStart, remote: RemoteContext | undefined, trace: HeadTrace): HeadDecision {
    const inherited = start.trust === 'continue' ? remote?.sampled : undefined
    if (inherited === true) return this.#sampler.obey(trace)
    if (inherited === false) return { sampled: false, traceState: trace.traceState }
    const request = { traceId: trace.traceId, name: start.name, attributes: start.input ?? start.attributes, remote: remote !== undefined }
    return this.#sampler.decide(request, trace)
  }

  monotonic(): number {
    return this.#timeline.monotonic()
  }

  nextSpanId(): string {
    return this.#ids.spanId()
  }

  spanEnded(span: SpanData): void {
    notifySpanEnd(span, this.#audience)
  }

  handOver(part: SegmentPart): void {
    this.#queue?.add(part)
  }

  recordValue(name: string, value: number, attributes: AttributesInput | undefined): void {
    this.metrics?.recordValue(name, value, attributes)
  }

  callbackFailed(option: string, error: unknown): void {
    this.report(new TraceError('CALLBACK_FAILED', `The function given as ${option} threw`, { cause: error }))
  }

  backlog(): number {
    return (this.#queue?.backlog() ?? 0) + (this.#sender?.backlog() ?? 0)
  }

  async flush({ timeoutMs = DEFAULT_TIMEOUT_MS }: { timeoutMs?: number } = {}): Promise<void> {
    this.keeper?.settle()
    if (!this.#queue) return
    const deadline = readClock() + timeoutMs
    const done = await this.#queue.flush(deadline, this.#sender?.flush(deadline))
    if (done) return
    const { spans, logs } = this.#queue.stats()
    this.report(flushTimeout(spans, logs.waiting, timeoutMs))
  }

  shutdown(options: { timeoutMs?: number } = {}): Promise<void> {
    this.#shutdown ??= this.#close(options)
    return this.#shutdown
  }

  async #close(options: { timeoutMs?: number }): Promise<void> {
    forgetOnExit(this)
    const deadline = readClock() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS)
    this.keeper?.close()
    this.#queue?.drain()
    await this.flush(options)
    await Promise.all([this.#queue?.close(), this.#sender?.close()])
    try {
      if (this.#exporter) await within(this.#exporter.close(), Math.max(deadline, readClock() + CLOSE_TIMEOUT_MS))
    } catch (error) {
      this.report(new TraceError('EXPORT_FAILED', 'The exporter could not be closed', { cause: error }))
    }
  }

  stats(): TracerStats {
    return {
      ...this.counters,
      kept: { ...this.counters.kept },
      openSegments: this.keeper?.open.count ?? 0,
      queue: this.#queue?.stats() ?? NO_QUEUE,
      recorder: this.keeper?.stats() ?? NO_RECORDER,
      metrics: this.metrics?.stats() ?? NO_METRICS,
    }
  }
}

const NO_IDS: { externalId?: string; requestId?: string; correlationId?: string } = {}

/** A tracer that stands for itself; see `createTracer`, which also makes it the default. Throws `INVALID_OPTION`. */
export function buildTracer(options: TracerOptions | undefined): ClewTracer {
  return new ClewTracer(resolveOptions(options))
}

function flushTimeout(spans: number, logs: number, timeoutMs: number): TraceError {
  const waiting = [spans === 1 ? '1 span' : `${spans} spans`, ...(logs === 0 ? [] : [logs === 1 ? '1 log line' : `${logs} log lines`])]
  const were = spans === 1 && logs === 0 ? 'was' : 'were'
  return new TraceError('FLUSH_TIMEOUT', `${waiting.join(' and ')} ${were} not exported within ${timeoutMs} ms`)
}
