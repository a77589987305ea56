import { type ExportBatch, type SpanData, TraceError } from '@clew/core'
import { isJsonObject, type JsonObject, malformed, readArray, readObject } from './otlp-fields.js'
import { readResource, readScope, readSpan, type SpanContainer } from './otlp-span.js'

/** Spans that could not be read, with what was wrong with them. */
export interface RejectedSpans {
  readonly count: number
  /** Names the field and its fault, such as `traceId is not 32 hex characters, or all zero`. */
  readonly reason: string
}

/** What a payload held. `rejected` has one entry per reason. */
export interface ReadPayload {
  /** One per resource that has spans. */
  readonly batches: ExportBatch[]
  readonly rejected: RejectedSpans[]
}

/** What is sent to the wrong place, or spelled as protobuf spells it, would otherwise be ignored as unknown fields and lost. */
const MISTAKEN_FIELDS: Readonly<Record<string, string>> = {
  resource_spans: 'OTLP JSON spells its fields in lowerCamelCase: resourceSpans, not resource_spans',
  resourceLogs: 'this is an ExportLogsServiceRequest, not an ExportTraceServiceRequest',
  resourceMetrics: 'this is an ExportMetricsServiceRequest, not an ExportTraceServiceRequest',
}

/**
 * Reads an OTLP `ExportTraceServiceRequest` in its JSON form (already parsed) into batches of spans.
 *
 * Tolerant as the OTLP specification demands: ids in either case, 64-bit integers as strings or numbers, unknown fields ignored. A
 * span that cannot be read costs that span alone and is counted in `rejected`; an empty request gives no batches. Values that an
 * attribute cannot hold (maps, mixed or nested arrays) become JSON text, bytes stay base64, integers beyond 2^53 keep their digits as text.
 *
 * @throws {TraceError} `INVALID_PAYLOAD` where the payload is no `ExportTraceServiceRequest` at all.
 *
 * @example
 * const { batches, rejected } = fromOtlpJson(await request.json())
 * for (const batch of batches) await store.export(batch, { signal })
 */
export function fromOtlpJson(payload: unknown): ReadPayload {
  const reasons = new Map<string, number>()
  const batches = readResourceSpans(payload).flatMap((entry) => readBatch(entry, reasons))
  return { batches, rejected: Array.from(reasons, ([reason, count]) => ({ count, reason })) }
}

function readResourceSpans(payload: unknown): readonly unknown[] {
  if (!isJsonObject(payload)) throw malformed('The payload is no ExportTraceServiceRequest: it is not a JSON object.')
  const { resourceSpans } = payload
  for (const [field, fault] of Object.entries(MISTAKEN_FIELDS)) {
    if (resourceSpans === undefined && Object.hasOwn(payload, field)) throw malformed(`The payload cannot be read: ${fault}.`)
  }
  if (resourceSpans !== undefined && resourceSpans !== null && !Array.isArray(resourceSpans)) {
    throw malformed('The payload is no ExportTraceServiceRequest: resourceSpans is not an array.')
  }
  return resourceSpans ?? []
}

function readBatch(value: unknown, reasons: Map<string, number>): ExportBatch[] {
  return guard(reasons, countSpans(value), () => {
    const entry = readObject(value, 'resourceSpans')
    const resource = readResource(entry['resource'])
    const name = resource.attributes['service.name']
    const service = typeof name === 'string' && name !== '' ? name : 'unknown_service'
    const groups = readArray(entry['scopeSpans'], 'scopeSpans')
    const spans = groups.flatMap((group) => readGroup(group, { resource, service }, reasons))
    return spans.length === 0 ? [] : [{ resource, spans, logs: [], metrics: [] }]
  })
}

function readGroup(value: unknown, parent: SpanContainer, reasons: Map<string, number>): SpanData[] {
  return guard(reasons, countSpans(value), () => {
    const group = readObject(value, 'scopeSpans')
    const scope = readScope(group['scope'])
    const container = scope === undefined ? parent : { ...parent, scope }
    return readArray(group['spans'], 'spans').flatMap((span) => guard(reasons, 1, () => [readSpan(span, container)]))
  })
}

/** Runs `read`; where it meets something malformed, counts the `spans` that are lost with it under their reason. */
function guard<T>(reasons: Map<string, number>, spans: number, read: () => T[]): T[] {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof TraceError)) throw error
    reasons.set(error.message, (reasons.get(error.message) ?? 0) + spans)
    return []
  }
}

/** The spans inside a resource or scope entry; what holds none that could be counted is one. */
function countSpans(value: unknown): number {
  if (!isJsonObject(value)) return 1
  const groups = Array.isArray(value['scopeSpans']) ? value['scopeSpans'].filter(isJsonObject) : [value]
  const count = groups.reduce((sum: number, group: JsonObject) => sum + (Array.isArray(group['spans']) ? group['spans'].length : 0), 0)
  return Math.max(count, 1)
}
