import type { Resource, Scope, SpanData, SpanEvent, SpanKind, SpanLink, SpanStatus } from '@clew/core'
import {
  addUint32,
  isAbsent,
  isJsonObject,
  type JsonObject,
  malformed,
  type PreciseTime,
  readArray,
  readBounded,
  readObject,
  readParentSpanId,
  readSpanId,
  readString,
  readTraceId,
  readUint32,
  readUnixNano,
} from './otlp-fields.js'
import { readAttributes } from './otlp-value.js'

/** What all spans of one `scopeSpans` entry have in common. */
export interface SpanContainer {
  readonly resource: Resource
  readonly service: string
  readonly scope?: Scope
  /** Attributes, events and links of a span, each, and attributes of an event or a link. */
  readonly itemsPerSpan: number
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const KINDS: readonly SpanKind[] = ['internal', 'internal', 'server', 'client', 'producer', 'consumer']
const STATUSES: readonly SpanStatus[] = ['unset', 'ok', 'error']
const KIND_NAMES = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map((name) => `SPAN_KIND_${name}`)
const STATUS_NAMES = ['UNSET', 'OK', 'ERROR'].map((name) => `STATUS_CODE_${name}`)

/** Bits 8 and 9 of `Span.flags`: "it is known whether the parent is remote" and "it is" (opentelemetry-proto, SpanFlags). */
const HAS_IS_REMOTE = 0x100
const IS_REMOTE = 0x200
const TRACE_FLAGS_MASK = 0xff

/** Reads one OTLP span; throws a `TraceError` that says why where it cannot be used. */
export function readSpan(value: unknown, container: SpanContainer): SpanData {
  if (!isJsonObject(value)) throw malformed('a span is not an object')
  const start = readUnixNano(value['startTimeUnixNano'], 'startTimeUnixNano')
  if (start === undefined) throw malformed('startTimeUnixNano is missing')
  const flags = readUint32(value['flags'], 'flags')
  const span: Mutable<SpanData> = {
    traceId: readTraceId(value['traceId'], 'traceId'),
    spanId: readSpanId(value['spanId'], 'spanId'),
    name: readString(value['name'], 'name'),
    kind: KINDS[readEnum(value['kind'], KIND_NAMES, 'kind')] ?? 'internal',
    service: container.service,
    startTime: start.micros / 1000,
    duration: 0,
    status: 'unset',
    attributes: {},
    events: [],
    links: [],
    resource: container.resource,
    flags: flags & TRACE_FLAGS_MASK,
  }
  if (start.nanos > 0) span.startNanos = start.nanos
  if (container.scope !== undefined) span.scope = container.scope
  if ((flags & HAS_IS_REMOTE) !== 0) span.parentIsRemote = (flags & IS_REMOTE) !== 0
  addAttributes(span, value, { prefix: '', limit: container.itemsPerSpan })
  addDuration(span, start, readUnixNano(value['endTimeUnixNano'], 'endTimeUnixNano'))
  addStatus(span, readObject(value['status'], 'status'))
  addOptionalFields(span, value)
  addEvents(span, value, { start, limit: container.itemsPerSpan })
  addLinks(span, value, container.itemsPerSpan)
  return span
}

/** Enums are numbers in OTLP's JSON; their names, which protobuf's own JSON writes, are understood, too. An unknown number is 0. */
function readEnum(value: unknown, names: readonly string[], field: string): number {
  if (isAbsent(value)) return 0
  const number = typeof value === 'string' ? names.indexOf(value) : value
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0) throw malformed(`${field} is not a number of its enum`)
  return number
}

/** Nothing is repaired in silence: a span that never ended, or ended before it started, says so in an attribute. */
function addDuration(span: Mutable<SpanData>, start: PreciseTime, end: PreciseTime | undefined): void {
  if (end === undefined) {
    span.attributes['clew.unfinished'] = true
    return
  }
  const nanos = end.nanos - start.nanos
  const micros = end.micros - start.micros - (nanos < 0 ? 1 : 0)
  if (micros < 0) {
    span.attributes['clew.negative_duration_ms'] = (end.micros - start.micros) / 1000
    return
  }
  span.duration = micros / 1000
  if (nanos !== 0) span.durationNanos = nanos < 0 ? nanos + 1000 : nanos
}

