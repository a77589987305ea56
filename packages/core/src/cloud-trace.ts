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

const HEADER = 'x-cloud-trace-context'
/** 32 hex characters, a slash, 20 digits, and `;o=` with up to three more. */
const MAX_LENGTH = 59
const SHAPE = /^([0-9a-f]{32})(?:\/([0-9]{1,20}))?(?:;o=[0-9]{1,3})?$/i
const NO_SPAN = '0'.repeat(16)

/**
 * Google Cloud's header `X-Cloud-Trace-Context` (https://cloud.google.com/trace/docs/trace-context#legacy-http-header):
 * `{trace id}/{decimal span id};o={flag}`. Without a usable span id (0 is none) it names a trace alone. Load balancers set
 * the flag for reasons of their own, so it counts as "not decided".
 */
export const cloudTrace: ForeignDialect = { read: readCloudTrace, write: writeCloudTrace }

function readCloudTrace(get: HeaderGetter): ForeignIds | undefined {
  const header = readHeader(get, HEADER, MAX_LENGTH)
  if (header === undefined) return undefined
  const [, trace = '', span = '0'] = SHAPE.exec(header) ?? []
  const traceId = toTraceId(trace)
  if (traceId === undefined) return undefined
  const spanId = fromDecimal(span) ?? NO_SPAN
  return spanId === NO_SPAN ? { traceId } : { traceId, spanId }
}

function writeCloudTrace({ traceId, spanId, flags }: OutgoingIds, set: WriteHeader): void {
  set(HEADER, `${traceId}/${toDecimal(spanId)};o=${sampledDigit(flags)}`)
}
