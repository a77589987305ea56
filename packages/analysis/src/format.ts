const WHOLE: Intl.NumberFormat = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 })
const TENTHS: Intl.NumberFormat = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 })
const HUNDREDTHS: Intl.NumberFormat = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 })

/**
 * Writes a duration in milliseconds for people: as precise as it is of use, with thousands separators; minutes and hours from a minute on.
 * What is no number becomes `?`.
 *
 * @example
 * ```ts
 * formatDuration(0.418)    // '0.42 ms'
 * formatDuration(7.31)     // '7.3 ms'
 * formatDuration(2_412.4)  // '2,412 ms'
 * formatDuration(205_000)  // '3 min 25 s'
 * ```
 */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '?'
  if (ms < 0) return `-${formatDuration(-ms)}`
  if (ms < 59_999.5) return `${formatMs(ms)} ms`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 3_600) return joinUnits(`${Math.floor(seconds / 60)} min`, seconds % 60, 's')
  const minutes = Math.round(seconds / 60)
  return joinUnits(`${WHOLE.format(Math.floor(minutes / 60))} h`, minutes % 60, 'min')
}

/** Milliseconds without their unit, as a sentence of the form `2,412 of 2,500 ms` needs them. */
export function formatMs(ms: number): string {
  if (ms >= 9.95) return WHOLE.format(ms)
  return ms >= 0.995 ? TENTHS.format(ms) : HUNDREDTHS.format(ms)
}

/**
 * Writes a share of 0 to 1 in whole per cent; what rounds to nothing is `< 1 %`, and what is no number `?`.
 *
 * @example
 * ```ts
 * formatShare(0.963) // '96 %'
 * formatShare(0.002) // '< 1 %'
 * ```
 */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return '?'
  const percent = Math.round(share * 100)
  return percent === 0 && share > 0 ? '< 1 %' : `${WHOLE.format(percent)} %`
}

/**
 * Counts things in words, for nouns whose plural takes an `s`.
 *
 * @example
 * ```ts
 * formatCount(1, 'span')     // '1 span'
 * formatCount(1_200, 'span') // '1,200 spans'
 * ```
 */
export function formatCount(count: number, noun: string): string {
  return `${WHOLE.format(count)} ${noun}${count === 1 ? '' : 's'}`
}

const LONGEST_NAME = 120

/** A name as sentences hold it: at most 120 characters. */
export function cutName(name: string): string {
  return cutText(name, LONGEST_NAME)
}

/** Cuts a text to so many UTF-16 units, the mark included; a character is never split. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text
  return `${text.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

function joinUnits(large: string, rest: number, unit: string): string {
  return rest === 0 ? large : `${large} ${rest} ${unit}`
}
