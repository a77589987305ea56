import { activeExemplar } from './active-exemplar.js'
import type { AttributesInput } from './attributes.js'
import type { Clock } from './clock.js'
import { TraceError } from './errors.js'
import type { MetricData } from './exporter.js'
import type { Metric, Series } from './metric.js'
import type { ResolvedMetrics, ResolvedOptions } from './options.js'
import { OwnMetrics } from './own-metrics.js'
import type { Redaction } from './redaction.js'
import type { SpanData } from './span-data.js'
import { SPAN_METRIC_NAMES, SpanMetrics } from './span-metrics.js'

/** What the metrics of a tracer count. */
export interface MetricStats {
  /** Combinations of attributes that are kept. */
  readonly series: number
  /** Measurements counted under `otel.metric.overflow`, as there were `metrics.maxSeries` series. */
  readonly overflowed: number
  /** Values of `recordValue` that could not be counted. */
  readonly invalid: number
}

/** A segment, as far as the duration of its spans goes. */
export interface MeasuredSegment {
  readonly kept: boolean
  /** Time to the first byte of the response, in milliseconds. */
  readonly responseMs: number | undefined
  /** Time to the end of the response as the application wrote it, in milliseconds. */
  readonly answeredMs: number | undefined
  readonly streamsEvents: boolean
  readonly root: unknown
}

/** What metrics are made from. */
export interface MetricsSeed {
  readonly options: ResolvedMetrics
  readonly limits: ResolvedOptions['limits']
  readonly redaction: Redaction
  readonly clock: Clock
  /** A span that is longer under way is a stream, in milliseconds. */
  readonly slowerThanMs: (span: SpanData) => number
  readonly report: (error: TraceError) => void
}

interface Taken {
  readonly series: Series
  readonly count: number
}

/** A receiver that forgot what did not change, as it was restarted or takes silence for an end, has it again after this time. */
const RESEND_MS = 60_000

/** OpenTelemetry, "Metrics API", "Instrument name syntax". */
const NAME = /^[A-Za-z][A-Za-z0-9_./-]{0,254}$/

/** Counts how long requests and spans take, all of them, and hands out what has changed. Sums are absolute since the start, so a lost export loses nothing. */
export class Metrics {
  /** Called when something changes after `collect` had found everything. */
  onChange: (() => void) | undefined
  /** How often that was. */
  revision = 0
  readonly #seed: MetricsSeed
  readonly #startTime: number
  readonly #all: Series[] = []
  readonly #spans: SpanMetrics
  readonly #own: OwnMetrics
  readonly #told = new Set<string>()
  #changed = false
  #cursor = 0
  /** A reading of the monotonic clock: when the last round began that went through all series. */
  #allAt: number
  /** True in a round that goes through all of them. */
  #isFull = false
  #taken: Taken[] = []
  #invalid = 0

  constructor(seed: MetricsSeed) {
    this.#seed = seed
    this.#startTime = seed.clock.now()
    this.#allAt = seed.clock.monotonic()
    const { spans: patterns, maxSeries } = seed.options
    this.#spans = new SpanMetrics({ patterns, maxSeries, redaction: seed.redaction, all: this.#all })
    this.#own = new OwnMetrics({ limits: seed.limits, maxSeries, redaction: seed.redaction, all: this.#all })
  }

  /** Counts a span that has ended, after the verdict on it. `wanted` is what its options say. */
  spanEnded(span: SpanData, segment: MeasuredSegment, wanted: boolean | undefined): void {
    const series = this.#spans.seriesOf(span, wanted)
    if (series === undefined) return
    const durationMs = span.kind === 'server' ? this.#answerMs(span, segment) : span.duration
    series.histogram.record(durationMs / 1000, span.startTime + span.duration, segment.kept ? span : undefined)
    if (!this.#changed) this.#change()
  }

  /** The time to the end of the answer; of streams, and of what the caller broke off, that to the first byte. */
  #answerMs(span: SpanData, { responseMs, answeredMs, streamsEvents }: MeasuredSegment): number {
    if (streamsEvents || span.attributes['clew.aborted'] === true) return responseMs ?? span.duration
    const whole = answeredMs ?? span.duration
    return responseMs === undefined || whole < this.#seed.slowerThanMs(span) ? whole : responseMs
  }

