import { toBoundedJson } from './bounded-json.js'
import type { Attributes, AttributeValue } from './span-data.js'

/** Attributes as callers give them: values that are no attribute values are turned into text, `undefined` and `null` are left out. */
export type AttributesInput = Readonly<Record<string, unknown>>

const MAX_ARRAY_ITEMS = 128
/** Of the name of an attribute. */
export const MAX_NAME_LENGTH = 1_024
/** A character that needs more than a byte. */
const WIDE = /[^\0-\xff]/

/** An attribute value out of anything, strings cut to `maxLength` characters; undefined where there is nothing to record. Never throws. */
export function toAttributeValue(value: unknown, maxLength: number): AttributeValue | undefined {
  switch (typeof value) {
    case 'string':
      return value.length > maxLength ? cut(value, maxLength) : value
    case 'number':
    case 'boolean':
      return value
    case 'bigint':
      return cut(value.toString(), maxLength)
    case 'object':
      return value === null ? undefined : fromObject(value, maxLength)
    case 'symbol':
      return cut(value.toString(), maxLength)
    default:
      return undefined
  }
}

/** True where `clean` is not all of what was given. Never throws. */
export function isCut(value: unknown, clean: AttributeValue, maxLength: number): boolean {
  if (typeof clean === 'string') return typeof value === 'string' ? clean.length < value.length : clean.length >= maxLength
  if (typeof clean !== 'object') return false
  try {
    const given = value as readonly unknown[]
    return given.length > clean.length || clean.some((item, index) => isCut(given[index], item, maxLength))
  } catch {
    return false
  }
}

/** The beginning of a string as a string of its own, so that it does not keep the whole alive. */
export function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  const last = text.charCodeAt(maxLength - 1)
  const end = last >= 0xd800 && last <= 0xdbff ? maxLength - 1 : maxLength
  return detach(text.slice(0, end))
}

/** A string of its own: what V8 slices off a long text would keep the whole of it alive. */
export function detach(text: string): string {
  const encoding = WIDE.test(text) ? 'utf16le' : 'latin1'
  return Buffer.from(text, encoding).toString(encoding)
}

function fromObject(value: object, maxLength: number): AttributeValue | undefined {
  try {
    if (Array.isArray(value)) return fromArray(value, maxLength)
    if (value instanceof Date) return value.toISOString()
    if (value instanceof Error) return cut(`${value.name}: ${value.message}`, maxLength)
    return cut(toBoundedJson(value, maxLength), maxLength)
  } catch {
    return '[unreadable]'
  }
}

function fromArray(values: readonly unknown[], maxLength: number): AttributeValue {
  const items: unknown[] = []
  // One by one: `slice` and `every` skip the holes of a list, and a hole is no value.
  for (let index = 0; index < values.length && index < MAX_ARRAY_ITEMS; index++) items.push(values[index])
  const type = typeof items[0]
  if ((type === 'number' || type === 'boolean') && items.every((item) => typeof item === type)) return items as readonly number[]
  return items.map((item) => {
    const text = toAttributeValue(item, maxLength)
    return typeof text === 'string' ? text : String(text ?? '')
  })
}

/** A name out of anything; never throws. */
export function toName(value: unknown, maxLength: number): string {
  if (typeof value === 'string') return value.length > maxLength ? cut(value, maxLength) : value
  return cut(String(toAttributeValue(value, maxLength) ?? typeof value), maxLength)
}

/** What limits say about attributes: how many, and how many characters a string may have. */
export interface AttributeLimits {
  readonly attributes: number
  readonly valueLength: number
}

/** A copy of `input` within limits, with the number of attributes that did not fit. Never throws. */
export function toAttributes(input: AttributesInput | undefined, limits: AttributeLimits): { attributes: Attributes; dropped: number } {
  const attributes: Attributes = {}
  let count = 0
  let dropped = 0
  for (const name of keysOf(input)) {
    const given = readProperty(input, name)
    if (given === undefined || given === null || name === '__proto__') continue
    if (count === limits.attributes) {
      dropped++
      continue
    }
    const value = toAttributeValue(given, limits.valueLength)
    if (value === undefined) continue
    attributes[toName(name, MAX_NAME_LENGTH)] = value
    count++
  }
  return { attributes, dropped }
}

/** The keys of anything; none where a proxy refuses. */
export function keysOf(input: unknown): string[] {
  if (typeof input !== 'object' || input === null) return []
  try {
    return Object.keys(input)
  } catch {
    return []
  }
}

/** A property of anything; undefined where a getter throws. */
export function readProperty(input: unknown, name: string): unknown {
  try {
    return (input as Record<string, unknown> | undefined)?.[name]
  } catch {
    return undefined
  }
}

/** What an attribute holds in memory, roughly: characters count as one byte, whatever else as eight. */
export function sizeOfAttribute(name: string, value: AttributeValue | undefined): number {
  return name.length + sizeOfValue(value)
}

/** The same of many. */
export function sizeOfAttributes(attributes: Attributes): number {
  let size = 0
  for (const name in attributes) size += sizeOfAttribute(name, attributes[name])
  return size
}

function sizeOfValue(value: AttributeValue | undefined): number {
  if (typeof value === 'string') return value.length
  if (!Array.isArray(value)) return 8
  let size = 8 * value.length
  for (const item of value) if (typeof item === 'string') size += item.length
  return size
}
