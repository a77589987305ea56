import type { LogLine, PendingLog } from './log-records.js'
import type { ByteReader } from './recorder-bytes.js'
import { INLINE, LOOSE, type Origin, type Shape, type Shapes } from './recorder-shapes.js'
import { KINDS, PARENT, RARE, type RecordedPart, REMOTE, STATUSES } from './recorder-writer.js'
import type { Attributes, AttributeValue, Scope, SpanData, SpanEvent, SpanKind, SpanLink } from './span-data.js'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Draft = Mutable<SpanData>

interface Head {
  readonly traceId: string
  readonly origin: Origin
  readonly flags: number
  readonly traceState: string | undefined
}

/** What a record refers to. */
export interface RecordReferences {
  readonly shapes: Shapes
  readonly readers: readonly LogLine['read'][]
}

/** Reads what a `PartWriter` wrote, with what it referred to. */
export function readPart(bytes: ByteReader, { shapes, readers }: RecordReferences, traceId: string): RecordedPart {
  const spanCount = bytes.u32()
  const logCount = bytes.u32()
  const drafts: Draft[] = []
  const parents: number[] = []
  if (spanCount > 0) {
    const head = readHead(bytes, shapes, traceId)
    for (let index = 0; index < spanCount; index++) drafts.push(readSpan(bytes, { shapes, head, parents }))
  }
  for (let index = 0; index < spanCount; index++) findParent(drafts, index, parents)
  return { spans: drafts, logs: Array.from({ length: logCount }, () => readLog(bytes, readers, traceId)) }
}

function readHead(bytes: ByteReader, shapes: Shapes, traceId: string): Head {
  const origin = shapes.origins[bytes.u8()] as Origin
  const flags = bytes.u8()
  return { traceId, origin, flags, traceState: bytes.value() as string | undefined }
}

interface Surroundings {
  readonly shapes: Shapes
  readonly head: Head
  /** Where each parent is found; see `PARENT`. */
  readonly parents: number[]
}

function readSpan(bytes: ByteReader, { shapes, head, parents }: Surroundings): Draft {
  const bits = bytes.u8()
  const spanId = bytes.hex(8)
  const parent = (bits >> 4) & 7
  parents.push(parent)
  const parentSpanId = parent === PARENT.here ? bytes.hex(8) : undefined
  const startTime = bytes.f64()
  const duration = bytes.f64()
  const { name, kind, attributes } = readAttributes(bytes, shapes)
  const draft: Draft = {
    traceId: head.traceId,
    spanId,
    parentSpanId,
    name,
    kind,
    service: head.origin.service,
    startTime,
    duration,
    status: STATUSES[bits & 3] ?? 'unset',
    statusMessage: undefined,
    attributes,
    events: [],
    links: [],
    resource: head.origin.resource,
    flags: head.flags,
    traceState: head.traceState,
    parentIsRemote: REMOTE[(bits >> 2) & 3],
    droppedAttributes: undefined,
    droppedEvents: undefined,
    droppedLinks: undefined,
  }
  if (bits & 128) readRare(bytes, draft, shapes)
  return draft
}

/** Parents of an earlier span are known by then; those of later ones have their ids. */
function findParent(drafts: readonly Draft[], index: number, parents: readonly number[]): void {
  const draft = drafts[index] as Draft
  if (parents[index] === PARENT.next) draft.parentSpanId = drafts[index + 1]?.spanId
  else if (parents[index] === PARENT.last) draft.parentSpanId = drafts.at(-1)?.spanId
  else if (parents[index] === PARENT.previous) draft.parentSpanId = drafts[index - 1]?.parentSpanId
}

function readAttributes(bytes: ByteReader, shapes: Shapes): { name: string; kind: SpanKind; attributes: Attributes } {
  const id = bytes.u16()
  if (id === LOOSE) {
    const kind = KINDS[bytes.u8()] as SpanKind
    return { kind, name: bytes.text(), attributes: readPairs(bytes) }
  }
  const { name, kind, columns } = shapes.list[id] as Shape
  const attributes: Attributes = {}
  for (const { key, values } of columns) {
    const index = bytes.u8()
    attributes[key] = index === INLINE ? (bytes.value() as AttributeValue) : (values[index] as AttributeValue)
  }
  return { name, kind, attributes }
}

function readPairs(bytes: ByteReader): Attributes {
  const attributes: Attributes = {}
  for (let count = bytes.value() as number; count > 0; count--) attributes[bytes.text()] = bytes.value() as AttributeValue
  return attributes
}

function readRare(bytes: ByteReader, draft: Draft, shapes: Shapes): void {
  const rare = bytes.u16()
  if (rare & RARE.statusMessage) draft.statusMessage = bytes.text()
  if (rare & RARE.events) draft.events = readList(bytes, readEvent)
  if (rare & RARE.links) draft.links = readList(bytes, readLink)
  if (rare & RARE.scope) draft.scope = readScope(bytes)
  if (rare & RARE.traceState) draft.traceState = bytes.value() as string | undefined
  if (rare & RARE.flags) draft.flags = bytes.value() as number
  if (rare & RARE.dropped) {
    draft.droppedAttributes = readNumber(bytes)
    draft.droppedEvents = readNumber(bytes)
    draft.droppedLinks = readNumber(bytes)
  }
  if (rare & RARE.nanos) {
    draft.startNanos = readNumber(bytes)
    draft.durationNanos = readNumber(bytes)
  }
  if (rare & RARE.origin) Object.assign(draft, shapes.origins[readNumber(bytes) as number])
}

function readNumber(bytes: ByteReader): number | undefined {
  return bytes.value() as number | undefined
}

function readList<T>(bytes: ByteReader, read: (bytes: ByteReader) => T): T[] {
  return Array.from({ length: bytes.value() as number }, () => read(bytes))
}

function readEvent(bytes: ByteReader): SpanEvent {
  const name = bytes.text()
  const time = bytes.value() as number
  const timeNanos = readNumber(bytes)
  const droppedAttributes = readNumber(bytes)
  return { name, time, timeNanos, attributes: readPairs(bytes), droppedAttributes }
}

function readLink(bytes: ByteReader): SpanLink {
  const traceId = bytes.text()
  const spanId = bytes.text()
  const flags = readNumber(bytes)
  const traceState = bytes.value() as string | undefined
  const droppedAttributes = readNumber(bytes)
  return { traceId, spanId, flags, traceState, attributes: readPairs(bytes), droppedAttributes }
}

function readScope(bytes: ByteReader): Scope {
  const name = bytes.text()
  const version = bytes.value() as string | undefined
  return bytes.value() === true ? { name, version, attributes: readPairs(bytes) } : { name, version }
}

function readLog(bytes: ByteReader, readers: RecordReferences['readers'], traceId: string): PendingLog {
  const spanId = bytes.text()
  const time = bytes.value() as number
  const severityNumber = bytes.value() as number
  const severityText = bytes.value() as string | undefined
  const line = bytes.text()
  const read = readers[bytes.value() as number] as LogLine['read']
  return { traceId, spanId, time, log: { severityNumber, severityText, line, read } }
}
