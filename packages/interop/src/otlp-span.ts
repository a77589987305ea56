import type { Attributes, Resource, Scope, SpanData, SpanEvent, SpanKind, SpanLink, SpanStatus } from '@clew/core'
import {
  isAbsent,
  isJsonObject,
  type JsonObject,
  malformed,
  type PreciseTime,
  readArray,
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
    attributes: readAttributes(value['attributes'], 'attributes'),
    events: readArray(value['events'], 'events').map((event) => readEvent(event, start)),
    links: [],
    resource: container.resource,
    flags: flags & TRACE_FLAGS_MASK,
  }
  if (start.nanos > 0) span.startNanos = start.nanos
  if (container.scope !== undefined) span.scope = container.scope
  if ((flags & HAS_IS_REMOTE) !== 0) span.parentIsRemote = (flags & IS_REMOTE) !== 0
  addDuration(span, start, readUnixNano(value['endTimeUnixNano'], 'endTimeUnixNano'))
  addStatus(span, readObject(value['status'], 'status'))
  addOptionalFields(span, value)
  addLinks(span, value)
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
  const droppedAttributes = readUint32(value['droppedAttributesCount'], 'droppedAttributesCount')
  if (droppedAttributes > 0) span.droppedAttributes = droppedAttributes
  const droppedEvents = readUint32(value['droppedEventsCount'], 'droppedEventsCount')
  if (droppedEvents > 0) span.droppedEvents = droppedEvents
}

/** A link without a valid id points nowhere; it is left out and counted among those dropped. */
function addLinks(span: Mutable<SpanData>, value: JsonObject): void {
  const received = readArray(value['links'], 'links').map((link) => readObject(link, 'a link'))
  const links = received.filter(hasValidIds).map(readLink)
  const dropped = readUint32(value['droppedLinksCount'], 'droppedLinksCount') + received.length - links.length
  span.links = links
  if (dropped > 0) span.droppedLinks = dropped
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

function readLink(value: JsonObject): SpanLink {
  const link: Mutable<SpanLink> = {
    traceId: readTraceId(value['traceId'], 'traceId'),
    spanId: readSpanId(value['spanId'], 'spanId'),
    attributes: readAttributes(value['attributes'], 'link attributes'),
  }
  const traceState = readString(value['traceState'], 'link traceState')
  if (traceState !== '') link.traceState = traceState
  const flags = readUint32(value['flags'], 'link flags')
  if (flags > 0) link.flags = flags
  const dropped = readUint32(value['droppedAttributesCount'], 'link droppedAttributesCount')
  if (dropped > 0) link.droppedAttributes = dropped
  return link
}

/** An event without a time is taken to have happened when its span started. */
function readEvent(value: unknown, start: PreciseTime): SpanEvent {
  const event = readObject(value, 'an event')
  const time = readUnixNano(event['timeUnixNano'], 'event timeUnixNano') ?? start
  const read: Mutable<SpanEvent> = {
    name: readString(event['name'], 'event name'),
    time: time.micros / 1000,
    attributes: readAttributes(event['attributes'], 'event attributes'),
  }
  if (time.nanos > 0) read.timeNanos = time.nanos
  const dropped = readUint32(event['droppedAttributesCount'], 'event droppedAttributesCount')
  if (dropped > 0) read.droppedAttributes = dropped
  return read
}

/** Reads an OTLP resource. */
export function readResource(value: unknown): Resource {
  const attributes: Attributes = readAttributes(readObject(value, 'resource')['attributes'], 'resource attributes')
  return { attributes }
}

/** Reads an OTLP instrumentation scope; undefined where it says nothing. */
export function readScope(value: unknown): Scope | undefined {
  const scope = readObject(value, 'scope')
  const name = readString(scope['name'], 'scope name')
  const version = readString(scope['version'], 'scope version')
  const attributes = readAttributes(scope['attributes'], 'scope attributes')
  const hasAttributes = Object.keys(attributes).length > 0
  if (name === '' && version === '' && !hasAttributes) return undefined
  return { name, ...(version === '' ? {} : { version }), ...(hasAttributes ? { attributes } : {}) }
}
