import type { Attributes, AttributeValue, Resource, Scope } from './span-data.js'

/** What all OTLP requests in JSON have in common. */

export function encodeResource(resource: Resource): object {
  return { attributes: encodeAttributes(resource.attributes) }
}

export function encodeScope(scope: Scope): object {
  const { name, version, attributes } = scope
  return {
    name,
    ...(version === undefined ? {} : { version }),
    ...(attributes === undefined ? {} : { attributes: encodeAttributes(attributes) }),
  }
}

/** A double holds today's epoch milliseconds to 0.25 us, so rounding to whole microseconds gives back what was recorded. */
export function toMicros(milliseconds: number): number {
  return Math.round(milliseconds * 1000)
}

/** Joins the digits instead of multiplying: nanoseconds since 1970 do not fit into a double. */
export function toUnixNano(micros: number, nanos: number): string {
  return micros > 0 ? `${micros}${String(nanos).padStart(3, '0')}` : String(nanos)
}

export function encodeAttributes(attributes: Attributes): object[] {
  const encoded: object[] = []
  for (const key of Object.keys(attributes)) {
    const value = attributes[key]
    if (value !== undefined) encoded.push({ key, value: encodeValue(value) })
  }
  return encoded
}

function encodeValue(value: AttributeValue): object {
  switch (typeof value) {
    case 'string':
      return { stringValue: value }
    case 'boolean':
      return { boolValue: value }
    case 'number':
      return encodeNumber(value)
    default:
      return { arrayValue: { values: value.map(encodeValue) } }
  }
}

/** JSON has no NaN and no infinities; protobuf's JSON mapping writes their names. */
function encodeNumber(value: number): object {
  if (Number.isSafeInteger(value)) return { intValue: String(value) }
  return { doubleValue: Number.isFinite(value) ? value : String(value) }
}
