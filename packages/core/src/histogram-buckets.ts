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
const FIRST_BOUND = VALUE_RANGE.low
const BOUNDS: Float64Array = createBounds(VALUE_RANGE.high + 2 - FIRST_BOUND)

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

/** Powers of two are exact, and so is twice a bound of the octave before; what lies between is as near as a double comes. */
function createBounds(length: number): Float64Array {
  const bounds = new Float64Array(length)
  for (let step = 0; step < PER_OCTAVE; step++) bounds[step] = 2 ** (step / PER_OCTAVE) * 2 ** (FIRST_BOUND / PER_OCTAVE)
  for (let at = PER_OCTAVE; at < length; at++) bounds[at] = 2 * (bounds[at - PER_OCTAVE] as number)
  return bounds
}
