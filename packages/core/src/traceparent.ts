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
const LETTER_A = 0x61
/** Fixed lengths throughout, so nothing is tried twice; measured faster than a loop over the characters. */
const SHAPE = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/
const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/

/** True for 32 lower-case hex characters that are not all zero. */
export function isTraceId(value: string): boolean {
  return value.length === 32 && TRACE_ID.test(value)
}

/** True for 16 lower-case hex characters that are not all zero. */
export function isSpanId(value: string): boolean {
  return value.length === 16 && SPAN_ID.test(value)
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
  if (value.length < LENGTH || (value.length > LENGTH && value.startsWith('00'))) return undefined
  // Of a longer one nothing but the character behind the flags matters.
  if (!SHAPE.test(value.length > LENGTH ? value.slice(0, LENGTH + 1) : value)) return undefined
  const lowDigit = value.charCodeAt(54)
  const flags = (lowDigit >= LETTER_A ? lowDigit - LETTER_A + 10 : lowDigit) & KNOWN_FLAGS
  return { traceId: value.slice(3, 35), spanId: value.slice(36, 52), flags }
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
