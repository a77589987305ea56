import type { LogLine, PendingLog } from './log-records.js'
import { BLOCK_FULL, type ByteWriter } from './recorder-bytes.js'
import { type Column, INLINE, LOOSE, type Shape, type Shapes } from './recorder-shapes.js'
import type { Attributes, Scope, SpanData, SpanEvent, SpanKind, SpanLink, SpanStatus } from './span-data.js'

/** What one process recorded for a trace, or a part of it. */
export interface RecordedPart {
  readonly spans: readonly SpanData[]
  readonly logs: readonly PendingLog[]
}

export const KINDS: readonly SpanKind[] = ['internal', 'server', 'client', 'producer', 'consumer']
export const STATUSES: readonly SpanStatus[] = ['unset', 'ok', 'error']

/** Where the parent's id is found. */
export const PARENT = { none: 0, next: 1, last: 2, previous: 3, here: 4 } as const
/** `parentIsRemote`, as it stands in two bits. */
export const REMOTE: readonly (boolean | undefined)[] = [undefined, false, true]

/** Fields that few spans have. */
export const RARE = {
  statusMessage: 1,
  events: 2,
  links: 4,
  scope: 8,
  traceState: 16,
  flags: 32,
  dropped: 64,
  nanos: 128,
  origin: 256,
} as const

const HEAD_BYTES = 64
/** Shape, bits, span id, parent id, start, duration, rare fields. */
const SPAN_BYTES = 48

/** Writes segments as bytes: what spans of an operation have in common as numbers, times and ids in binary. Throws `BLOCK_FULL`. */
export class PartWriter {
  /** What takes log lines apart, by number. */
  readers: LogLine['read'][] = []
  readonly #bytes: ByteWriter
  #shapes: Shapes
  #last: Shape | undefined
  #first: SpanData | undefined

  constructor(bytes: ByteWriter, shapes: Shapes) {
    this.#bytes = bytes
    this.#shapes = shapes
  }

  set shapes(shapes: Shapes) {
    this.#shapes = shapes
    this.#last = undefined
  }

  /** Every span is of the same trace. */
  write(part: RecordedPart): void {
    const { spans, logs } = part
    const bytes = this.#bytes
    bytes.reserve(HEAD_BYTES)
    bytes.u32(spans.length)
    bytes.u32(logs.length)
    const first = spans[0]
    this.#first = first
    if (first !== undefined) this.#head(first)
    for (let index = 0; index < spans.length; index++) this.#span(spans, index)
    for (const log of logs) this.#log(log)
  }

  /** What the spans of a segment have in common. */
  #head(first: SpanData): void {
    const bytes = this.#bytes
    bytes.u8(this.#originIndex(first))
    bytes.u8(first.flags)
    bytes.value(first.traceState)
  }

  #span(spans: readonly SpanData[], index: number): void {
    const span = spans[index] as SpanData
    const bytes = this.#bytes
    bytes.reserve(SPAN_BYTES)
    const parent = parentOf(spans, index)
    const rare = rareFieldsOf(span, this.#first as SpanData)
    const status = span.status === 'unset' ? 0 : STATUSES.indexOf(span.status)
    bytes.u8(status | (REMOTE.indexOf(span.parentIsRemote) << 2) | (parent << 4) | (rare === 0 ? 0 : 128))
    bytes.hex(span.spanId, 8)
    if (parent === PARENT.here) bytes.hex(span.parentSpanId as string, 8)
    bytes.f64(span.startTime)
    bytes.f64(span.duration)
    this.#attributes(span)
    if (rare !== 0) this.#rare(span, rare)
  }

  /** Name, kind and attributes, by the shape that came next the last time, by another of that name, or by a new one. */
  #attributes(span: SpanData): void {
    const { name, kind, attributes } = span
    const before = this.#last
    const expected = before?.next
    if (expected !== undefined && expected.name === name && this.#shaped(expected, kind, attributes)) return
    const shape = this.#findShape(span)
    if (shape === undefined) this.#loose(span)
    else if (before !== undefined) before.next = shape
  }

  #findShape({ name, kind, attributes }: SpanData): Shape | undefined {
    for (const shape of this.#shapes.variants(name) ?? []) if (this.#shaped(shape, kind, attributes)) return shape
    const added = this.#shapes.add(name, kind, attributes)
    return added !== undefined && this.#shaped(added, kind, attributes) ? added : undefined
  }

