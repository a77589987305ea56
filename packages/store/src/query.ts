import { TraceError } from '@clew/core'
import type { ErrorsQuery, SlowestQuery, TraceQuery } from './contract.js'

const DAY_MS = 86_400_000
const DATE = /^\d{4}-\d\d-\d\d$/
const DEFAULT_LIMIT = 20

/** A `TraceQuery` with its defaults. */
export interface ResolvedTraceQuery {
  readonly from: number
  readonly to: number
  readonly service: string | undefined
  readonly operation: string | undefined
  readonly minDuration: number
  readonly maxDuration: number
  readonly status: 'error' | 'ok' | undefined
  readonly errorType: string | undefined
  /** By name. */
  readonly attributes: readonly (readonly [name: string, value: string])[]
  readonly environment: string | undefined
  readonly version: string | undefined
  readonly order: 'newest' | 'slowest'
  readonly limit: number
  readonly cursor: string | undefined
}

/** An `ErrorsQuery` with its defaults. */
export interface ResolvedErrorsQuery {
  readonly date: string
  /** Start of the day, epoch milliseconds. */
  readonly from: number
  /** Start of the next day. */
  readonly to: number
  readonly service: string | undefined
  readonly limit: number
}

type Check = (value: unknown) => string | undefined

const isText: Check = (value) => (typeof value === 'string' ? undefined : 'must be a string')
const isNumber: Check = (value) => (typeof value === 'number' && !Number.isNaN(value) ? undefined : 'must be a number')
const isAttributes: Check = (value) =>
  typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string')
    ? undefined
    : 'must be an object whose values are strings'

function isOneOf(...words: string[]): Check {
  return (value) => (words.some((word) => word === value) ? undefined : `must be ${words.map((word) => `'${word}'`).join(' or ')}`)
}

function isLimit(highest: number): Check {
  return (value) =>
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= highest ? undefined : `must be a whole number from 1 to ${highest}`
}

const RANGE_CHECKS = { from: isNumber, to: isNumber }
const TRACE_CHECKS: Record<keyof TraceQuery, Check> = {
  ...RANGE_CHECKS,
  service: isText,
  operation: isText,
  minDuration: isNumber,
  maxDuration: isNumber,
  status: isOneOf('error', 'ok'),
  errorType: isText,
  attributes: isAttributes,
  environment: isText,
  version: isText,
  order: isOneOf('newest', 'slowest'),
  limit: isLimit(1_000),
  cursor: isText,
}
const SLOWEST_CHECKS: Record<keyof SlowestQuery, Check> = { ...RANGE_CHECKS, service: isText, operation: isText, limit: isLimit(100) }
const ERRORS_CHECKS: Record<keyof ErrorsQuery, Check> = { date: isText, service: isText, limit: isLimit(100) }

/** @throws {TraceError} `INVALID_QUERY`, naming the field. */
export function resolveTraceQuery(query: TraceQuery): ResolvedTraceQuery {
  checkFields(query, TRACE_CHECKS)
  return {
    from: query.from ?? -Infinity,
    to: query.to ?? Infinity,
    service: query.service,
    operation: query.operation,
    minDuration: query.minDuration ?? -Infinity,
    maxDuration: query.maxDuration ?? Infinity,
    status: query.status,
    errorType: query.errorType,
    attributes: Object.entries(query.attributes ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    environment: query.environment,
    version: query.version,
    order: query.order ?? 'newest',
    limit: query.limit ?? DEFAULT_LIMIT,
    cursor: query.cursor,
  }
}

/** @throws {TraceError} `INVALID_QUERY`, naming the field. */
export function resolveSlowestQuery(query: SlowestQuery): ResolvedTraceQuery {
  checkFields(query, SLOWEST_CHECKS)
  return resolveTraceQuery({ ...query, order: 'slowest' })
}

/** @throws {TraceError} `INVALID_QUERY`, naming the field. */
export function resolveErrorsQuery(query: ErrorsQuery, now: number): ResolvedErrorsQuery {
  checkFields(query, ERRORS_CHECKS)
  const date = query.date ?? new Date(now).toISOString().slice(0, 10)
  const from = parseDay(date)
  if (from === undefined) throw invalidQuery(`The query's date must be a day such as 2026-01-31, got ${JSON.stringify(date)}.`)
  return { date, from, to: from + DAY_MS, service: query.service, limit: query.limit ?? DEFAULT_LIMIT }
}

/** Date.parse takes 31 February for 3 March, so the day has to come back as it went in. */
function parseDay(date: string): number | undefined {
  const time = DATE.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date) ? time : undefined
}

function checkFields(query: object, checks: Readonly<Record<string, Check>>): void {
  for (const [name, value] of Object.entries(query)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check === undefined) {
      throw invalidQuery(`The query's field ${JSON.stringify(name)} is not known; known are ${Object.keys(checks).join(', ')}.`)
    }
    const fault = value === undefined ? undefined : check(value)
    if (fault !== undefined) throw invalidQuery(`The query's ${name} ${fault}, got ${JSON.stringify(value) ?? typeof value}.`)
  }
}

function invalidQuery(message: string): TraceError {
  return new TraceError('INVALID_QUERY', message)
}
