import type { Attributes, AttributeValue, Resource, SpanData } from '@clew/core'

// Bytes on V8's heap, 64 bit without pointer compression, checked against process.memoryUsage() in the tests.
const SPAN_BYTES = 280
const EVENT_BYTES = 100
const LINK_BYTES = 90
const OBJECT_BYTES = 56
const ATTRIBUTE_BYTES = 12
const NUMBER_BYTES = 12
const STRING_BYTES = 16
const BEYOND_LATIN1 = /[^\u0000-\u00ff]/ // eslint-disable-line no-control-regex

/** What one trace costs beside its spans: its place in the indexes and its summary. */
export const TRACE_BYTES = 1_100

/** Estimates the memory that a span holds, without its resource, which it shares with others. */
export function estimateSpanBytes(span: SpanData): number {
  let bytes = SPAN_BYTES + estimateString(span.traceId) + estimateString(span.spanId) + estimateString(span.parentSpanId)
  bytes +=
    estimateString(span.name) + estimateString(span.statusMessage) + estimateString(span.traceState) + estimateAttributes(span.attributes)
  for (const event of span.events) bytes += EVENT_BYTES + estimateString(event.name) + estimateAttributes(event.attributes)
  for (const link of span.links) {
    bytes += LINK_BYTES + estimateString(link.traceId) + estimateString(link.spanId) + estimateString(link.traceState)
    bytes += estimateAttributes(link.attributes)
  }
  return bytes
}

/** Estimates the memory that a resource holds. */
export function estimateResourceBytes(resource: Resource): number {
  return OBJECT_BYTES + estimateAttributes(resource.attributes)
}

/** Names are not counted: V8 keeps each once for all objects that have it. */
function estimateAttributes(attributes: Attributes): number {
  let bytes = OBJECT_BYTES
  for (const name of Object.keys(attributes)) bytes += ATTRIBUTE_BYTES + estimateValue(attributes[name])
  return bytes
}

function estimateValue(value: AttributeValue | undefined): number {
  if (typeof value === 'string') return estimateString(value)
  if (typeof value === 'object') return OBJECT_BYTES + value.reduce((sum: number, element) => sum + 8 + estimateValue(element), 0)
  return typeof value === 'number' ? NUMBER_BYTES : 0
}

function estimateString(text: string | undefined): number {
  if (text === undefined) return 0
  return STRING_BYTES + (BEYOND_LATIN1.test(text) ? 2 * text.length : text.length)
}
