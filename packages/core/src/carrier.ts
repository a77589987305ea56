/** Reads one header by its lower-case name. */
export type HeaderGetter = (name: string) => string | readonly string[] | undefined

/** Kafka and AMQP clients hand over header values as bytes; nothing we read is longer than this. */
const MAX_BYTES = 32_768
/** Longer than any list that is read. */
const MAX_JOINED_LENGTH = 32_768

/**
 * Reads headers from whatever carries them: `Headers`, a `Map` or anything else with `get`, Node's `req.headers`, plain objects
 * (names in any case; values may be text, bytes, numbers or arrays of those).
 *
 * The getter throws what the carrier throws.
 *
 * @example
 * const get = defaultGetter(message.headers)
 * get('traceparent')
 */
export function defaultGetter(carrier: unknown): HeaderGetter {
  if (typeof carrier !== 'object' || carrier === null) return () => undefined
  if (hasMethod(carrier, 'get'))
    return (name) => toHeaderValue(carrier.get(name) ?? (carrier instanceof Map ? findFolded(carrier, name) : undefined))
  return objectGetter(carrier as Record<string, unknown>)
}

/**
 * Writes one header into whatever carries them: `Headers`, a `Map` or anything else with `set`, otherwise a property of the object.
 * A header that is there already is replaced, however its name is spelled.
 *
 * Throws what the carrier throws, a frozen one for instance; does nothing where the carrier is not an object.
 *
 * @example
 * defaultSetter(message.headers, 'traceparent', '00-...')
 */
export function defaultSetter(carrier: unknown, name: string, value: string): void {
  if (typeof carrier !== 'object' || carrier === null) return
  if (hasMethod(carrier, 'set')) carrier.set(name, value)
  else setProperty(carrier as Record<string, unknown>, name, value)
}

/**
 * The values of a header as one text, with commas between them. Of a list that is too long in any case the rest is left out.
 *
 * @example
 * joinHeader(['a=1', 'b=2']) // 'a=1,b=2'
 */
export function joinHeader(header: string | readonly string[]): string {
  if (typeof header === 'string') return header
  let length = 0
  const last = header.findIndex((value) => (length += value.length + 1) > MAX_JOINED_LENGTH)
  return (last === -1 ? header : header.slice(0, last + 1)).join(',')
}

function hasMethod<N extends 'get' | 'set'>(carrier: object, name: N): carrier is Record<N, (...args: unknown[]) => unknown> {
  return name in carrier && typeof (carrier as Record<N, unknown>)[name] === 'function'
}

/** Node's headers are in lower case already; other objects get an index at the first name that is not found as it is. */
function objectGetter(carrier: Record<string, unknown>): HeaderGetter {
  let folded: Map<string, unknown> | undefined
  return function getHeader(name) {
    if (Object.hasOwn(carrier, name)) return toHeaderValue(carrier[name])
    folded ??= indexOtherCases(carrier)
    return folded === NONE ? undefined : toHeaderValue(folded.get(name))
  }
}

const NONE: Map<string, unknown> = new Map()

function indexOtherCases(carrier: Record<string, unknown>): Map<string, unknown> {
  let folded = NONE
  for (const key of Object.keys(carrier)) {
    const lower = key.toLowerCase()
    if (lower === key) continue
    if (folded === NONE) folded = new Map()
    folded.set(lower, carrier[key])
  }
  return folded
}

function findFolded(carrier: ReadonlyMap<unknown, unknown>, name: string): unknown {
  for (const [key, value] of carrier) {
    if (typeof key === 'string' && key.length === name.length && key.toLowerCase() === name) return value
  }
  return undefined
}

/** A header out of what a carrier holds: text, bytes, numbers, or arrays of those. */
export function toHeaderValue(value: unknown): string | string[] | undefined {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.flatMap((item) => toText(item) ?? [])
  return toText(value)
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (!(value instanceof Uint8Array) || value.byteLength > MAX_BYTES) return undefined
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')
}

function setProperty(carrier: Record<string, unknown>, name: string, value: string): void {
  for (const key of Object.keys(carrier)) {
    if (key !== name && key.length === name.length && key.toLowerCase() === name.toLowerCase()) delete carrier[key]
  }
  carrier[name] = value
}
