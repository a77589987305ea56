import type { SpanData } from './span-data.js'

/** Operations that are told apart; the others are counted together. */
const MAX_OPERATIONS = 100
/** Operations that the local root names. */
const MAX_NAMED = 20
const MAX_NAME_LENGTH = 100
const OTHERS = 'other operations'
/** Four buckets to the doubling, from a microsecond to an hour. */
const BUCKETS = 128
const PER_OCTAVE = 4

interface Operation {
  dropped: number
  seen: number
  readonly buckets: Uint32Array
}

/** What of a segment is beyond its limit of spans: a count by operation, and which are slow for their kind. */
export class Overflow {
  readonly #operations = new Map<string, Operation>()
  #dropped = 0

  /** True for a span that is slower than 99 of 100 that came before it, of its operation and beyond the limit; else it is counted. */
  isSlow(span: SpanData): boolean {
    const operation = this.#operationOf(span.name)
    const bucket = toBucket(span.duration)
    const isSlow = operation.seen >= 100 && bucket > percentile99(operation)
    operation.seen++
    operation.buckets[bucket]!++
    return isSlow
  }

  count(span: SpanData): void {
    this.#operationOf(span.name).dropped++
    this.#dropped++
  }

  #operationOf(name: string): Operation {
    const known = this.#operations.get(name)
    if (known) return known
    const key = this.#operations.size < MAX_OPERATIONS - 1 ? name : OTHERS
    const operation = this.#operations.get(key) ?? { dropped: 0, seen: 0, buckets: new Uint32Array(BUCKETS) }
    this.#operations.set(key, operation)
    return operation
  }

  /** Tells it on the local root. */
  describe(root: SpanData): void {
    root.attributes['clew.dropped_spans'] = this.#dropped
    root.attributes['clew.dropped_operations'] = [...this.#operations]
      .filter(([, { dropped }]) => dropped > 0)
      .sort(([, a], [, b]) => b.dropped - a.dropped)
      .slice(0, MAX_NAMED)
      .map(([name, { dropped }]) => `${dropped} ${name.slice(0, MAX_NAME_LENGTH)}`)
  }
}

function toBucket(durationMs: number): number {
  return Math.max(0, Math.min(BUCKETS - 1, Math.floor(Math.log2(Math.max(1, durationMs * 1000)) * PER_OCTAVE)))
}

/** The bucket below which 99 of 100 are. */
function percentile99({ seen, buckets }: Operation): number {
  let above = seen / 100
  for (let bucket = BUCKETS - 1; bucket > 0; bucket--) {
    above -= buckets[bucket] ?? 0
    if (above < 0) return bucket
  }
  return 0
}
