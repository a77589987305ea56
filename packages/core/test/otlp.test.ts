import { describe, expect, it } from 'vitest'
import type { ExportBatch } from '../src/exporter.js'
import { toOtlpJson } from '../src/otlp.js'
import type { Resource, SpanData } from '../src/span-data.js'

const resource: Resource = { attributes: { 'service.name': 'orders', 'service.version': '1.2.3' } }

const bare: SpanData = {
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  name: 'GET /orders/:id',
  kind: 'server',
  service: 'orders',
  startTime: 1795233835194.013,
  duration: 12.345,
  status: 'unset',
  attributes: {},
  events: [],
  links: [],
  resource,
  flags: 3,
}

interface EncodedGroup {
  readonly resource: object
  readonly scopeSpans: readonly { readonly scope?: object; readonly spans: readonly Record<string, unknown>[] }[]
}

function encodeGroups(...spans: SpanData[]): readonly EncodedGroup[] {
  const batch: ExportBatch = { resource, spans, logs: [], metrics: [] }
  return (toOtlpJson([batch]) as { resourceSpans: EncodedGroup[] }).resourceSpans
}

function encodeOne(span: SpanData): Record<string, unknown> {
  return encodeGroups(span)[0]!.scopeSpans[0]!.spans[0]!
}

describe('toOtlpJson', () => {
  it('writes a bare span with hex ids, integer enums and decimal strings for times', () => {
    expect(encodeGroups(bare)).toEqual([
      {
        resource: {
          attributes: [
            { key: 'service.name', value: { stringValue: 'orders' } },
            { key: 'service.version', value: { stringValue: '1.2.3' } },
          ],
        },
        scopeSpans: [
          {
            spans: [
              {
                traceId: '5b8efff798038103d269b633813fc60c',
                spanId: 'eee19b7ec3c1b174',
                flags: 3,
                name: 'GET /orders/:id',
                kind: 2,
                startTimeUnixNano: '1795233835194013000',
                endTimeUnixNano: '1795233835206358000',
                attributes: [],
                status: { code: 0 },
              },
            ],
          },
        ],
      },
    ])
  })

  it('writes everything a span can carry', () => {
    const span: SpanData = {
      ...bare,
      parentSpanId: 'eee19b7ec3c1b173',
      traceState: 'ot=th:8',
      status: 'error',
      statusMessage: 'boom',
      events: [{ name: 'exception', time: 1795233835195, attributes: { 'exception.type': 'Error' }, droppedAttributes: 1 }],
      links: [{ traceId: bare.traceId, spanId: 'aaaaaaaaaaaaaaaa', flags: 1, traceState: 'a=b', attributes: {}, droppedAttributes: 2 }],
      droppedAttributes: 3,
      droppedEvents: 4,
      droppedLinks: 5,
    }
    expect(encodeOne(span)).toMatchObject({
      parentSpanId: 'eee19b7ec3c1b173',
      traceState: 'ot=th:8',
      status: { code: 2, message: 'boom' },
      events: [
        {
          name: 'exception',
          timeUnixNano: '1795233835195000000',
          attributes: [{ key: 'exception.type', value: { stringValue: 'Error' } }],
          droppedAttributesCount: 1,
        },
      ],
      links: [
        { traceId: bare.traceId, spanId: 'aaaaaaaaaaaaaaaa', flags: 1, traceState: 'a=b', attributes: [], droppedAttributesCount: 2 },
      ],
      droppedAttributesCount: 3,
      droppedEventsCount: 4,
      droppedLinksCount: 5,
    })
  })

  it('carries nanoseconds exactly, over the microsecond too', () => {
    const encoded = encodeOne({ ...bare, startNanos: 700, durationNanos: 301 })
    expect(encoded).toMatchObject({ startTimeUnixNano: '1795233835194013700', endTimeUnixNano: '1795233835206359001' })
  })

  it('keeps leading zeros of the nanoseconds', () => {
    expect(encodeOne({ ...bare, startNanos: 7 })).toMatchObject({ startTimeUnixNano: '1795233835194013007' })
    expect(encodeOne({ ...bare, startTime: 0, startNanos: 7, duration: 0 })).toMatchObject({ startTimeUnixNano: '7', endTimeUnixNano: '7' })
  })

  it('rounds a clock finer than a microsecond to the nearest one', () => {
    expect(encodeOne({ ...bare, startTime: 1000.0016, duration: 0.0004 })).toMatchObject({
      startTimeUnixNano: '1000002000',
      endTimeUnixNano: '1000002000',
    })
  })

  it.each([
    ['internal', 1],
    ['server', 2],
    ['client', 3],
    ['producer', 4],
    ['consumer', 5],
  ] as const)('numbers the kind %s %i', (kind, number) => {
    expect(encodeOne({ ...bare, kind })['kind']).toBe(number)
  })

  it('says whether the parent is remote only where that is known', () => {
    expect(encodeOne({ ...bare, flags: 1 })['flags']).toBe(0x001)
    expect(encodeOne({ ...bare, flags: 1, parentIsRemote: false })['flags']).toBe(0x101)
    expect(encodeOne({ ...bare, flags: 1, parentIsRemote: true })['flags']).toBe(0x301)
  })

  it('writes each kind of attribute value as its own type', () => {
    const attributes = {
      text: 'a',
      whole: -42,
      fraction: 0.5,
      huge: 2 ** 60,
      unknown: Number.NaN,
      endless: -Infinity,
      flag: false,
      list: ['a', 'b'],
      numbers: [1, 1.5],
      none: [],
    }
    expect(encodeOne({ ...bare, attributes })['attributes']).toEqual([
      { key: 'text', value: { stringValue: 'a' } },
      { key: 'whole', value: { intValue: '-42' } },
      { key: 'fraction', value: { doubleValue: 0.5 } },
      { key: 'huge', value: { doubleValue: 2 ** 60 } },
      { key: 'unknown', value: { doubleValue: 'NaN' } },
      { key: 'endless', value: { doubleValue: '-Infinity' } },
      { key: 'flag', value: { boolValue: false } },
      { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } } },
      { key: 'numbers', value: { arrayValue: { values: [{ intValue: '1' }, { doubleValue: 1.5 }] } } },
      { key: 'none', value: { arrayValue: { values: [] } } },
    ])
  })

  it('groups spans by resource and scope, equal ones together, in the order of their first span', () => {
    const scope = { name: 'pg', version: '8.0.0' }
    const payments: Resource = { attributes: { 'service.name': 'payments' } }
    const groups = encodeGroups(
      { ...bare, name: 'a', scope },
      { ...bare, name: 'b', resource: payments },
      { ...bare, name: 'c', resource: structuredClone(resource), scope: { ...scope } },
      { ...bare, name: 'd' },
    )
    const names = groups.map((group) => group.scopeSpans.map((inScope) => inScope.spans.map((span) => span['name'])))
    expect(names).toEqual([[['a', 'c'], ['d']], [['b']]])
    expect(groups[0]!.scopeSpans[0]!.scope).toEqual(scope)
  })

  it('writes an empty request for no batches', () => {
    expect(toOtlpJson([])).toEqual({ resourceSpans: [] })
  })
})
