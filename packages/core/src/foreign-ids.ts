import type { HeaderGetter } from './carrier.js'
import { FLAG_SAMPLED, isSpanId, isTraceId } from './traceparent.js'

/** The ids that one vendor's headers hold. */
export interface ForeignIds {
  /** 32 lower-case hex characters, not all zero. */
  readonly traceId: string
  /** The sending span, 16 lower-case hex characters, not all zero. Absent where the headers name a trace alone. */
  readonly spanId?: string
  /** The sender's sampling decision; absent means "not decided". */
  readonly sampled?: boolean
}

/** The ids to write; `traceId` and `spanId` are valid. */
export interface OutgoingIds {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string | undefined
  readonly flags: number
}

/** Writes one header under its lower-case name. */
export type WriteHeader = (name: string, value: string) => void

/** Both directions of one vendor's headers. */
export interface ForeignDialect {
  /** Undefined where the headers are absent or not valid; asks for no second header where the first is absent. */
  readonly read: (get: HeaderGetter) => ForeignIds | undefined
  readonly write: (ids: OutgoingIds, set: WriteHeader) => void
}

const HEX = /^[0-9a-f]+$/i
const DECIMAL = /^[0-9]+$/
/** Digits of 2 ** 64 - 1. */
const MAX_DECIMAL_LENGTH = 20
const MAX_UINT64 = 0xffff_ffff_ffff_ffffn

/**
 * A header that stands there once and holds at most `maxLength` characters; undefined where it is absent, empty, longer or there
 * several times. Nothing of a longer one is looked at.
 *
 * @example
 * readHeader(get, 'b3', 68)
 */
export function readHeader(get: HeaderGetter, name: string, maxLength: number): string | undefined {
  const header = get(name)
  if (header === undefined) return undefined
  const text = typeof header === 'string' ? header : header.length === 1 ? header[0] : undefined
  return text === undefined || text.length === 0 || text.length > maxLength ? undefined : text
}

/**
 * A trace id of up to 32 hex characters in any case, in lower case and padded on the left; undefined where it is something else or zero.
 *
 * @example
 * toTraceId('B7AD6B7169203331') // '0000000000000000b7ad6b7169203331'
 */
export function toTraceId(hex: string): string | undefined {
  if (hex.length > 32 || !HEX.test(hex)) return undefined
  const id = hex.toLowerCase().padStart(32, '0')
  return isTraceId(id) ? id : undefined
}

/** A span id of up to 16 hex characters, treated as `toTraceId` treats a trace id. */
export function toSpanId(hex: string): string | undefined {
  if (hex.length > 16 || !HEX.test(hex)) return undefined
  const id = hex.toLowerCase().padStart(16, '0')
  return isSpanId(id) ? id : undefined
}

/**
 * An unsigned 64-bit decimal number as 16 lower-case hex characters, zero included; undefined where it is something else.
 *
 * @example
 * fromDecimal('18446744073709551615') // 'ffffffffffffffff'
 */
export function fromDecimal(decimal: string): string | undefined {
  if (decimal.length > MAX_DECIMAL_LENGTH || !DECIMAL.test(decimal)) return undefined
  const value = BigInt(decimal)
  return value > MAX_UINT64 ? undefined : value.toString(16).padStart(16, '0')
}

/**
 * Hex characters as a decimal number.
 *
 * @example
 * toDecimal('ffffffffffffffff') // '18446744073709551615'
 */
export function toDecimal(hex: string): string {
  return BigInt(`0x${hex}`).toString()
}

/** `1` where the sampled flag is set, else `0`: every vendor writes it so. */
export function sampledDigit(flags: number): '0' | '1' {
  return (flags & FLAG_SAMPLED) === 0 ? '0' : '1'
}
