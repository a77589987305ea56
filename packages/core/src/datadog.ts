import type { HeaderGetter } from './carrier.js'
import {
  type ForeignDialect,
  type ForeignIds,
  fromDecimal,
  type OutgoingIds,
  readHeader,
  sampledDigit,
  toDecimal,
  toTraceId,
  type WriteHeader,
} from './foreign-ids.js'

const MAX_DECIMAL_LENGTH = 20
/** The longest `x-datadog-tags` that Datadog's own tracers read (DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH). */
const MAX_TAGS_LENGTH = 512
const HIGH_BITS = /(?:^|,)_dd\.p\.tid=([0-9a-f]{16})(?:,|$)/i
const NO_BITS = '0'.repeat(16)

/**
 * The headers `x-datadog-*`: decimal 64-bit ids, the upper half of the trace id in `x-datadog-tags` as `_dd.p.tid`, and a sampling
 * priority (-1 and 0 are "no", 1 and 2 "yes"). Without a usable parent id (0 is none) they name a trace alone.
 */
export const datadog: ForeignDialect = { read: readDatadog, write: writeDatadog }

function readDatadog(get: HeaderGetter): ForeignIds | undefined {
  const trace = readHeader(get, 'x-datadog-trace-id', MAX_DECIMAL_LENGTH)
  const low = trace === undefined ? undefined : fromDecimal(trace)
  if (low === undefined || low === NO_BITS) return undefined
  const traceId = toTraceId(readHighBits(get) + low)
  if (traceId === undefined) return undefined
  const spanId = fromDecimal(readHeader(get, 'x-datadog-parent-id', MAX_DECIMAL_LENGTH) ?? '') ?? NO_BITS
  const sampled = readPriority(get)
  return {
    traceId,
    ...(spanId === NO_BITS ? undefined : { spanId }),
    ...(sampled === undefined ? undefined : { sampled }),
  }
}

function readHighBits(get: HeaderGetter): string {
  const tags = readHeader(get, 'x-datadog-tags', MAX_TAGS_LENGTH)
  return (tags === undefined ? undefined : HIGH_BITS.exec(tags)?.[1]) ?? ''
}

function readPriority(get: HeaderGetter): boolean | undefined {
  switch (readHeader(get, 'x-datadog-sampling-priority', 2)) {
    case '-1':
    case '0':
      return false
    case '1':
    case '2':
      return true
    default:
      return undefined
  }
}

/** A trace id whose lower half is zero has no form here. */
function writeDatadog({ traceId, spanId, flags }: OutgoingIds, set: WriteHeader): void {
  const high = traceId.slice(0, 16)
  const low = traceId.slice(16)
  if (low === NO_BITS) return
  set('x-datadog-trace-id', toDecimal(low))
  set('x-datadog-parent-id', toDecimal(spanId))
  set('x-datadog-sampling-priority', sampledDigit(flags))
  if (high !== NO_BITS) set('x-datadog-tags', `_dd.p.tid=${high}`)
}
