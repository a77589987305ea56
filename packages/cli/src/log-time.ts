/** The keys of a log line's time. */
export const TIME_KEYS = ['time', 'timestamp', '@timestamp', 'ts', 't', 'date', 'datetime', 'eventTime'] as const

const ISO = /(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9})\d*)?\s?(Z|[+-]\d{2}:?\d{2}(?!\d))?/
const COMMON_LOG = /(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{4})/
const HEAD_LENGTH = 160

/**
 * Reads the value of a time field: an ISO time, or a Unix epoch in seconds, milliseconds, microseconds or nanoseconds, told apart
 * by its size. Returns epoch milliseconds with a fraction, or undefined.
 */
export function parseTimeValue(value: unknown): number | undefined {
  if (typeof value === 'number') return parseEpoch(value)
  if (typeof value !== 'string') return undefined
  return /^\d+(?:\.\d+)?$/.test(value) ? parseEpoch(Number(value)) : parseIsoTime(value)
}

// From 1973 to 5138 in each unit, and the ranges do not overlap.
function parseEpoch(value: number): number | undefined {
  if (!(value >= 1e8)) return undefined
  if (value < 1e11) return value * 1e3
  if (value < 1e14) return value
  if (value < 1e17) return value / 1e3
  return value < 1e20 ? value / 1e6 : undefined
}

/** Finds the time at the beginning of a plain line: ISO (a space or `T`, any fraction; without a zone it is local), or a web server's. */
export function parseLineTime(line: string): number | undefined {
  const head = line.length > HEAD_LENGTH ? line.slice(0, HEAD_LENGTH) : line
  return parseIsoTime(head) ?? parseCommonLogTime(head)
}

function parseIsoTime(text: string): number | undefined {
  const match = ISO.exec(text)
  if (match === null) return undefined
  const [, date, time, fraction = '', zone = ''] = match
  const whole = Date.parse(`${date}T${time}${toIsoZone(zone)}`)
  if (Number.isNaN(whole)) return undefined
  return fraction === '' ? whole : whole + Number(fraction) / 10 ** (fraction.length - 3)
}

function toIsoZone(zone: string): string {
  return /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone
}

function parseCommonLogTime(text: string): number | undefined {
  const match = COMMON_LOG.exec(text)
  if (match === null) return undefined
  const [, day, month, year, time, zone] = match
  const parsed = Date.parse(`${day} ${month} ${year} ${time} ${zone}`)
  return Number.isNaN(parsed) ? undefined : parsed
}

// A date and a time of day, a web server's time, or a number under a key of `TIME_KEYS`: 1973 has nine digits in seconds.
const HINT = new RegExp(
  `\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d|\\d{4}:\\d\\d:\\d\\d:\\d\\d |"(?:${TIME_KEYS.join('|')})"\\s*:\\s*"?\\d(?:\\d{8}|[\\d.]*[eE])`,
)

/** Whether a line may have a time that can be read. False spares the work of parsing it. */
export function mayHoldTime(line: string): boolean {
  return HINT.test(line)
}
