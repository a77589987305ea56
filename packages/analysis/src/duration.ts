/** Milliseconds by unit, the longest first. Both signs for micro are in use (U+00B5, U+03BC). */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
  ['us', 0.001],
  ['\u00b5s', 0.001],
  ['\u03bcs', 0.001],
])

const NUMBER = String.raw`(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?`
const BARE = new RegExp(`^${NUMBER}$`)
const PARTS = new RegExp(String.raw`^(?:${NUMBER}\s*[a-z\u00b5\u03bc]+\s*)+$`)
const PART = new RegExp(String.raw`(${NUMBER})\s*([a-z\u00b5\u03bc]+)`, 'g')

/**
 * Reads a duration as people and `formatDuration` write it, and returns milliseconds; `undefined` where it is none.
 *
 * Units are `us`, `µs`, `ms`, `s`, `m`, `min`, `h` and `d`, in any case; without one it is milliseconds. Of several parts the longest unit
 * comes first and only the last may have a fraction. The decimal sign is a point; commas separate thousands.
 *
 * @example
 * ```ts
 * parseDuration('1.5s')       // 1500
 * parseDuration('1,500 ms')   // 1500
 * parseDuration('3 min 25 s') // 205000
 * parseDuration('1,5 s')      // undefined
 * ```
 */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase()
  const ms = BARE.test(trimmed) ? toNumber(trimmed) : PARTS.test(trimmed) ? sumParts(trimmed) : undefined
  return ms !== undefined && Number.isFinite(ms) ? roundToNanos(ms) : undefined
}

function sumParts(text: string): number | undefined {
  let sum = 0
  let lastUnit = Infinity
  let hasFraction = false
  for (const [, number = '', name = ''] of text.matchAll(PART)) {
    const unit = UNITS.get(name)
    if (unit === undefined || unit >= lastUnit || hasFraction) return undefined
    sum += toNumber(number) * unit
    lastUnit = unit
    hasFraction = number.includes('.')
  }
  return sum
}

function toNumber(text: string): number {
  return Number(text.replaceAll(',', ''))
}

/** 1.005 s is 1,005 ms, not 1,004.9999999999999. */
function roundToNanos(ms: number): number {
  return Number(ms.toFixed(6))
}
