/** Scale of OpenTelemetry's exponential histogram: 8 buckets per octave, so that the middle of a bucket is at most 4.4 % off. */
export const SCALE = 3

/** Which buckets a histogram has; bucket `i` holds values above 2^(i/8) and up to 2^((i+1)/8). */
export interface BucketRange {
  readonly low: number
  readonly high: number
}

/** Durations in seconds: from 61 us to 256 s. */
export const DURATION_RANGE: BucketRange = { low: -112, high: 63 }
/** Anything else: 64 octaves below 1 and 64 above. */
export const VALUE_RANGE: BucketRange = { low: -512, high: 511 }

const PER_OCTAVE = 2 ** SCALE
/** Powers of two are exact; what lies between is as near as a double comes. */
const ROOTS = Array.from({ length: PER_OCTAVE }, (_, step) => 2 ** (step / PER_OCTAVE))
const FIRST_BOUND = VALUE_RANGE.low
const BOUNDS = Float64Array.from({ length: VALUE_RANGE.high + 2 - FIRST_BOUND }, (_, at) => {
  const step = at % PER_OCTAVE
  return (ROOTS[step] as number) * 2 ** ((at + FIRST_BOUND - step) / PER_OCTAVE)
})

/** The lower bound of a bucket of `VALUE_RANGE`, which is the upper one of the bucket before. */
export function boundOf(index: number): number {
  return BOUNDS[index - FIRST_BOUND] as number
}

/** The bucket of a value within the bounds of `VALUE_RANGE`. The logarithm may be one off beside a bound, so the bound itself decides. */
export function bucketOf(value: number): number {
  const index = Math.ceil(Math.log2(value) * PER_OCTAVE) - 1
  if (index >= FIRST_BOUND && value <= boundOf(index)) return index - 1
  return value > boundOf(index + 1) ? index + 1 : index
}
