import type { HistogramPoint } from '@clew/core'

/** What a histogram counted: a point without the series it belongs to. */
export type HistogramCounts = Pick<
  HistogramPoint,
  'count' | 'sum' | 'min' | 'max' | 'scale' | 'zeroCount' | 'zeroThreshold' | 'offset' | 'bucketCounts' | 'exemplars'
>

/**
 * The histogram of everything that several counted, in other processes or under other attributes; undefined for none. Of the exemplars
 * all are kept. Throws a `RangeError` where scales differ.
 *
 * @example
 * const all = mergeHistograms(points.filter(({ attributes }) => attributes['http.route'] === '/orders/:id'))
 */
export function mergeHistograms(histograms: readonly HistogramCounts[]): HistogramCounts | undefined {
  const [first] = histograms
  if (first === undefined) return undefined
  const other = histograms.find(({ scale }) => scale !== first.scale)
  if (other !== undefined) throw new RangeError(`Histograms of scale ${first.scale} and ${other.scale} cannot be merged`)
  const exemplars = histograms.flatMap((histogram) => histogram.exemplars ?? [])
  return {
    count: total(histograms, 'count'),
    sum: total(histograms, 'sum'),
    ...bounds(histograms),
    scale: first.scale,
    zeroCount: total(histograms, 'zeroCount'),
    zeroThreshold: Math.max(...histograms.map(({ zeroThreshold }) => zeroThreshold)),
    ...mergeBuckets(histograms),
    ...(exemplars.length > 0 ? { exemplars } : undefined),
  }
}

function total(histograms: readonly HistogramCounts[], field: 'count' | 'sum' | 'zeroCount'): number {
  return histograms.reduce((sum, histogram) => sum + histogram[field], 0)
}

function bounds(histograms: readonly HistogramCounts[]): { min?: number; max?: number } {
  const min = Math.min(...histograms.map((histogram) => histogram.min ?? Infinity))
  const max = Math.max(...histograms.map((histogram) => histogram.max ?? -Infinity))
  return min <= max ? { min, max } : {}
}

function mergeBuckets(histograms: readonly HistogramCounts[]): { offset: number; bucketCounts: readonly number[] } {
  const filled = histograms.filter(({ bucketCounts }) => bucketCounts.length > 0)
  if (filled.length === 0) return { offset: 0, bucketCounts: [] }
  const offset = Math.min(...filled.map((histogram) => histogram.offset))
  const end = Math.max(...filled.map((histogram) => histogram.offset + histogram.bucketCounts.length))
  const bucketCounts = Array.from({ length: end - offset }, () => 0)
  for (const histogram of filled)
    histogram.bucketCounts.forEach((count, at) => ((bucketCounts[histogram.offset - offset + at] as number) += count))
  return { offset, bucketCounts }
}

/**
 * The value that the share `q` (0 to 1) of the measurements does not exceed, by the nearest rank: `histogramQuantile(point, 0.99)`. At
 * scale 3 it is at most 4.4 % off, and exact at 0 and 1; undefined where nothing was counted. Durations are in seconds.
 *
 * @example
 * const p99 = histogramQuantile(point, 0.99)
 */
export function histogramQuantile(histogram: HistogramCounts, q: number): number | undefined {
  const { count, min = 0, max = Infinity, scale, zeroCount, offset, bucketCounts } = histogram
  if (count === 0) return undefined
  const rank = Math.min(count, Math.max(1, Math.ceil(q * count)))
  if (rank === 1) return min
  if (rank === count && max !== Infinity) return max
  let seen = zeroCount
  if (rank <= seen) return min
  const at = bucketCounts.findIndex((inBucket) => (seen += inBucket) >= rank)
  // The middle by ratio: as far from the one bound as from the other.
  return Math.min(max, Math.max(min, 2 ** ((offset + at + 0.5) / 2 ** scale)))
}
