/** The fields of a `traceparent` header. */
export interface Traceparent {
  /** 32 lower-case hex characters, not all zero. */
  readonly traceId: string
  /** 16 lower-case hex characters, not all zero. */
  readonly spanId: string
  /** Bit 0 sampled, bit 1 random trace id; reserved bits are cleared. */
  readonly flags: number
}

/** Trace flag: the sender may have recorded the trace (W3C Trace Context Level 2, section 3.2.2.5.1). */
export const FLAG_SAMPLED = 0x01
/** Trace flag: the right-most seven bytes of the trace id are random (W3C Trace Context Level 2, section 3.2.2.5.2). */
export const FLAG_RANDOM = 0x02

const KNOWN_FLAGS: number = FLAG_SAMPLED | FLAG_RANDOM
const LENGTH = 55
const DASH = 0x2d
const ZERO_TRACE_ID = '0'.repeat(32)
const ZERO_SPAN_ID = '0'.repeat(16)

/** True if the character code is a hex digit as W3C Trace Context writes them: `0-9a-f`. */
export function isHexCode(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66)
}

/** True if `value` holds nothing but lower-case hex digits from `start` up to `end`. */
export function isHexRange(value: string, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    if (!isHexCode(value.charCodeAt(index))) return false
  }
  return true
}

/** True for 32 lower-case hex characters that are not all zero. */
export function isTraceId(value: string): boolean {
  return value.length === 32 && isHexRange(value, 0, 32) && value !== ZERO_TRACE_ID
}

/** True for 16 lower-case hex characters that are not all zero. */
export function isSpanId(value: string): boolean {
  return value.length === 16 && isHexRange(value, 0, 16) && value !== ZERO_SPAN_ID
}

/**
 * Reads a `traceparent` header as W3C Trace Context Level 2 (sections 3.2 and 4.3) wants it; undefined where it is invalid.
 *
 * Version `ff`, upper case, all-zero ids, a tail after version 00 and two headers folded into one (`A, B`) are invalid.
 * Of a higher version the first four fields are read. Reserved flag bits are cleared.
 *
 * @example
 * parseTraceparent('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')
 * // { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', flags: 1 }
 */
export function parseTraceparent(value: string): Traceparent | undefined {
  if (value.length < LENGTH || !hasShape(value)) return undefined
  const traceId = value.slice(3, 35)
  const spanId = value.slice(36, 52)
  if (traceId === ZERO_TRACE_ID || spanId === ZERO_SPAN_ID) return undefined
  return { traceId, spanId, flags: Number.parseInt(value.slice(53, 55), 16) & KNOWN_FLAGS }
}

/**
 * Writes a `traceparent` header of version 00; reserved flag bits are not sent.
 *
 * @example
 * formatTraceparent('0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331', 1)
 * // '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
 */
export function formatTraceparent(traceId: string, spanId: string, flags: number): string {
  return `00-${traceId}-${spanId}-0${flags & KNOWN_FLAGS}`
}

function hasShape(value: string): boolean {
  return (
    value.charCodeAt(2) === DASH &&
    value.charCodeAt(35) === DASH &&
    value.charCodeAt(52) === DASH &&
    hasUsableVersion(value) &&
    isHexRange(value, 3, 35) &&
    isHexRange(value, 36, 52) &&
    isHexRange(value, 53, 55)
  )
}

function hasUsableVersion(value: string): boolean {
  if (!isHexRange(value, 0, 2)) return false
  if (value.startsWith('00')) return value.length === LENGTH
  if (value.startsWith('ff')) return false
  return value.length === LENGTH || value.charCodeAt(LENGTH) === DASH
}
