import type { ExportBatch } from './exporter.js'
import { encodeAttributes, encodeResource, encodeScope, toMicros, toUnixNano } from './otlp-value.js'
import type { Resource, Scope, SpanData, SpanEvent, SpanLink } from './span-data.js'

export { toOtlpLogsJson } from './otlp-logs.js'

/** OTLP's SpanKind and Status.StatusCode: JSON carries the numbers, never the names (OTLP specification, "JSON Protobuf Encoding"). */
const KIND_NUMBERS = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const
const STATUS_NUMBERS = { unset: 0, ok: 1, error: 2 } as const

/** Bits 8 and 9 of `Span.flags`: "it is known whether the parent is remote" and "it is" (opentelemetry-proto, SpanFlags). */
const HAS_IS_REMOTE = 0x100
const IS_REMOTE = 0x200
const TRACE_FLAGS_MASK = 0xff

/**
 * Writes batches as an OTLP `ExportTraceServiceRequest` in its JSON form, ready for `JSON.stringify` and `POST /v1/traces`.
 *
 * Ids are lower-case hex, enums numbers, 64-bit integers decimal strings; times are Unix nanoseconds, exact where the record carries
 * `startNanos` and `durationNanos`. Spans are grouped by their resource and scope, equal ones together. Logs (`toOtlpLogsJson`) and metrics are
 * other requests of OTLP and are not written here.
 *
 * @example
 * const body = JSON.stringify(toOtlpJson([batch]))
 * await fetch(`${collectorUrl}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
 */
export function toOtlpJson(batches: readonly ExportBatch[]): object {
  const spans = batches.flatMap((batch) => batch.spans)
  return {
    resourceSpans: groupByContent(spans, (span) => span.resource).map(([resource, ofResource]) => ({
      resource: encodeResource(resource),
      scopeSpans: groupByContent(ofResource, (span) => span.scope).map(([scope, ofScope]) => ({
        ...(scope === undefined ? {} : { scope: encodeScope(scope) }),
        spans: ofScope.map(encodeSpan),
      })),
    })),
  }
}

/** Groups by reference first, so that the content of a shared resource or scope is compared once and not once per span. */
function groupByContent<K extends Resource | Scope | undefined>(
  spans: readonly SpanData[],
  keyOf: (span: SpanData) => K,
): [K, SpanData[]][] {
  const byReference = new Map<K, SpanData[]>()
  const byContent = new Map<string, SpanData[]>()
  const groups: [K, SpanData[]][] = []
  for (const span of spans) {
    const key = keyOf(span)
    let group = byReference.get(key)
    if (group === undefined) {
      const content = JSON.stringify(key) ?? ''
      group = byContent.get(content)
      if (group === undefined) {
        group = []
        byContent.set(content, group)
        groups.push([key, group])
      }
      byReference.set(key, group)
    }
    group.push(span)
  }
  return groups
}

/** Fields are assigned rather than spread: an export encodes thousands of spans, and absent fields are the common case. */
function encodeSpan(span: SpanData): object {
  const encoded: Record<string, unknown> = { traceId: span.traceId, spanId: span.spanId }
  if (span.traceState !== undefined) encoded['traceState'] = span.traceState
  if (span.parentSpanId !== undefined) encoded['parentSpanId'] = span.parentSpanId
  encoded['flags'] = encodeFlags(span)
  encoded['name'] = span.name
  encoded['kind'] = KIND_NUMBERS[span.kind]
  encoded['startTimeUnixNano'] = toUnixNano(toMicros(span.startTime), span.startNanos ?? 0)
  encoded['endTimeUnixNano'] = encodeEndTime(span)
  encoded['attributes'] = encodeAttributes(span.attributes)
  if (span.droppedAttributes !== undefined) encoded['droppedAttributesCount'] = span.droppedAttributes
  if (span.events.length > 0) encoded['events'] = span.events.map(encodeEvent)
  if (span.droppedEvents !== undefined) encoded['droppedEventsCount'] = span.droppedEvents
  if (span.links.length > 0) encoded['links'] = span.links.map(encodeLink)
  if (span.droppedLinks !== undefined) encoded['droppedLinksCount'] = span.droppedLinks
  encoded['status'] = encodeStatus(span)
  return encoded
}

function encodeFlags(span: SpanData): number {
  const flags = span.flags & TRACE_FLAGS_MASK
  if (span.parentIsRemote === undefined) return flags
  return flags | HAS_IS_REMOTE | (span.parentIsRemote ? IS_REMOTE : 0)
}

function encodeStatus(span: SpanData): object {
  const code = STATUS_NUMBERS[span.status]
  return span.statusMessage === undefined ? { code } : { message: span.statusMessage, code }
}

function encodeEndTime(span: SpanData): string {
  const nanos = (span.startNanos ?? 0) + (span.durationNanos ?? 0)
  const micros = toMicros(span.startTime) + toMicros(span.duration)
  return nanos < 1000 ? toUnixNano(micros, nanos) : toUnixNano(micros + 1, nanos - 1000)
}

function encodeEvent(event: SpanEvent): object {
  const encoded: Record<string, unknown> = {
    timeUnixNano: toUnixNano(toMicros(event.time), event.timeNanos ?? 0),
    name: event.name,
    attributes: encodeAttributes(event.attributes),
  }
  if (event.droppedAttributes !== undefined) encoded['droppedAttributesCount'] = event.droppedAttributes
  return encoded
}

function encodeLink(link: SpanLink): object {
  const encoded: Record<string, unknown> = { traceId: link.traceId, spanId: link.spanId, attributes: encodeAttributes(link.attributes) }
  if (link.traceState !== undefined) encoded['traceState'] = link.traceState
  if (link.droppedAttributes !== undefined) encoded['droppedAttributesCount'] = link.droppedAttributes
  if (link.flags !== undefined) encoded['flags'] = link.flags
  return encoded
}
