import { detach } from './attributes.js'
import type { Exemplar, HistogramPoint } from './exporter.js'
import { boundOf, type BucketRange, bucketOf, SCALE } from './histogram-buckets.js'
import type { Attributes } from './span-data.js'

/** The span that a measurement was made in, where its trace is kept. */
export interface ExemplarSource {
  readonly traceId: string
  readonly spanId: string
}

/** The window grows by whole octaves. */
const GROWTH = 8

/** Counts of neighbouring buckets, each with the latest exemplar; written in place. */
class Slots {
  readonly counts: Float64Array
  readonly values: Float64Array
  readonly times: Float64Array
  readonly traceIds: string[]
  readonly spanIds: string[]
  /** 1 where the ids may still be part of a longer text. */
  readonly #raw: Uint8Array

  constructor(length: number) {
    this.counts = new Float64Array(length)
    this.values = new Float64Array(length)
    this.times = new Float64Array(length)
    this.traceIds = Array.from({ length }, () => '')
    this.spanIds = Array.from({ length }, () => '')
    this.#raw = new Uint8Array(length)
  }

  get length(): number {
    return this.counts.length
  }

  /** The same counts in a longer window. */
  grow(before: number, after: number): Slots {
    const grown = new Slots(before + this.length + after)
    grown.counts.set(this.counts, before)
    grown.values.set(this.values, before)
    grown.times.set(this.times, before)
    grown.#raw.set(this.#raw, before)
    this.traceIds.forEach((id, at) => (grown.traceIds[before + at] = id))
    this.spanIds.forEach((id, at) => (grown.spanIds[before + at] = id))
    return grown
  }

  // oxlint-disable-next-line max-params -- an object for each measurement is what these arrays are there to avoid
  setExemplar(at: number, value: number, time: number, source: ExemplarSource): void {
    this.values[at] = value
    this.times[at] = time
    this.traceIds[at] = source.traceId
    this.spanIds[at] = source.spanId
    this.#raw[at] = 1
  }

  /** Ids are cut out of headers; the whole of one must not stay alive for as long as its bucket. */
  exemplars(): Exemplar[] {
    const found: Exemplar[] = []
    for (let at = 0; at < this.length; at++) {
      if (this.traceIds[at] === '') continue
      if (this.#raw[at] === 1) this.#detachIds(at)
      const [time, value, traceId, spanId] = [this.times[at], this.values[at], this.traceIds[at], this.spanIds[at]]
      found.push({ time, value, traceId, spanId } as Exemplar)
    }
    return found
  }

  #detachIds(at: number): void {
    this.traceIds[at] = detach(this.traceIds[at] as string)
    this.spanIds[at] = detach(this.spanIds[at] as string)
    this.#raw[at] = 0
  }
}

/** An exponential histogram at scale 3 that only counts up. Recording allocates where the range of values grows, and nowhere else. */
export class Histogram {
  count = 0
  #sum = 0
  #min = Infinity
  #max = -Infinity
  readonly #range: BucketRange
  readonly #zeroThreshold: number
  readonly #limit: number
  #zeros: Slots | undefined
  #slots: Slots | undefined
  /** The bucket of the first slot. */
  #offset = 0

  constructor(range: BucketRange) {
    this.#range = range
    this.#zeroThreshold = boundOf(range.low)
    this.#limit = boundOf(range.high + 1)
  }

  /** Counts a value of 0 or more. `time`: Unix epoch in milliseconds. */
  record(value: number, time: number, source: ExemplarSource | undefined): void {
    this.count++
    this.#sum += value
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
    if (value <= this.#zeroThreshold) return this.#recordZero(value, time, source)
    // What is above the range has one bucket: the one after the last.
    const bucket = value > this.#limit ? this.#range.high + 1 : bucketOf(value)
    const slots = this.#slotsWith(bucket)
    const at = bucket - this.#offset
    ;(slots.counts[at] as number)++
    if (source !== undefined) slots.setExemplar(at, value, time, source)
  }

  #recordZero(value: number, time: number, source: ExemplarSource | undefined): void {
    const zeros = (this.#zeros ??= new Slots(1))
    ;(zeros.counts[0] as number)++
    if (source !== undefined) zeros.setExemplar(0, value, time, source)
  }

  #slotsWith(bucket: number): Slots {
    const slots = this.#slots
    if (slots !== undefined && bucket >= this.#offset && bucket < this.#offset + slots.length) return slots
    if (slots === undefined) {
      this.#offset = bucket - (bucket & (GROWTH - 1))
      return (this.#slots = new Slots(GROWTH))
    }
    const before = bucket < this.#offset ? roundUp(this.#offset - bucket) : 0
    const after = before > 0 ? 0 : roundUp(bucket + 1 - this.#offset - slots.length)
    this.#offset -= before
    return (this.#slots = slots.grow(before, after))
  }

  /** What has been counted since `startTime`. Times: Unix epoch in milliseconds. */
  toPoint(attributes: Attributes, startTime: number, time: number): HistogramPoint {
    const counts = this.#slots === undefined ? [] : Array.from(this.#slots.counts)
    const first = Math.max(
      0,
      counts.findIndex((count) => count > 0),
    )
    const exemplars = [...(this.#zeros?.exemplars() ?? []), ...(this.#slots?.exemplars() ?? [])]
    return {
      attributes,
      startTime,
      time,
      count: this.count,
      sum: this.#sum,
      ...(this.count > 0 ? { min: this.#min, max: this.#max } : undefined),
      scale: SCALE,
      zeroCount: this.#zeros?.counts[0] ?? 0,
      zeroThreshold: this.#zeroThreshold,
      offset: this.#offset + first,
      bucketCounts: counts.slice(first, counts.findLastIndex((count) => count > 0) + 1),
      ...(exemplars.length > 0 ? { exemplars } : undefined),
    }
  }
}

function roundUp(count: number): number {
  return Math.ceil(count / GROWTH) * GROWTH
}
