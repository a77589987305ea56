import type { Attributes, AttributeValue } from '@clew/core'
import { isAbsent, isJsonObject, type JsonObject, malformed, readArray, readString } from './otlp-fields.js'

/** An AnyValue as plain JSON. */
type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain }

/** Deeper nesting is a mistake or an attack; the stack of a recursive reader has to end somewhere. */
const MAX_DEPTH = 32
const INT64 = /^-?\d{1,19}$/
const DOUBLE_NAMES: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity'])

/**
 * Reads a list of OTLP `KeyValue`s. Where a name occurs twice, the last one counts.
 *
 * What an attribute cannot hold becomes text, as OpenTelemetry says for formats without maps: a map, an array of arrays, of maps or of
 * mixed types is written as JSON, bytes stay base64, an empty value is the empty string, an integer beyond 2^53 keeps its digits.
 */
export function readAttributes(entries: readonly unknown[]): Attributes {
  const attributes: Attributes = {}
  for (const entry of entries) {
    const [key, value] = readKeyValue(entry, 0)
    setOwn(attributes, key, toAttributeValue(value))
  }
  return attributes
}

/** A key that is absent is the empty string, as everywhere in proto3. */
function readKeyValue(entry: unknown, depth: number): [string, Plain] {
  if (!isJsonObject(entry)) throw malformed('an attribute is not an object')
  return [readString(entry['key'], 'an attribute key'), readPlain(entry['value'], depth)]
}

/** Assigning to `__proto__` would change the prototype instead of adding a property. */
function setOwn<T>(target: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  else target[key] = value
}

function toAttributeValue(value: Plain): AttributeValue {
  if (value === null) return ''
  if (typeof value !== 'object') return value
  return isUniform(value) ? value : JSON.stringify(value)
}

function isUniform(value: Plain): value is readonly string[] | readonly number[] | readonly boolean[] {
  if (!Array.isArray(value)) return false
  const type = typeof value[0]
  return value.length === 0 || (type !== 'object' && value.every((element) => typeof element === type))
}

function readPlain(value: unknown, depth: number): Plain {
  if (depth > MAX_DEPTH) throw malformed(`an attribute value is nested more than ${MAX_DEPTH} levels deep`)
  if (isAbsent(value)) return null
  if (!isJsonObject(value)) throw malformed('an attribute value is not an object')
  return readScalar(value) ?? readNested(value, depth + 1)
}

function readScalar(value: JsonObject): Plain | undefined {
  const { stringValue, intValue, doubleValue, boolValue, bytesValue } = value
  if (!isAbsent(stringValue)) return expectType(stringValue, 'string', 'stringValue')
  if (!isAbsent(intValue)) return readInt64(intValue)
  if (!isAbsent(doubleValue)) return readDouble(doubleValue)
  if (!isAbsent(boolValue)) return expectType(boolValue, 'boolean', 'boolValue')
  return isAbsent(bytesValue) ? undefined : expectType(bytesValue, 'string', 'bytesValue')
}

function readNested(value: JsonObject, depth: number): Plain {
  const { arrayValue, kvlistValue } = value
  if (!isAbsent(arrayValue)) return readValues(arrayValue, 'arrayValue').map((element) => readPlain(element, depth))
  if (isAbsent(kvlistValue)) return null
  const map: Record<string, Plain> = {}
  for (const entry of readValues(kvlistValue, 'kvlistValue')) {
    const [key, element] = readKeyValue(entry, depth)
    setOwn(map, key, element)
  }
  return map
}

function readValues(list: unknown, field: string): readonly unknown[] {
  if (!isJsonObject(list)) throw malformed(`${field} is not an object`)
  return readArray(list['values'], `${field}.values`)
}

function expectType(value: unknown, type: 'string' | 'boolean', field: string): string | boolean {
  if (typeof value !== type) throw malformed(`${field} is not a ${type}`)
  return value as string | boolean
}

function readInt64(value: unknown): Plain {
  if (typeof value === 'number' && Number.isInteger(value)) return value
  if (typeof value !== 'string' || !INT64.test(value)) throw malformed('intValue is not a 64-bit integer')
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function readDouble(value: unknown): Plain {
  if (typeof value === 'number') return value
  if (DOUBLE_NAMES.has(value)) return Number(value)
  throw malformed('doubleValue is not a number')
}
