import { detach } from './attributes.js'
import type { HistogramPoint } from './exporter.js'
import { Histogram } from './histogram.js'
import type { BucketRange } from './histogram-buckets.js'
import type { Redaction } from './redaction.js'
import type { Attributes } from './span-data.js'

/** One combination of attributes of a metric, and what was counted under it. */
export class Series {
  readonly metric: Metric
  readonly attributes: Attributes
  readonly histogram: Histogram
  /** How many of its measurements the exporter has taken. */
  exported = 0

  constructor(metric: Metric, attributes: Attributes) {
    this.metric = metric
    this.attributes = attributes
    this.histogram = new Histogram(metric.range)
  }

  toPoint(startTime: number, time: number): HistogramPoint {
    return this.histogram.toPoint(this.attributes, startTime, time)
  }
}

/** How many more series may begin; several metrics can share one. */
export interface SeriesBudget {
  left: number
}

/** What a metric is made from. */
export interface MetricSeed {
  readonly name: string
  /** UCUM; empty where it is not known. */
  readonly unit: string
  readonly description?: string
  readonly range: BucketRange
  readonly budget: SeriesBudget
  readonly redaction: Redaction
  /** Where new series are put. */
  readonly all: Series[]
}

/** OpenTelemetry, "Metrics SDK", "Overflow attribute". */
const OVERFLOW: Attributes = { 'otel.metric.overflow': true }

/** A metric's series, within a bound. */
export class Metric {
  readonly name: string
  readonly unit: string
  readonly description: string | undefined
  readonly range: BucketRange
  /** Measurements that were counted without their attributes. */
  overflowed = 0
  readonly #seed: MetricSeed
  readonly #byContent = new Map<string, Series>()
  #overflow: Series | undefined

  constructor(seed: MetricSeed) {
    this.name = seed.name
    this.unit = seed.unit
    this.description = seed.description
    this.range = seed.range
    this.#seed = seed
  }

  get isFull(): boolean {
    return this.#seed.budget.left <= 0
  }

  /** The series of these attributes, which are masked first: what is equal then is one series. Only to be asked for where the metric is not full. */
  create(attributes: Attributes): Series {
    this.#seed.budget.left--
    return this.#find(this.#seed.redaction.attributes(detachAll(attributes)))
  }

  /** The one that takes what there is no room for. */
  overflow(): Series {
    this.overflowed++
    return (this.#overflow ??= this.#find(OVERFLOW))
  }

  #find(attributes: Attributes): Series {
    const names = Object.keys(attributes).sort()
    const content = JSON.stringify(names.map((name) => [name, attributes[name]]))
    const known = this.#byContent.get(content)
    if (known !== undefined) return known
    const series = new Series(this, attributes)
    this.#byContent.set(content, series)
    this.#seed.all.push(series)
    return series
  }
}

/** A series lives as long as the process: what its attributes were cut out of need not. */
function detachAll(attributes: Attributes): Attributes {
  const own: Attributes = {}
  for (const [name, value] of Object.entries(attributes)) own[name] = typeof value === 'string' ? detach(value) : value
  return own
}
