import { parseDuration } from '@clew/analysis'
import { InvalidArgumentError } from 'commander'

/** Reads a duration as `parseDuration` of `@clew/analysis` does; milliseconds. */
export function readDuration(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new InvalidArgumentError('It must be a duration such as 250ms, 1.5s or 2m.')
  return ms
}

/** Reads a moment: `15m`, `2h` or `1d` ago, or an ISO time (UTC where it names no zone). Returns epoch milliseconds. */
export function parseMoment(text: string, now: number = Date.now()): number {
  const ago = /[a-z]$/i.test(text) ? parseDuration(text) : undefined
  if (ago !== undefined) return Math.max(0, now - ago)
  const iso = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(text)
  const time = iso === null ? Number.NaN : Date.parse(`${iso[1]}T${iso[2] ?? '00:00'}${iso[3] ?? 'Z'}`)
  if (Number.isNaN(time))
    throw new InvalidArgumentError('It must be a time ago such as 15m, 2h or 1d, or an ISO time such as 2026-01-31T12:00Z.')
  return time
}

/** Reads a whole number of at least `lowest`. */
export function parseWhole(lowest: number, highest: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= lowest && value <= highest) return value
    const range = highest === Number.MAX_SAFE_INTEGER ? `of ${lowest} or more` : `from ${lowest} to ${highest}`
    throw new InvalidArgumentError(`It must be a whole number ${range}.`)
  }
}

/** Reads `name=value` into the attributes given before. The value may hold further `=`. */
export function parseAttribute(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const equals = text.indexOf('=')
  if (equals < 1) throw new InvalidArgumentError('It must be name=value, such as http.route=/orders/:id.')
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) }
}

/** Reads a UTC day. */
export function parseDay(text: string): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00Z`) : Number.NaN
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text)) return text
  throw new InvalidArgumentError('It must be a day (UTC) such as 2026-01-31.')
}