  /** False, with nothing written, where the shape is not that of these attributes. */
  #shaped(shape: Shape, kind: SpanKind, attributes: Attributes): boolean {
    if (shape.kind !== kind) return false
    const bytes = this.#bytes
    const start = bytes.position
    const { columns } = shape
    let count = 0
    bytes.reserve(2)
    bytes.u16(shape.id)
    for (const key in attributes) {
      const column = columns[count++]
      if (column === undefined || column.key !== key) {
        bytes.position = start
        return false
      }
      bytes.reserve(1)
      const value = attributes[key]
      if (value === column.last && value !== 0) bytes.u8(column.lastIndex)
      else this.#value(column, value as string)
    }
    if (count === columns.length) {
      this.#last = shape
      return true
    }
    bytes.position = start
    return false
  }

  #value(column: Column, value: Attributes[string]): void {
    const index = this.#shapes.indexOf(column, value)
    this.#bytes.u8(index)
    if (index === INLINE) this.#bytes.value(value)
  }

  #loose({ name, kind, attributes }: SpanData): void {
    this.#bytes.reserve(3)
    this.#bytes.u16(LOOSE)
    this.#bytes.u8(KINDS.indexOf(kind))
    this.#bytes.text(name)
    this.#pairs(attributes)
  }

  #pairs(attributes: Attributes): void {
    const keys = Object.keys(attributes)
    this.#bytes.value(keys.length)
    for (const key of keys) {
      this.#bytes.text(key)
      this.#bytes.value(attributes[key])
    }
  }

  #rare(span: SpanData, rare: number): void {
    const bytes = this.#bytes
    bytes.reserve(8)
    bytes.u16(rare)
    if (rare & RARE.statusMessage) bytes.value(span.statusMessage)
    if (rare & RARE.events) this.#list(span.events, (event) => this.#event(event))
    if (rare & RARE.links) this.#list(span.links, (link) => this.#link(link))
    if (rare & RARE.scope) this.#scope(span.scope as Scope)
    if (rare & RARE.traceState) bytes.value(span.traceState)
    if (rare & RARE.flags) bytes.value(span.flags)
    if (rare & RARE.dropped) [span.droppedAttributes, span.droppedEvents, span.droppedLinks].forEach((count) => bytes.value(count))
    if (rare & RARE.nanos) [span.startNanos, span.durationNanos].forEach((nanos) => bytes.value(nanos))
    if (rare & RARE.origin) bytes.value(this.#originIndex(span))
  }

  #originIndex(span: SpanData): number {
    const index = this.#shapes.originIndex(span)
    if (index === undefined) throw BLOCK_FULL
    return index
  }

  #list<T>(items: readonly T[], write: (item: T) => void): void {
    this.#bytes.value(items.length)
    items.forEach(write)
  }

  #event({ name, time, timeNanos, attributes, droppedAttributes }: SpanEvent): void {
    this.#bytes.text(name)
    this.#bytes.value(time)
    this.#bytes.value(timeNanos)
    this.#bytes.value(droppedAttributes)
    this.#pairs(attributes)
  }

  #link({ traceId, spanId, flags, traceState, attributes, droppedAttributes }: SpanLink): void {
    this.#bytes.text(traceId)
    this.#bytes.text(spanId)
    this.#bytes.value(flags)
    this.#bytes.value(traceState)
    this.#bytes.value(droppedAttributes)
    this.#pairs(attributes)
  }

  #scope({ name, version, attributes }: Scope): void {
    this.#bytes.text(name)
    this.#bytes.value(version)
    this.#bytes.value(attributes !== undefined)
    if (attributes) this.#pairs(attributes)
  }

  #log({ spanId, time, log }: PendingLog): void {
    const known = this.readers.indexOf(log.read)
    this.#bytes.text(spanId)
    this.#bytes.value(time)
    this.#bytes.value(log.severityNumber)
    this.#bytes.value(log.severityText)
    this.#bytes.text(log.line)
    this.#bytes.value(known === -1 ? this.readers.push(log.read) - 1 : known)
  }
}

/** Children end before their parents: mostly the parent is the next span, or the last one. */
function parentOf(spans: readonly SpanData[], index: number): number {
  const id = spans[index]?.parentSpanId
  if (id === undefined) return PARENT.none
  if (spans[index + 1]?.spanId === id) return PARENT.next
  if (index > 0 && spans[index - 1]?.parentSpanId === id) return PARENT.previous
  return spans[spans.length - 1]?.spanId === id ? PARENT.last : PARENT.here
}

function rareFieldsOf(span: SpanData, first: SpanData): number {
  let rare = 0
  if (span.statusMessage !== undefined) rare |= RARE.statusMessage
  if (span.events.length > 0) rare |= RARE.events
  if (span.links.length > 0) rare |= RARE.links
  if (span.scope !== undefined) rare |= RARE.scope
  if (span.traceState !== first.traceState) rare |= RARE.traceState
  if (span.flags !== first.flags) rare |= RARE.flags
  if (span.droppedAttributes !== undefined || span.droppedEvents !== undefined || span.droppedLinks !== undefined) rare |= RARE.dropped
  if (span.startNanos !== undefined || span.durationNanos !== undefined) rare |= RARE.nanos
  if (span.service !== first.service || span.resource !== first.resource) rare |= RARE.origin
  return rare
}
