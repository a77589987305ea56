import { type SpanData, TraceError } from '@clew/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromOtlpJson, fromOtlpJsonInSteps, toOtlpJson } from '../src/index.js'
import { batchArbitrary } from './span-arbitrary.js'

const bare = {
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  name: 'GET /orders/:id',
  kind: 2,
  startTimeUnixNano: '1795233835194013007',
  endTimeUnixNano: '1795233835206358001',
}

function requestOf(...spans: unknown[]): object {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'orders' } }] }
  return { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }
}

function readOne(span: object): SpanData {
  const { batches, rejected } = fromOtlpJson(requestOf(span))
  expect(rejected).toEqual([])
  return batches[0]!.spans[0]!
}

function readValue(value: unknown): unknown {
  return readOne({ ...bare, attributes: [{ key: 'a', value }] }).attributes['a']
}

function reasonsOf(...spans: unknown[]): object {
  return fromOtlpJson(requestOf(...spans)).rejected
}

/** Writing groups spans by scope, so that they come back in another order. */
function sortedSpans(batches: readonly { readonly spans: readonly SpanData[] }[]): SpanData[] {
  return batches.flatMap((batch) => batch.spans).toSorted((a, b) => (a.traceId + a.spanId < b.traceId + b.spanId ? -1 : 1))
}

