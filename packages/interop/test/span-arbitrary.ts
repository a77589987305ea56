import type { Attributes, AttributeValue, ExportBatch, Resource, Scope, SpanData, SpanEvent, SpanLink } from '@clew/core'
import fc from 'fast-check'

const hex = (length: number): fc.Arbitrary<string> =>
  fc.bigInt(1n, 16n ** BigInt(length) - 1n).map((value) => value.toString(16).padStart(length, '0'))

/** -0 is left out: JSON writes it as 0. */
const number = fc.oneof(fc.maxSafeInteger(), fc.double()).map((value) => (Object.is(value, -0) ? 0 : value))
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.string(),
  number,
  fc.boolean(),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.array(number, { maxLength: 3 }),
  fc.array(fc.boolean(), { maxLength: 3 }),
)
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), value, {
  maxKeys: 5,
  noNullPrototype: true,
})
const count = fc.integer({ min: 1, max: 0xffff_ffff })
const nanos = fc.integer({ min: 1, max: 999 })
const text = fc.string({ minLength: 1 })
const milliseconds = (maxMicros: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: maxMicros }).map((micros) => micros / 1000)
const epoch = milliseconds(4e15)

function record<T>(required: { [K in keyof T]: fc.Arbitrary<T[K]> }, optional: object): fc.Arbitrary<T> {
  const requiredKeys = Object.keys(required) as (keyof T)[]
  return fc.record({ ...required, ...optional }, { requiredKeys, noNullPrototype: true }) as fc.Arbitrary<T>
}

const event = record<SpanEvent>({ name: fc.string(), time: epoch, attributes }, { timeNanos: nanos, droppedAttributes: count })
const link = record<SpanLink>(
  { traceId: hex(32), spanId: hex(16), attributes },
  { flags: count, traceState: text, droppedAttributes: count },
)
const scope = record<Scope>({ name: text }, { version: text })

function span(resource: Resource, service: string): fc.Arbitrary<SpanData> {
  return record<SpanData>(
    {
      traceId: hex(32),
      spanId: hex(16),
      name: fc.string(),
      kind: fc.constantFrom('internal', 'server', 'client', 'producer', 'consumer'),
      service: fc.constant(service),
      startTime: epoch,
      duration: milliseconds(1e12),
      status: fc.constantFrom('unset', 'ok', 'error'),
      attributes,
      events: fc.array(event, { maxLength: 2 }),
      links: fc.array(link, { maxLength: 2 }),
      resource: fc.constant(resource),
      flags: fc.integer({ min: 0, max: 255 }),
    },
    {
      parentSpanId: hex(16),
      statusMessage: text,
      scope,
      traceState: text,
      parentIsRemote: fc.boolean(),
      droppedAttributes: count,
      droppedEvents: count,
      droppedLinks: count,
      startNanos: nanos,
      durationNanos: nanos,
    },
  )
}

/** Any batch that a process could hand over, its spans in one scope each. */
export const batchArbitrary: fc.Arbitrary<ExportBatch> = fc.tuple(text, attributes).chain(([service, more]) => {
  const resource: Resource = { attributes: { ...more, 'service.name': service } }
  return fc.array(span(resource, service), { minLength: 1, maxLength: 4 }).map((spans) => ({ resource, spans, logs: [], metrics: [] }))
})