  /** A measurement of one's own. Never throws. */
  recordValue(name: string, value: number, attributes: AttributesInput | undefined): void {
    const problem = problemOf(name, value)
    if (problem !== undefined) return this.#refuse(name, problem)
    const series = this.#own.seriesOf(name, attributes)
    if (series === undefined) return this.#refuse(name, 'is one name too many: there are metrics.maxSeries series already')
    series.histogram.record(value, this.#seed.clock.now(), activeExemplar())
    if (!this.#changed) this.#change()
  }

  #refuse(name: unknown, problem: string): void {
    this.#invalid++
    const text = String(name).slice(0, 80)
    if (this.#told.has(text) || this.#told.size >= 100) return
    this.#told.add(text)
    this.#seed.report(new TraceError('INVALID_MEASUREMENT', `recordValue(${JSON.stringify(text)}) ${problem}; the value is not counted`))
  }

  #change(): void {
    this.#changed = true
    this.revision++
    this.onChange?.()
  }

  /** True where something has changed that the exporter has not taken, or has not been given. */
  get changed(): boolean {
    return this.#changed || this.#cursor > 0
  }

  /** The next of the series that changed, or of all of them where that is due, at most `maxPoints`; none where the round is over. */
  collect(maxPoints: number): MetricData[] {
    const nowMs = this.#seed.clock.monotonic()
    if (this.#cursor === 0) {
      this.#changed = false
      this.#isFull = nowMs - this.#allAt >= RESEND_MS
    }
    const taken: Taken[] = []
    let cursor = this.#cursor
    for (; cursor < this.#all.length && taken.length < maxPoints; cursor++) {
      const series = this.#all[cursor] as Series
      if (this.#isFull || series.histogram.count !== series.exported) taken.push({ series, count: series.histogram.count })
    }
    this.#taken = taken
    this.#cursor = taken.length === 0 ? 0 : cursor
    if (taken.length === 0 && this.#isFull) this.#allAt = nowMs
    return this.#toData(taken)
  }

  #toData(taken: readonly Taken[]): MetricData[] {
    const time = this.#seed.clock.now()
    const byMetric = new Map<Metric, Series[]>()
    for (const { series } of taken) {
      const others = byMetric.get(series.metric)
      if (others === undefined) byMetric.set(series.metric, [series])
      else others.push(series)
    }
    return Array.from(byMetric, ([{ name, unit, description }, series]) => ({
      name,
      unit,
      ...(description === undefined ? undefined : { description }),
      points: series.map((one) => one.toPoint(this.#startTime, time)),
    }))
  }

  /** Whether the exporter took what was collected last; where it did not, a new round begins. */
  settle(taken: boolean): void {
    if (taken) for (const { series, count } of this.#taken) series.exported = count
    else {
      this.#cursor = 0
      this.#changed = true
    }
    this.#taken = []
  }

  stats(): MetricStats {
    const overflowed = [...this.#spans.metrics, ...this.#own.metrics].reduce((total, metric) => total + metric.overflowed, 0)
    return { series: this.#all.length, overflowed, invalid: this.#invalid }
  }
}

function problemOf(name: unknown, value: unknown): string | undefined {
  if (typeof name !== 'string' || !NAME.test(name))
    return 'has no name that OpenTelemetry allows: a letter, then letters, digits and _ . - /'
  if (SPAN_METRIC_NAMES.includes(name)) return 'has the name of a metric that is counted from spans'
  if (typeof value !== 'number' || !Number.isFinite(value)) return `was given ${String(value).slice(0, 40)}, which is no finite number`
  return value < 0 ? `was given ${value}: a histogram holds values of 0 and more` : undefined
}
