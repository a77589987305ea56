import { type ExportBatch, type SpanData, TraceError } from '@clew/core'
import { isJsonObject, type JsonObject, readArray, readObject } from './otlp-fields.js'
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

/** Bounds of what one span may bring along. */
export interface ReadOptions {
  /** Attributes, events and links of a span, each, and attributes of an event or a link; the rest counts as dropped. Default 128. */
  readonly itemsPerSpan?: number
}

/** What is sent to the wrong place, or spelled as protobuf spells it, would otherwise be ignored as unknown fields and lost. */
const MISTAKEN_FIELDS: Readonly<Record<string, string>> = {
  resource_spans: 'OTLP JSON spells its fields in lowerCamelCase: resourceSpans, not resource_spans',
  resourceLogs: 'this is an ExportLogsServiceRequest, not an ExportTraceServiceRequest',
  resourceMetrics: 'this is an ExportMetricsServiceRequest, not an ExportTraceServiceRequest',
}

/** Reading that stops after every entry: for callers that have other work to do in between. */
export type ReadSteps = Generator<undefined, ReadPayload, undefined>

type Steps<T> = Generator<undefined, T, undefined>

/** What the entries of one payload are read with. */
interface Reading {
  readonly itemsPerSpan: number
  /** How many spans were lost, by reason. */
  readonly reasons: Map<string, number>
}

/**
 * Reads an OTLP `ExportTraceServiceRequest` in its JSON form (already parsed) into batches of spans.
 *
 * Tolerant as the OTLP specification demands: ids in either case, 64-bit integers as strings or numbers, unknown fields ignored. A
 * span that cannot be read costs that span alone and is counted in `rejected`; an empty request gives no batches. Values that an
 * attribute cannot hold (maps, mixed or nested arrays) become JSON text, bytes stay base64, integers beyond 2^53 keep their digits as text.
 * Of more attributes, events or links than `itemsPerSpan` the first ones stay, and the span's dropped counts rise.
 *
 * @throws {TraceError} `INVALID_PAYLOAD` where the payload is no `ExportTraceServiceRequest` at all; `INVALID_OPTION`.
 *
 * @example
 * const { batches, rejected } = fromOtlpJson(await request.json())
 * for (const batch of batches) await store.export(batch, { signal })
 */
export function fromOtlpJson(payload: unknown, options: ReadOptions = {}): ReadPayload {
  const steps = fromOtlpJsonInSteps(payload, options)
  let step = steps.next()
  while (step.done !== true) step = steps.next()
  return step.value
}

/**
 * The same as `fromOtlpJson`, one resource, scope or span at a time, so that a server can answer others while it reads what is large.
 *
 * @throws {TraceError} The same, at the first step.
 *
 * @example
 * const steps = fromOtlpJsonInSteps(await request.json())
 * let step = steps.next()
 * for (let n = 1; !step.done; n++, step = steps.next()) if (n % 1_000 === 0) await setImmediate()
 * const { batches, rejected } = step.value
 */
export function* fromOtlpJsonInSteps(payload: unknown, options: ReadOptions = {}): ReadSteps {
  const reading: Reading = { itemsPerSpan: readItemsPerSpan(options), reasons: new Map() }
  const batches: ExportBatch[] = []
  for (const entry of readResourceSpans(payload)) {
    yield
    const batch = yield* readBatch(entry, reading)
    if (batch !== undefined) batches.push(batch)
  }
  return { batches, rejected: Array.from(reading.reasons, ([reason, count]) => ({ count, reason })) }
}

function readItemsPerSpan({ itemsPerSpan = 128 }: ReadOptions): number {
  if (Number.isSafeInteger(itemsPerSpan) && itemsPerSpan >= 0) return itemsPerSpan
  throw new TraceError('INVALID_OPTION', `itemsPerSpan must be a whole number, 0 or more, got ${String(itemsPerSpan)}`)
}

function readResourceSpans(payload: unknown): readonly unknown[] {
  if (!isJsonObject(payload)) throw unreadable('The payload is no ExportTraceServiceRequest: it is not a JSON object.')
  const { resourceSpans } = payload
  for (const [field, fault] of Object.entries(MISTAKEN_FIELDS)) {
    if (resourceSpans === undefined && Object.hasOwn(payload, field)) throw unreadable(`The payload cannot be read: ${fault}.`)
  }
  if (resourceSpans !== undefined && resourceSpans !== null && !Array.isArray(resourceSpans)) {
    throw unreadable('The payload is no ExportTraceServiceRequest: resourceSpans is not an array.')
  }
  return resourceSpans ?? []
}

function unreadable(message: string): TraceError {
  return new TraceError('INVALID_PAYLOAD', message)
}

function* readBatch(value: unknown, reading: Reading): Steps<ExportBatch | undefined> {
  const entry = guard(value, reading, () => readResourceEntry(value, reading))
  if (entry === undefined) return undefined
  const spans: SpanData[] = []
  for (const group of entry.groups) {
    yield
    yield* readGroup(group, entry.container, { ...reading, spans })
  }
  return spans.length === 0 ? undefined : { resource: entry.container.resource, spans, logs: [], metrics: [] }
}

function readResourceEntry(value: unknown, { itemsPerSpan }: Reading): { container: SpanContainer; groups: readonly unknown[] } {
  const entry = readObject(value, 'resourceSpans')
  const resource = readResource(entry['resource'])
  const name = resource.attributes['service.name']
  const service = typeof name === 'string' && name !== '' ? name : 'unknown_service'
  return { container: { resource, service, itemsPerSpan }, groups: readArray(entry['scopeSpans'], 'scopeSpans') }
}

function* readGroup(value: unknown, parent: SpanContainer, target: Reading & { readonly spans: SpanData[] }): Steps<void> {
  const group = guard(value, target, () => readScopeEntry(value, parent))
  for (const entry of group?.spans ?? []) {
    yield
    const span = guard(undefined, target, () => readSpan(entry, group?.container ?? parent))
    if (span !== undefined) target.spans.push(span)
  }
}

function readScopeEntry(value: unknown, parent: SpanContainer): { container: SpanContainer; spans: readonly unknown[] } {
  const group = readObject(value, 'scopeSpans')
  const scope = readScope(group['scope'])
  return { container: scope === undefined ? parent : { ...parent, scope }, spans: readArray(group['spans'], 'spans') }
}

/** Runs `read`; where it meets something malformed, counts the spans that are lost with `holder` under their reason. */
function guard<T>(holder: unknown, { reasons }: Reading, read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof TraceError)) throw error
    reasons.set(error.message, (reasons.get(error.message) ?? 0) + countSpans(holder))
    return undefined
  }
}

/** The spans inside a resource or scope entry; what holds none that could be counted is one. */
function countSpans(value: unknown): number {
  if (!isJsonObject(value)) return 1
  const groups = Array.isArray(value['scopeSpans']) ? value['scopeSpans'].filter(isJsonObject) : [value]
  const count = groups.reduce((sum: number, group: JsonObject) => sum + (Array.isArray(group['spans']) ? group['spans'].length : 0), 0)
  return Math.max(count, 1)
}
