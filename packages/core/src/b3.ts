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
import { parseSampled } from './trace-headers.js'
import { isSpanId } from './traceparent.js'

/** 32 + 1 + 16 characters of ids, two of the sampling state, 17 of the parent. */
const MAX_LENGTH = 68
/** Fixed lengths between dashes, so nothing is tried twice. */
const SHAPE = /^([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(?:-([01d]))?(?:-[0-9a-f]{16})?$/i

/**
 * The single header `b3` (https://github.com/openzipkin/b3-propagation#single-header):
 * `{trace id}-{span id}[-{0, 1 or d}[-{parent span id}]]`. `d`, debug, is read as sampled. Trace ids of 64 bits are padded on the left.
 * A sampling state without ids, such as `b3: 0`, begins nothing and decides nothing.
 */
export const b3: ForeignDialect = { read: readB3, write: writeB3 }

/** The headers `X-B3-*` (https://github.com/openzipkin/b3-propagation#multiple-headers); trace id and span id are both required. */
export const b3multi: ForeignDialect = { read: readB3Multi, write: writeB3Multi }

function readB3(get: HeaderGetter): ForeignIds | undefined {
  const header = readHeader(get, 'b3', MAX_LENGTH)
  if (header === undefined) return undefined
  const [, trace = '', span = '', state] = SHAPE.exec(header) ?? []
  const sampled = state === undefined ? undefined : state !== '0'
  return createIds(trace, span, sampled)
}

function writeB3({ traceId, spanId, parentSpanId, flags }: OutgoingIds, set: WriteHeader): void {
  const parent = parentSpanId !== undefined && isSpanId(parentSpanId) ? `-${parentSpanId}` : ''
  set('b3', `${traceId}-${spanId}-${sampledDigit(flags)}${parent}`)
}

function readB3Multi(get: HeaderGetter): ForeignIds | undefined {
  const trace = readHeader(get, 'x-b3-traceid', 32)
  if (trace === undefined || (trace.length !== 16 && trace.length !== 32)) return undefined
  const span = readHeader(get, 'x-b3-spanid', 16)
  return span?.length === 16 ? createIds(trace, span, readSampled(get)) : undefined
}

function readSampled(get: HeaderGetter): boolean | undefined {
  if (readHeader(get, 'x-b3-flags', 1) === '1') return true
  const sampled = readHeader(get, 'x-b3-sampled', 8)
  return sampled === undefined ? undefined : parseSampled(sampled)
}

function writeB3Multi({ traceId, spanId, parentSpanId, flags }: OutgoingIds, set: WriteHeader): void {
  set('x-b3-traceid', traceId)
  set('x-b3-spanid', spanId)
  if (parentSpanId !== undefined && isSpanId(parentSpanId)) set('x-b3-parentspanid', parentSpanId)
  set('x-b3-sampled', sampledDigit(flags))
}

function createIds(trace: string, span: string, sampled: boolean | undefined): ForeignIds | undefined {
  const traceId = toTraceId(trace)
  const spanId = toSpanId(span)
  if (traceId === undefined || spanId === undefined) return undefined
  return sampled === undefined ? { traceId, spanId } : { traceId, spanId, sampled }
}
