import { TraceError } from '@clew/core'

/** A JSON object whose fields have not been looked at. */
export type JsonObject = Readonly<Record<string, unknown>>

/** A moment as whole microseconds since 1970 and the 0 to 999 nanoseconds below them: together they need more digits than a double has. */
export interface PreciseTime {
  readonly micros: number
  readonly nanos: number
}

/** A list that was cut. */
export interface Bounded {
  readonly items: readonly unknown[]
  readonly dropped: number
}

const TRACE_ID = /^[0-9a-f]{32}$/
const SPAN_ID = /^[0-9a-f]{16}$/
const ALL_ZERO = /^0+$/
const UNSIGNED = /^\d{1,20}$/
const MAX_UINT32 = 0xffff_ffff

const faults = new Map<string, TraceError>()

/**
 * The error for a part that cannot be read. `reason` holds names of fields and no values, so that equal faults can be counted together.
 * They are one object, too, whose stack nobody sees: capturing one per span made a hostile request of 2 MB cost 10 s.
 */
export function malformed(reason: string): TraceError {
  const known = faults.get(reason)
  if (known !== undefined) return known
  const fault = new TraceError('INVALID_PAYLOAD', reason)
  faults.set(reason, fault)
  return fault
}

/** Protobuf's JSON mapping takes `null` for an absent field. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An absent object is an empty one. */
export function readObject(value: unknown, field: string): JsonObject {
  if (isAbsent(value)) return {}
  if (!isJsonObject(value)) throw malformed(`${field} is not an object`)
  return value
}

/** An absent list is an empty one. */
export function readArray(value: unknown, field: string): readonly unknown[] {
  if (isAbsent(value)) return []
  if (!Array.isArray(value)) throw malformed(`${field} is not an array`)
  return value
}

/** The elements up to `limit`, and how many were dropped: those beyond it, and those that the sender says it dropped (32 bits). */
export function readBounded(value: JsonObject, fields: { list: string; dropped: string; prefix: string }, limit: number): Bounded {
  const all = readArray(value[fields.list], fields.prefix + fields.list)
  const before = readUint32(value[fields.dropped], fields.prefix + fields.dropped)
  if (all.length <= limit) return { items: all, dropped: before }
  return { items: all.slice(0, limit), dropped: addUint32(before, all.length - limit) }
}

/** The sum, or the highest number that 32 bits hold. */
export function addUint32(a: number, b: number): number {
  return Math.min(a + b, MAX_UINT32)
}

/** An absent string is the empty one. */
export function readString(value: unknown, field: string): string {
  if (isAbsent(value)) return ''
  if (typeof value !== 'string') throw malformed(`${field} is not a string`)
  return value
}

/** An absent number is 0. Decimal strings are taken, too. */
export function readUint32(value: unknown, field: string): number {
  if (isAbsent(value)) return 0
  const number = typeof value === 'string' && UNSIGNED.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > MAX_UINT32) {
    throw malformed(`${field} is not an unsigned 32-bit integer`)
  }
  return number
}

export function readTraceId(value: unknown, field: string): string {
  const id = toLowerHex(value)
  if (!TRACE_ID.test(id) || ALL_ZERO.test(id)) throw malformed(`${field} is not 32 hex characters, or all zero`)
  return id
}

export function readSpanId(value: unknown, field: string): string {
  const id = toLowerHex(value)
  if (!SPAN_ID.test(id) || ALL_ZERO.test(id)) throw malformed(`${field} is not 16 hex characters, or all zero`)
  return id
}

/** No parent is written as an absent field, as the empty string and, by some senders, as zeros. */
export function readParentSpanId(value: unknown): string | undefined {
  if (isAbsent(value) || value === '') return undefined
  const id = toLowerHex(value)
  if (!SPAN_ID.test(id)) throw malformed('parentSpanId is not 16 hex characters')
  return ALL_ZERO.test(id) ? undefined : id
}

/** OTLP's JSON says that ids are case-insensitive hex; its own example is in upper case. */
function toLowerHex(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : ''
}

/**
 * Unix nanoseconds as a decimal string or a number; undefined where absent or 0, which OTLP takes for "not set".
 * Beyond 2^53 a JSON number has already lost up to 128 ns on its way, so that the nearest microsecond is all it says.
 */
export function readUnixNano(value: unknown, field: string): PreciseTime | undefined {
  if (isAbsent(value) || value === '') return undefined
  const time = typeof value === 'number' ? fromNanoNumber(value) : fromNanoString(value)
  if (time === undefined || !Number.isSafeInteger(time.micros)) throw malformed(`${field} is not a time in Unix nanoseconds`)
  return time.micros === 0 && time.nanos === 0 ? undefined : time
}

function fromNanoNumber(value: number): PreciseTime | undefined {
  if (!Number.isInteger(value) || value < 0) return undefined
  return Number.isSafeInteger(value) ? fromNanoString(String(value)) : { micros: Math.round(value / 1000), nanos: 0 }
}

function fromNanoString(value: unknown): PreciseTime | undefined {
  if (typeof value !== 'string' || !UNSIGNED.test(value)) return undefined
  return { micros: Number(value.slice(0, -3)), nanos: Number(value.slice(-3)) }
}