function addStatus(span: Mutable<SpanData>, status: JsonObject): void {
  span.status = STATUSES[readEnum(status['code'], STATUS_NAMES, 'status.code')] ?? 'unset'
  const message = readString(status['message'], 'status.message')
  if (message !== '') span.statusMessage = message
}

function addOptionalFields(span: Mutable<SpanData>, value: JsonObject): void {
  const parentSpanId = readParentSpanId(value['parentSpanId'])
  if (parentSpanId !== undefined) span.parentSpanId = parentSpanId
  const traceState = readString(value['traceState'], 'traceState')
  if (traceState !== '') span.traceState = traceState
}

/** What spans, events and links have in common. */
type Described = Pick<Mutable<SpanData>, 'attributes' | 'droppedAttributes'>

function addAttributes(target: Described, value: JsonObject, { prefix, limit }: { prefix: string; limit: number }): void {
  const { items, dropped } = readBounded(value, { list: 'attributes', dropped: 'droppedAttributesCount', prefix }, limit)
  target.attributes = readAttributes(items)
  if (dropped > 0) target.droppedAttributes = dropped
}

function addEvents(span: Mutable<SpanData>, value: JsonObject, { start, limit }: { start: PreciseTime; limit: number }): void {
  const { items, dropped } = readBounded(value, { list: 'events', dropped: 'droppedEventsCount', prefix: '' }, limit)
  span.events = items.map((event) => readEvent(event, start, limit))
  if (dropped > 0) span.droppedEvents = dropped
}

/** A link without a valid id points nowhere; it is left out and counted among those dropped. */
function addLinks(span: Mutable<SpanData>, value: JsonObject, limit: number): void {
  const { items, dropped } = readBounded(value, { list: 'links', dropped: 'droppedLinksCount', prefix: '' }, limit)
  const valid = items.map((link) => readObject(link, 'a link')).filter(hasValidIds)
  span.links = valid.map((link) => readLink(link, limit))
  const lost = addUint32(dropped, items.length - valid.length)
  if (lost > 0) span.droppedLinks = lost
}

function hasValidIds(link: JsonObject): boolean {
  try {
    readTraceId(link['traceId'], 'traceId')
    readSpanId(link['spanId'], 'spanId')
    return true
  } catch {
    return false
  }
}

function readLink(value: JsonObject, limit: number): SpanLink {
  const link: Mutable<SpanLink> = {
    traceId: readTraceId(value['traceId'], 'traceId'),
    spanId: readSpanId(value['spanId'], 'spanId'),
    attributes: {},
  }
  addAttributes(link, value, { prefix: 'link ', limit })
  const traceState = readString(value['traceState'], 'link traceState')
  if (traceState !== '') link.traceState = traceState
  const flags = readUint32(value['flags'], 'link flags')
  if (flags > 0) link.flags = flags
  return link
}

/** An event without a time is taken to have happened when its span started. */
function readEvent(value: unknown, start: PreciseTime, limit: number): SpanEvent {
  const event = readObject(value, 'an event')
  const time = readUnixNano(event['timeUnixNano'], 'event timeUnixNano') ?? start
  const read: Mutable<SpanEvent> = {
    name: readString(event['name'], 'event name'),
    time: time.micros / 1000,
    attributes: {},
  }
  addAttributes(read, event, { prefix: 'event ', limit })
  if (time.nanos > 0) read.timeNanos = time.nanos
  return read
}

/** Reads an OTLP resource. */
export function readResource(value: unknown): Resource {
  return { attributes: readAttributes(readArray(readObject(value, 'resource')['attributes'], 'resource attributes')) }
}

/** Reads an OTLP instrumentation scope; undefined where it says nothing. */
export function readScope(value: unknown): Scope | undefined {
  const scope = readObject(value, 'scope')
  const name = readString(scope['name'], 'scope name')
  const version = readString(scope['version'], 'scope version')
  const attributes = readAttributes(readArray(scope['attributes'], 'scope attributes'))
  const hasAttributes = Object.keys(attributes).length > 0
  if (name === '' && version === '' && !hasAttributes) return undefined
  return { name, ...(version === '' ? {} : { version }), ...(hasAttributes ? { attributes } : {}) }
}