describe('fromOtlpJson', () => {
  it('reads a bare span, its nanoseconds included', () => {
    expect(readOne(bare)).toEqual({
      traceId: bare.traceId,
      spanId: bare.spanId,
      name: bare.name,
      kind: 'server',
      service: 'orders',
      startTime: 1795233835194.013,
      startNanos: 7,
      duration: 12.344,
      durationNanos: 994,
      status: 'unset',
      attributes: {},
      events: [],
      links: [],
      resource: { attributes: { 'service.name': 'orders' } },
      flags: 0,
    })
  })

  it('gives back exactly the spans that toOtlpJson wrote', () => {
    const roundTrip = fc.property(fc.array(batchArbitrary, { maxLength: 3 }), (batches) => {
      const read = fromOtlpJson(JSON.parse(JSON.stringify(toOtlpJson(batches))))
      expect(read.rejected).toEqual([])
      expect(sortedSpans(read.batches)).toStrictEqual(sortedSpans(batches))
    })
    fc.assert(roundTrip, { seed: 42, numRuns: 200 })
  })

  it('never throws anything but a TraceError, whatever JSON arrives', () => {
    const arbitrary = fc.oneof(
      fc.jsonValue(),
      fc.jsonValue().map((value) => ({ resourceSpans: value })),
      fc.jsonValue().map((value) => ({ resourceSpans: [{ resource: value, scopeSpans: value }] })),
      fc.jsonValue().map((value) => ({ resourceSpans: [{ scopeSpans: [{ scope: value, spans: [bare, value] }] }] })),
    )
    const property = fc.property(arbitrary, (payload) => {
      try {
        fromOtlpJson(payload)
      } catch (error) {
        expect(error).toBeInstanceOf(TraceError)
      }
    })
    fc.assert(property, { seed: 42, numRuns: 1000 })
  })

  it('loses one span at most where one field of it is replaced by something arbitrary', () => {
    const whole = { ...bare, attributes: [], events: [], links: [], status: {}, flags: 0, traceState: '', parentSpanId: '' }
    const property = fc.property(fc.constantFrom(...Object.keys(whole)), fc.jsonValue(), (field, value) => {
      const { batches, rejected } = fromOtlpJson(requestOf(bare, { ...whole, [field]: value }, bare))
      const lost = rejected.reduce((sum, entry) => sum + entry.count, 0)
      expect(lost).toBeLessThanOrEqual(1)
      expect(batches[0]!.spans).toHaveLength(3 - lost)
    })
    fc.assert(property, { seed: 42, numRuns: 1000 })
  })

  it('takes an empty request for one', () => {
    const nothing = { batches: [], rejected: [] }
    expect(fromOtlpJson({})).toEqual(nothing)
    expect(fromOtlpJson({ resourceSpans: null })).toEqual(nothing)
    expect(fromOtlpJson({ resourceSpans: [] })).toEqual(nothing)
    expect(fromOtlpJson({ resourceSpans: [{ resource: {}, scopeSpans: [] }] })).toEqual(nothing)
  })

  it.each([
    [null, 'not a JSON object'],
    ['text', 'not a JSON object'],
    [[], 'not a JSON object'],
    [{ resourceSpans: {} }, 'resourceSpans is not an array'],
    [{ resource_spans: [] }, 'lowerCamelCase'],
    [{ resourceLogs: [] }, 'ExportLogsServiceRequest'],
    [{ resourceMetrics: [] }, 'ExportMetricsServiceRequest'],
  ])('throws INVALID_PAYLOAD for %j', (payload, message) => {
    expect(() => fromOtlpJson(payload)).toThrow(
      expect.objectContaining({ code: 'INVALID_PAYLOAD', message: expect.stringContaining(message) }),
    )
  })

  it('ignores unknown fields wherever they stand', () => {
    const request = {
      resourceSpans: [{ schemaUrl: 'x', scopeSpans: [{ future: 1, spans: [{ ...bare, future: { a: 1 } }] }], more: [] }],
      n: 1,
    }
    expect(fromOtlpJson(request).batches[0]!.spans[0]).toMatchObject({ name: bare.name, service: 'unknown_service' })
  })

  it('lowers ids that arrive in upper case', () => {
    const parentSpanId = 'EEE19B7EC3C1B173'
    const links = [{ traceId: bare.traceId.toUpperCase(), spanId: parentSpanId }]
    const span = readOne({ ...bare, traceId: bare.traceId.toUpperCase(), spanId: bare.spanId.toUpperCase(), parentSpanId, links })
    expect(span).toMatchObject({ traceId: bare.traceId, spanId: bare.spanId, parentSpanId: 'eee19b7ec3c1b173' })
    expect(span.links[0]).toMatchObject({ traceId: bare.traceId, spanId: 'eee19b7ec3c1b173' })
  })

  it.each([undefined, null, '', '0000000000000000'])('reads the parent id %j as no parent', (parentSpanId) => {
    expect(readOne({ ...bare, parentSpanId })).not.toHaveProperty('parentSpanId')
  })

  it('reads times that are numbers beyond 2^53 to the nearest microsecond', () => {
    const text = JSON.stringify(requestOf({ ...bare, startTimeUnixNano: 'START', endTimeUnixNano: 'END' }))
    const request = JSON.parse(text.replace('"START"', '1795233835194013000').replace('"END"', '1795233835206358000'))
    const span = fromOtlpJson(request).batches[0]!.spans[0]!
    expect(span).toMatchObject({ startTime: 1795233835194.013, duration: 12.345 })
    expect(span).not.toHaveProperty('startNanos')
  })

  it.each([
    [undefined, 'internal'],
    [0, 'internal'],
    [1, 'internal'],
    [2, 'server'],
    [3, 'client'],
    [4, 'producer'],
    [5, 'consumer'],
    [6, 'internal'],
    ['SPAN_KIND_CLIENT', 'client'],
  ])('reads the kind %j as %s', (kind, expected) => {
    expect(readOne({ ...bare, kind }).kind).toBe(expected)
  })

  it('reads status and its message', () => {
    expect(readOne({ ...bare, status: { code: 2, message: 'boom' } })).toMatchObject({ status: 'error', statusMessage: 'boom' })
    expect(readOne({ ...bare, status: { code: 'STATUS_CODE_OK', message: '' } })).toMatchObject({ status: 'ok' })
  })

  it('splits the flags into trace flags and what is known of the parent', () => {
    expect(readOne({ ...bare, flags: 0x303 })).toMatchObject({ flags: 3, parentIsRemote: true })
    expect(readOne({ ...bare, flags: 0x101 })).toMatchObject({ flags: 1, parentIsRemote: false })
    expect(readOne({ ...bare, flags: 1 })).not.toHaveProperty('parentIsRemote')
  })

  it.each([
    [{ stringValue: '' }, ''],
    [{ intValue: '42' }, 42],
    [{ intValue: 42 }, 42],
    [{ intValue: '9007199254740993' }, '9007199254740993'],
    [{ doubleValue: 1.5 }, 1.5],
    [{ doubleValue: '-Infinity' }, -Infinity],
    [{ boolValue: false }, false],
    [{ bytesValue: 'AAEC' }, 'AAEC'],
    [{}, ''],
    [null, ''],
    [{ arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } }, ['a', 'b']],
    [{ arrayValue: {} }, []],
    [{ arrayValue: { values: [{ stringValue: 'a' }, { intValue: 1 }] } }, '["a",1]'],
    [{ arrayValue: { values: [{ stringValue: 'a' }, {}] } }, '["a",null]'],
    [{ arrayValue: { values: [{ arrayValue: { values: [{ intValue: '1' }] } }] } }, '[[1]]'],
    [
      {
        kvlistValue: {
          values: [
            { key: '__proto__', value: { intValue: 1 } },
            { key: 'b', value: {} },
          ],
        },
      },
      '{"__proto__":1,"b":null}',
    ],
  ])('reads the value %j as %j', (value, expected) => {
    expect(readValue(value)).toEqual(expected)
  })

  it('takes __proto__ for a name like any other', () => {
    const { attributes } = readOne({ ...bare, attributes: [{ key: '__proto__', value: { stringValue: 'x' } }] })
    expect(Object.entries(attributes)).toEqual([['__proto__', 'x']])
    expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype)
  })

  it('counts what is wrong by its reason and keeps the other spans', () => {
    const broken = [{ ...bare, traceId: 'abc' }, { ...bare, traceId: '0'.repeat(32) }, { ...bare, startTimeUnixNano: 'soon' }, 5]
    const { batches, rejected } = fromOtlpJson(requestOf(bare, ...broken, bare))
    expect(batches[0]!.spans).toHaveLength(2)
    expect(rejected).toEqual([
      { count: 2, reason: 'traceId is not 32 hex characters, or all zero' },
      { count: 1, reason: 'startTimeUnixNano is not a time in Unix nanoseconds' },
      { count: 1, reason: 'a span is not an object' },
    ])
  })

  it('counts every span of a resource that cannot be read', () => {
    const request = { resourceSpans: [{ resource: { attributes: 5 }, scopeSpans: [{ spans: [bare, bare] }, { spans: [bare] }] }] }
    expect(fromOtlpJson(request)).toEqual({ batches: [], rejected: [{ count: 3, reason: 'resource attributes is not an array' }] })
  })

  it('rejects the span whose attribute is nested without end', () => {
    let value: object = { stringValue: 'x' }
    for (let depth = 0; depth < 100_000; depth += 1) value = { arrayValue: { values: [value] } }
    expect(reasonsOf({ ...bare, attributes: [{ key: 'a', value }] })).toEqual([
      { count: 1, reason: 'an attribute value is nested more than 32 levels deep' },
    ])
  })

  it('marks a span that never ended and one that ended before it started', () => {
    const unfinished = readOne({ ...bare, endTimeUnixNano: '0' })
    expect(unfinished).toMatchObject({ duration: 0, attributes: { 'clew.unfinished': true } })
    const backwards = readOne({ ...bare, startTimeUnixNano: '2000000', endTimeUnixNano: '1500000' })
    expect(backwards).toMatchObject({ duration: 0, attributes: { 'clew.negative_duration_ms': -0.5 } })
  })

  it('leaves out links that point nowhere and counts them', () => {
    const links = [
      { traceId: '0'.repeat(32), spanId: bare.spanId },
      { traceId: bare.traceId, spanId: bare.spanId },
    ]
    const span = readOne({ ...bare, links, droppedLinksCount: 2 })
    expect(span.links).toHaveLength(1)
    expect(span.droppedLinks).toBe(3)
  })

  it('shares one resource between the spans of a batch', () => {
    const [batch] = fromOtlpJson(requestOf(bare, bare)).batches
    expect(batch!.spans[0]!.resource).toBe(batch!.resource)
    expect(batch!.spans[1]!.resource).toBe(batch!.resource)
  })

  it('keeps 128 attributes, events and links of a span and counts the rest as dropped', () => {
    const attributes = Array.from({ length: 200 }, (_, i) => ({ key: `a${i}`, value: { intValue: i } }))
    const entry = { attributes, droppedAttributesCount: 5 }
    const link = { traceId: bare.traceId, spanId: bare.spanId, ...entry }
    const lists = { events: Array.from({ length: 200 }, () => entry), links: Array.from({ length: 200 }, () => link) }
    const span = readOne({ ...bare, ...entry, ...lists, droppedEventsCount: 6, droppedLinksCount: 7 })

    expect(span).toMatchObject({ droppedAttributes: 77, droppedEvents: 78, droppedLinks: 79 })
    for (const { attributes: kept, droppedAttributes } of [span, span.events[127]!, span.links[127]!]) {
      expect([Object.keys(kept).length, kept['a127'], droppedAttributes]).toEqual([128, 127, 77])
    }
    expect([span.events.length, span.links.length]).toEqual([128, 128])
  })

  it('keeps as many as it is told to', () => {
    const attributes = Array.from({ length: 4 }, (_, i) => ({ key: `a${i}`, value: { intValue: i } }))
    const { batches } = fromOtlpJson(requestOf({ ...bare, attributes, events: [{}, {}, {}] }), { itemsPerSpan: 2 })
    expect(batches[0]!.spans[0]).toMatchObject({ attributes: { a0: 0, a1: 1 }, droppedAttributes: 2, droppedEvents: 1 })
  })

  it.each([-1, 1.5, NaN, '2'])('throws INVALID_OPTION for %j items per span', (itemsPerSpan) => {
    const read = (): unknown => fromOtlpJson({}, { itemsPerSpan: itemsPerSpan as number })
    expect(read).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  it('does not look at what it drops', () => {
    const events = [...Array.from({ length: 128 }, () => ({})), 'no event']
    expect(readOne({ ...bare, events }).droppedEvents).toBe(1)
  })

  it('counts no more dropped ones than 32 bits hold', () => {
    const events = Array.from({ length: 129 }, () => ({}))
    expect(readOne({ ...bare, events, droppedEventsCount: 0xffff_ffff }).droppedEvents).toBe(0xffff_ffff)
  })

  it('takes a name that was left out for the empty one, as protobuf does', () => {
    const nested = { kvlistValue: { values: [{ value: { intValue: 2 } }] } }
    const attributes = [{ value: { intValue: 1 } }, { key: 'map', value: nested }]
    expect(readOne({ ...bare, attributes }).attributes).toEqual({ '': 1, map: '{"":2}' })
  })

  it.each([
    [{ key: 1 }, 'an attribute key is not a string'],
    [null, 'an attribute is not an object'],
  ])('rejects the attribute %j', (attribute, reason) => {
    expect(reasonsOf({ ...bare, attributes: [attribute] })).toEqual([{ count: 1, reason }])
  })
})

describe('fromOtlpJsonInSteps', () => {
  it('stops at every resource, scope and span, and gives what fromOtlpJson gives', () => {
    const request = { resourceSpans: [{}, { scopeSpans: [{}, { spans: [bare, {}, bare] }] }] }
    const steps = fromOtlpJsonInSteps(request)
    let count = 0
    let step = steps.next()
    for (; step.done !== true; step = steps.next()) count++

    expect(count).toBe(2 + 2 + 3)
    expect(step.value).toEqual(fromOtlpJson(request))
    expect(step.value.batches[0]!.spans).toHaveLength(2)
  })
})
