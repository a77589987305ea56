// Order statistics of small lists.

/**
 * The value below which the fraction `p` of the values lies, interpolated; NaN of an empty list.
 *
 * @param {readonly number[]} values
 * @param {number} p 0 to 1
 */
export function percentile(values, p) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * p
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}

/** @param {readonly number[]} values */
export function median(values) {
  return percentile(values, 0.5)
}
