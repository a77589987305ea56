import type { Attributes, AttributeValue, Resource, Scope, SpanData } from '@clew/core'

// Bytes on V8's heap, 64 bit without pointer compression, checked against process.memoryUsage() in the tests.
const SPAN_BYTES = 280
const EVENT_BYTES = 100
const LINK_BYTES = 90
const OBJECT_BYTES = 56
const ATTRIBUTE_BYTES = 12
const NUMBER_BYTES = 12
const STRING_BYTES = 16
const INDEX_BYTES = 350
/** What an object costs more for having a property that no other has: V8 describes its shape anew. */
const NAME_BYTES = 150
const MAX_KNOWN_NAMES = 1_024
const MAX_KNOWN_LENGTH = 100
const BEYOND_LATIN1 = /[^\u0000-\u00ff]/ // eslint-disable-line no-control-regex

/** What one trace costs beside its spans: its place in the indexes and its summary. */
export const TRACE_BYTES = 1_100

/** What one of a trace's services or external ids costs: an index of its own, at worst. */
export function estimateIndexBytes(key: string): number {
  return INDEX_BYTES + estimateString(key)
}

/** Estimates the memory that a span holds, without its resource and scope, which it shares with others. */
export function estimateSpanBytes(span: SpanData, names: KnownNames): number {
  let bytes = SPAN_BYTES + estimateString(span.traceId) + estimateString(span.spanId) + estimateString(span.parentSpanId)
  bytes += estimateString(span.name) + estimateString(span.statusMessage) + estimateString(span.traceState)
  bytes += estimateAttributes(span.attributes, names)
  for (const event of span.events) bytes += EVENT_BYTES + estimateString(event.name) + estimateAttributes(event.attributes, names)
  for (const link of span.links) {
    bytes += LINK_BYTES + estimateString(link.traceId) + estimateString(link.spanId) + estimateString(link.traceState)
    bytes += estimateAttributes(link.attributes, names)
  }
  return bytes
}

/** Estimates the memory that a resource or a scope holds. */
export function estimateSharedBytes(shared: Resource | Scope): number {
  const bytes = 2 * OBJECT_BYTES + estimateAttributes(shared.attributes ?? {})
  return 'name' in shared ? bytes + estimateString(shared.name) + estimateString(shared.version) : bytes
}

/** V8 keeps each name once for all objects that have it, so names that are known are not counted. */
export class KnownNames {
  readonly #names = new Set<string>()

  /** Whether the name was known; it is from now on, if there is room for it. */
  has(name: string): boolean {
    if (this.#names.has(name)) return true
    if (this.#names.size < MAX_KNOWN_NAMES && name.length <= MAX_KNOWN_LENGTH) this.#names.add(name)
    return false
  }
}

function estimateAttributes(attributes: Attributes, names?: KnownNames): number {
  let bytes = OBJECT_BYTES
  for (const name of Object.keys(attributes)) {
    bytes += ATTRIBUTE_BYTES + estimateValue(attributes[name])
    if (!names?.has(name)) bytes += NAME_BYTES + estimateString(name)
  }
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
