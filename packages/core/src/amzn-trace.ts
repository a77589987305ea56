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

const HEADER = 'x-amzn-trace-id'
/** Room for every field that AWS documents and a few of one's own. */
const MAX_LENGTH = 512
const ROOT = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/i

/**
 * AWS X-Ray's header `X-Amzn-Trace-Id` (https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader):
 * `Root=1-{8 hex}-{24 hex};Parent={span id};Sampled={flag}`, in any order, beside fields that are ignored (`Self`, `Lineage`). Without a
 * usable `Parent` it names a trace alone. Load balancers add it to every request, so its flag counts as "not decided".
 */
export const amznTrace: ForeignDialect = { read: readAmznTrace, write: writeAmznTrace }

function readAmznTrace(get: HeaderGetter): ForeignIds | undefined {
  const header = readHeader(get, HEADER, MAX_LENGTH)
  if (header === undefined) return undefined
  const fields = header.split(';').map((field) => field.trim())
  const [, seconds = '', rest = ''] = ROOT.exec(readField(fields, 'Root=')) ?? []
  const traceId = toTraceId(seconds + rest)
  if (traceId === undefined) return undefined
  const parent = readField(fields, 'Parent=')
  const spanId = parent.length === 16 ? toSpanId(parent) : undefined
  return spanId === undefined ? { traceId } : { traceId, spanId }
}

/** The value of a field; empty where it is absent, or there several times. */
function readField(fields: readonly string[], start: string): string {
  const [field = '', ...others] = fields.filter((candidate) => candidate.startsWith(start))
  return others.length > 0 ? '' : field.slice(start.length)
}

function writeAmznTrace({ traceId, spanId, flags }: OutgoingIds, set: WriteHeader): void {
  set(HEADER, `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=${sampledDigit(flags)}`)
}
