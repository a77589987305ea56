import { type AttributesInput, keysOf, readProperty, toAttributes, type AttributeLimits } from './attributes.js'
import { VALUE_RANGE } from './histogram-buckets.js'
import { Metric, type Series, type SeriesBudget } from './metric.js'
import type { Redaction } from './redaction.js'
import type { Attributes } from './span-data.js'

const MAX_KEY_LENGTH = 2_000

/** A metric of `recordValue` and its series by their attributes. */
interface OwnMetric {
  readonly metric: Metric
  readonly series: Map<string, Series>
}

/** What the metrics of `recordValue` are made from. */
export interface OwnMetricsSeed {
  readonly limits: AttributeLimits
  readonly maxSeries: number
  readonly redaction: Redaction
  readonly all: Series[]
}

/** Finds the series of a measurement of one's own. All metrics share one bound, or many names would get around it. */
export class OwnMetrics {
  readonly #metrics = new Map<string, OwnMetric>()
  readonly #seed: OwnMetricsSeed
  readonly #budget: SeriesBudget

  constructor(seed: OwnMetricsSeed) {
    this.#seed = seed
    this.#budget = { left: seed.maxSeries }
  }

  get metrics(): readonly Metric[] {
    return Array.from(this.#metrics.values(), ({ metric }) => metric)
  }

  /** Undefined where there is no room for another name. */
  seriesOf(name: string, input: AttributesInput | undefined): Series | undefined {
    const own = this.#metrics.get(name) ?? this.#add(name)
    if (own === undefined) return undefined
    const key = input === undefined ? '' : keyOf(input)
    if (key.length > MAX_KEY_LENGTH) return this.#seriesOfLong(own, input)
    const known = own.series.get(key)
    return known ?? this.#create(own, toAttributes(input, this.#seed.limits).attributes, key)
  }

  /** A key is held on to for as long as its series: of what is long only the part that is recorded. */
  #seriesOfLong(own: OwnMetric, input: AttributesInput | undefined): Series {
    const { attributes } = toAttributes(input, this.#seed.limits)
    const key = keyOf(attributes)
    return own.series.get(key) ?? this.#create(own, attributes, key)
  }

  #add(name: string): OwnMetric | undefined {
    if (this.#budget.left <= 0) return undefined
    const { redaction, all } = this.#seed
    const metric = new Metric({ name, unit: '', range: VALUE_RANGE, budget: this.#budget, redaction, all })
    const own = { metric, series: new Map<string, Series>() }
    this.#metrics.set(name, own)
    return own
  }

  #create({ metric, series }: OwnMetric, attributes: Attributes, key: string): Series {
    if (metric.isFull) return metric.overflow()
    const created = metric.create(attributes)
    series.set(key, created)
    return created
  }
}

/** The same for equal attributes, in whatever order they stand. What counts as equal is what JSON shows of a value. */
function keyOf(input: AttributesInput): string {
  const names = keysOf(input)
  if (names.length > 1) names.sort()
  let key = ''
  for (const name of names) key += `${JSON.stringify(name)}:${textOf(readProperty(input, name))},`
  return key
}

function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'object':
      return jsonOf(value)
    default:
      return String(value)
  }
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return '[unreadable]'
  }
}
