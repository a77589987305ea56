import { TraceError } from '@clew/core'
import * as v from 'valibot'

type Fields = Record<string, v.GenericSchema<string, unknown> | v.ExactOptionalSchema<v.GenericSchema<string, unknown>, undefined>>

const TIMESTAMP = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/
const EXAMPLES = '1767225600000 or 2026-01-01T00:00:00Z'

/** Any text but the empty one. */
export const text: v.GenericSchema<string, string> = v.pipe(v.string(), v.nonEmpty('must not be empty'))

/** Milliseconds, 0 or more, with a fraction or without. */
export const milliseconds: v.GenericSchema<string, number> = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}(\.\d+)?$/, 'must be a number of milliseconds, 0 or more'),
  v.transform(Number),
)

/** A moment: epoch milliseconds, an ISO 8601 date (UTC) or date and time with a zone. */
export const moment: v.GenericSchema<string, number> = v.pipe(
  v.string(),
  v.transform(parseMoment),
  v.number(`must be epoch milliseconds or ISO 8601 with a zone, such as ${EXAMPLES}`),
)

/** A UTC day. */
export const day: v.GenericSchema<string, string> = v.pipe(
  v.string(),
  v.check((value) => /^\d{4}-\d\d-\d\d$/.test(value) && isCalendarDay(value), 'must be a day, such as 2026-01-31'),
)

/** A whole number from 1 to `highest`. */
export function limit(highest: number): v.GenericSchema<string, number> {
  const message = `must be a whole number from 1 to ${highest}`
  return v.pipe(v.string(), v.regex(/^\d{1,9}$/, message), v.transform(Number), v.minValue(1, message), v.maxValue(highest, message))
}

/** One of a few words. */
export function oneOf<const Words extends readonly string[]>(words: Words): v.GenericSchema<string, Words[number]> {
  return v.pipe(v.string(), v.picklist(words, `must be ${words.join(' or ')}`))
}

/**
 * Reads the query of a URL. A parameter that is not in `fields`, is given twice or has a wrong value is an error, so that a slip of the
 * pen does not pass for "no condition".
 *
 * Throws a `TraceError` with `INVALID_QUERY` that names the parameter.
 */
export function readParameters<const F extends Fields>(search: URLSearchParams, fields: F): v.InferOutput<v.ObjectSchema<F, undefined>> {
  for (const name of search.keys()) {
    if (!Object.hasOwn(fields, name)) throw invalidQuery(`Parameter ${JSON.stringify(name)} is not known; ${listNames(fields)}`)
    if (search.getAll(name).length > 1) throw invalidQuery(`Parameter ${name} is given more than once`)
  }
  const result = v.safeParse(v.object(fields), Object.fromEntries(search), { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  throw invalidQuery(
    `Parameter ${v.getDotPath(issue) ?? ''} ${issue.message}, got ${JSON.stringify(search.get(v.getDotPath(issue) ?? ''))}`,
  )
}

/** Takes the parameters that begin with `prefix` out of `search`: their names without it, and their values. */
export function takePrefixed(search: URLSearchParams, prefix: string): Record<string, string> | undefined {
  const names = new Set([...search.keys()].filter((name) => name.startsWith(prefix)))
  const taken = [...names].map((name): [string, string] => {
    const values = search.getAll(name)
    if (name === prefix) throw invalidQuery(`Parameter ${name} lacks the name behind the dot, as in ${prefix}http.route`)
    if (values.length > 1) throw invalidQuery(`Parameter ${name} is given more than once`)
    search.delete(name)
    return [name.slice(prefix.length), values[0] ?? '']
  })
  return taken.length > 0 ? Object.fromEntries(taken) : undefined
}

/** Refuses a range whose end lies before its beginning. */
export function checkRange<K extends string>(values: { readonly [name in K]?: number }, from: K, to: K): void {
  const [low, high] = [values[from], values[to]]
  if (low !== undefined && high !== undefined && low > high) throw invalidQuery(`Parameter ${from} is greater than ${to}`)
}

/** The error for a query that cannot be answered. */
function invalidQuery(message: string): TraceError {
  return new TraceError('INVALID_QUERY', message)
}

function listNames(fields: Fields): string {
  const names = Object.keys(fields)
  return names.length > 0 ? `known are ${names.join(', ')}` : 'none are taken here'
}

function parseMoment(value: string): number | undefined {
  if (/^\d{1,15}(\.\d+)?$/.test(value)) return Number(value)
  const spelled = value.replace(/ (?=\d\d:\d\d$)/, '+') // an unescaped `+` of a query arrives as a space
  return TIMESTAMP.test(spelled) && isCalendarDay(spelled.slice(0, 10)) ? Date.parse(spelled) : undefined
}

/** Date.parse takes 31 February for 3 March. */
function isCalendarDay(value: string): boolean {
  const time = Date.parse(`${value}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value)
}
