import type { HeaderGetter } from './carrier.js'
import {
  type ForeignDialect,
  type ForeignIds,
  type OutgoingIds,
  readHeader,
  sampledDigit,
  toSpanId,
  toTraceId,
  type WriteHeader,
} from './foreign-ids.js'
import { isSpanId } from './traceparent.js'

const HEADER = 'uber-trace-id'
/** 32 + 16 + 16 + 2 hex characters, and three colons that may be percent-encoded. */
const MAX_LENGTH = 75
/** Nothing but the colons needs the percent-encoding that some clients apply; hence nothing is decoded that could be malformed. */
const SHAPE = /^([0-9a-f]{1,32})(?::|%3a)([0-9a-f]{1,16})(?::|%3a)[0-9a-f]{0,16}(?::|%3a)([0-9a-f]{1,2})$/i

/**
 * Jaeger's header `uber-trace-id` (https://www.jaegertracing.io/docs/1.76/client-libraries/#propagation-format):
 * `{trace id}:{span id}:{parent span id}:{flags}`, ids without leading zeros, flags in hex with bit 0 for "sampled". The parent is ignored.
 */
export const uberTraceId: ForeignDialect = { read: readUberTraceId, write: writeUberTraceId }

function readUberTraceId(get: HeaderGetter): ForeignIds | undefined {
  const header = readHeader(get, HEADER, MAX_LENGTH)
  if (header === undefined) return undefined
  const [, trace = '', span = '', flags = ''] = SHAPE.exec(header) ?? []
  const traceId = toTraceId(trace)
  const spanId = toSpanId(span)
  if (traceId === undefined || spanId === undefined) return undefined
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

function writeUberTraceId({ traceId, spanId, parentSpanId, flags }: OutgoingIds, set: WriteHeader): void {
  const parent = parentSpanId !== undefined && isSpanId(parentSpanId) ? parentSpanId : '0'
  set(HEADER, `${traceId}:${spanId}:${parent}:${sampledDigit(flags)}`)
}
