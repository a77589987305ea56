import type { TraceContext } from '@clew/core'
import type { LogSpan } from '@clew/core/adapter'
import type { FieldNames } from './options.js'

/** How ids become fields of lines: what is the same for every span. */
export interface FieldStyle {
  readonly fields: Readonly<Required<FieldNames>>
  readonly traceIdField: 'w3c' | 'received'
  readonly keys: readonly string[]
  /** The keys as JSON, with the comma before and the colon behind. */
  readonly jsonKeys: Readonly<Required<FieldNames>>
  /** Matches any of the keys in JSON. */
  readonly anyKey: RegExp
}

/** The fields that one span adds to its lines. */
export interface TraceFields {
  readonly style: FieldStyle
  /** A piece of JSON that begins with a comma; empty for a span that has no ids. */
  readonly json: string
  /** The same as an object, once somebody asked for it. */
  object: Readonly<Record<string, string>> | undefined
}

const NO_IDS = '0'.repeat(32)

/** What `traceFieldsOf` reads. */
export function createFieldStyle(fields: Readonly<Required<FieldNames>>, traceIdField: 'w3c' | 'received'): FieldStyle {
  const keys = Object.values(fields)
  const escaped = keys.map((key) => JSON.stringify(key).replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const jsonKeys = Object.fromEntries(Object.entries(fields).map(([name, key]) => [name, `,${JSON.stringify(key)}:`]))
  return {
    fields,
    traceIdField,
    keys,
    jsonKeys: jsonKeys as unknown as Readonly<Required<FieldNames>>,
    anyKey: new RegExp(`(?:${escaped.join('|')}):`),
  }
}

/** The fields of a span: written for its first line, and remembered on it for the others. */
export function traceFieldsOf(span: LogSpan, style: FieldStyle): TraceFields {
  const note = span.logNote as TraceFields | undefined
  if (note?.style === style) return note
  const context = span.traceContext()
  const fields: TraceFields = { style, json: context.traceId === NO_IDS ? '' : toJson(context, style), object: undefined }
  span.logNote = fields
  return fields
}

/** The ids of our own are hex; what others sent has to be quoted. */
function toJson(context: TraceContext, { jsonKeys, traceIdField }: FieldStyle): string {
  const { externalId, requestId, correlationId } = context
  const traceId = traceIdField === 'received' && externalId !== undefined ? JSON.stringify(externalId) : `"${context.traceId}"`
  let json = `${jsonKeys.traceId}${traceId}${jsonKeys.spanId}"${context.spanId}"${jsonKeys.traceFlags}"${toHexByte(context.traceFlags)}"${jsonKeys.service}${quoteService(context.service)}`
  if (externalId !== undefined) json += jsonKeys.externalId + JSON.stringify(externalId)
  if (requestId !== undefined) json += jsonKeys.requestId + JSON.stringify(requestId)
  if (correlationId !== undefined) json += jsonKeys.correlationId + JSON.stringify(correlationId)
  return json
}

let lastService = ''
let lastQuoted = '""'

/** A process has one name, or few. */
function quoteService(service: string): string {
  if (service !== lastService) {
    lastQuoted = JSON.stringify(service)
    lastService = service
  }
  return lastQuoted
}

/** The same as an object of its own, without some keys. */
export function toObject(fields: TraceFields, without: readonly string[]): Record<string, string> {
  const object = { ...(fields.object ??= JSON.parse(`{${fields.json.slice(1)}}`) as Record<string, string>) }
  for (const key of without) delete object[key]
  return object
}

/** The fields without some keys, as a piece of JSON that begins with a comma. */
export function jsonWithout(fields: TraceFields, without: readonly string[]): string {
  const json = JSON.stringify(toObject(fields, without))
  return json === '{}' ? '' : `,${json.slice(1, -1)}`
}

/** As in `traceparent`. */
export function toHexByte(flags: number): string {
  return flags < 16 ? `0${flags.toString(16)}` : flags.toString(16)
}

/** The keys that a logger writes anyway: pino puts a child's bindings beside the line's fields, and a key in both would stand twice in the JSON. */
export function boundKeys({ keys, anyKey }: FieldStyle, bindings: string): readonly string[] {
  return anyKey.test(bindings) ? keys.filter((key) => isBound(key, bindings)) : NO_KEYS
}

const NO_KEYS: readonly string[] = []

/** Bindings are a piece of JSON that begins with a comma; the key may stand deeper in it. */
function isBound(key: string, bindings: string): boolean {
  try {
    return Object.hasOwn(JSON.parse(`{${bindings.slice(1)}}`) as object, key)
  } catch {
    return true
  }
}
