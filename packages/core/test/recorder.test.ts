import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogLine, PendingLog } from '../src/log-records.js'
import { createIdGenerator } from '../src/ids.js'
import { FlightRecorder } from '../src/recorder.js'
import type { Resource, SpanData } from '../src/span-data.js'

const MIB = 1024 * 1024
const ids = createIdGenerator()
const resource: Resource = { attributes: { 'service.name': 'orders' } }
const otherResource: Resource = { attributes: {} }

function span(traceId: string, more: Partial<SpanData> = {}): SpanData {
  return {
    traceId,
    spanId: ids.spanId(),
    parentSpanId: undefined,
    name: 'work',
    kind: 'internal',
    service: 'orders',
    startTime: 1_790_000_000_000.125,
    duration: 12.5,
    status: 'unset',
    attributes: {},
    events: [],
    links: [],
    resource,
    flags: 2,
    ...more,
  }
}

const recorder = (maxBytes = 4 * MIB, windowMs = 30_000) => new FlightRecorder({ maxBytes, windowMs })
const taken = (held: FlightRecorder, traceId: string) => held.take([traceId]).get(traceId) ?? []

describe('what is held and taken', () => {
  const hex = (digits: number) => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits })
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 90 }),
    fc.string({ maxLength: 5 }),
    fc.string({ minLength: 60, maxLength: 200 }),
  )
  const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0, Number.NaN, 200))
  const value = fc.oneof(
    text,
    number,
    fc.boolean(),
    fc.array(text, { maxLength: 3 }),
    fc.array(number, { maxLength: 3 }),
    fc.array(fc.boolean(), { maxLength: 3 }),
  )
  const key = fc.oneof(fc.constantFrom('http.route', 'url.path', 'http.response.status_code'), text).filter((name) => name !== '__proto__')
  const attributes = fc.dictionary(key, value, { maxKeys: 6, noNullPrototype: true })
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
  const count = fc.nat({ max: 5000 })
  const spanOf = (traceId: string): fc.Arbitrary<SpanData> =>
    fc.record({
      traceId: fc.constant(traceId),
      spanId: hex(16),
      parentSpanId: optional(hex(16)),
      name: fc.oneof(fc.constantFrom('GET /orders/:id', 'SELECT'), text),
      kind: fc.constantFrom('internal', 'server', 'client', 'producer', 'consumer'),
      service: fc.constantFrom('orders', 'bestellungen \u{1F9F6}'),
      startTime: fc.double({ noNaN: true }),
      duration: fc.double({ noNaN: true }),
      status: fc.constantFrom('unset', 'ok', 'error'),
      statusMessage: optional(text),
      attributes,
      events: fc.array(
        fc.record({ name: text, time: number, timeNanos: optional(count), attributes, droppedAttributes: optional(count) }),
        { maxLength: 2 },
      ),
      links: fc.array(
        fc.record({
          traceId: text,
          spanId: text,
          flags: optional(count),
          traceState: optional(text),
          attributes,
          droppedAttributes: optional(count),
        }),
        { maxLength: 2 },
      ),
      scope: optional(
        fc.oneof(fc.record({ name: text, version: optional(text) }), fc.record({ name: text, version: optional(text), attributes })),
      ),
      resource: fc.constantFrom(resource, otherResource),
      flags: fc.nat({ max: 255 }),
      traceState: optional(text),
      parentIsRemote: optional(fc.boolean()),
      droppedAttributes: optional(count),
      droppedEvents: optional(count),
      droppedLinks: optional(count),
      startNanos: optional(count),
      durationNanos: optional(count),
    })
  const readers: LogLine['read'][] = [(line) => ({ body: line, attributes: {} }), () => ({ body: '', attributes: {} })]
  const logOf = (traceId: string): fc.Arbitrary<PendingLog> =>
    fc.record({
      traceId: fc.constant(traceId),
      spanId: hex(16),
      time: number,
      log: fc.record({ severityNumber: fc.nat({ max: 24 }), severityText: optional(text), line: text, read: fc.constantFrom(...readers) }),
    })
  const part = hex(32).chain((traceId) =>
    fc.record({
      traceId: fc.constant(traceId),
      spans: fc.array(spanOf(traceId), { maxLength: 5 }),
      logs: fc.array(logOf(traceId), { maxLength: 2 }),
    }),
  )

  it('is the same, whatever a span or a log line holds', () => {
    const held = recorder()
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const unique = [...new Map(parts.map((one) => [one.traceId, one])).values()]
        for (const { traceId, spans, logs } of unique) expect(held.add(traceId, { spans, logs }, 0)).toBe(true)
        for (const { traceId, spans, logs } of unique) expect(taken(held, traceId)).toEqual([{ spans, logs }])
      }),
      { seed: 7, numRuns: 500 },
    )
  })

  it('refers to parents in the same part, before or after', () => {
    const held = recorder()
    const traceId = ids.traceId()
    const root = span(traceId, { name: 'root', parentSpanId: ids.spanId(), parentIsRemote: true })
    const middle = span(traceId, { parentSpanId: root.spanId, parentIsRemote: false })
    const spans = [
      span(traceId, { parentSpanId: middle.spanId }),
      span(traceId, { parentSpanId: middle.spanId }),
      middle,
      span(traceId, { parentSpanId: root.spanId }),
      span(traceId, { parentSpanId: middle.spanId }),
      root,
    ]
    held.add(traceId, { spans, logs: [] }, 0)
    expect(taken(held, traceId)).toEqual([{ spans, logs: [] }])
  })

  it('is all of a trace in the order in which it came, once', () => {
    const held = recorder()
    const [a, b] = [ids.traceId(), ids.traceId()]
    const parts = [a, b, a].map((traceId) => ({ traceId, spans: [span(traceId)], logs: [] }))
    for (const { traceId, spans, logs } of parts) held.add(traceId, { spans, logs }, 0)
    expect(held.stats(0)).toMatchObject({ segments: 3, promoted: 0 })
    expect(taken(held, a).map(({ spans }) => spans[0]?.spanId)).toEqual([parts[0]?.spans[0]?.spanId, parts[2]?.spans[0]?.spanId])
    expect(taken(held, a)).toEqual([])
    expect(taken(held, ids.traceId())).toEqual([])
    expect(held.stats(0)).toMatchObject({ segments: 1, promoted: 2 })
    expect([...held.take([ids.traceId(), b]).keys()]).toEqual([b])
  })

  it('is found among thousands, and for ids with constant last bits', () => {
    const held = recorder()
    const traceIds = Array.from({ length: 5000 }, (_, n) => `${n.toString(16).padStart(8, '0')}11ee11ef8c9a0242ac120002`)
    for (const traceId of traceIds) held.add(traceId, { spans: [span(traceId, { name: traceId })], logs: [] }, 0)
    const found = held.take(traceIds.filter((_, n) => n % 7 === 0))
    expect(found.size).toBe(Math.ceil(5000 / 7))
    for (const [traceId, parts] of found) expect(parts.map(({ spans }) => spans.map(({ name }) => name))).toEqual([[traceId]])
  })
})

describe('the bounds of the recorder', () => {
  const fill = (held: FlightRecorder, count: number, { stepMs = 1, pad = 100 } = {}) =>
    Array.from({ length: count }, (_, n) => {
      const traceId = ids.traceId()
      held.add(traceId, { spans: [span(traceId, { attributes: { pad: `${n} `.padEnd(pad, 'x') } })], logs: [] }, n * stepMs)
      return traceId
    })

  it('overwrite the oldest where the bytes are used up, and tell the window that is left', () => {
    const held = recorder(64 * 1024, 1e9)
    const traceIds = fill(held, 2000)
    const { bytes, segments, evicted, windowMs } = held.stats(2000)
    expect(bytes).toBeLessThanOrEqual(64 * 1024)
    expect(segments).toBeGreaterThan(150)
    expect(segments + evicted).toBe(2000)
    expect(windowMs).toBe(segments)
    expect(held.take(traceIds).size).toBe(segments)
    expect(taken(held, traceIds[0] as string)).toEqual([])
  })

  it('give back what is older than the window', () => {
    const held = recorder(MIB, 1000)
    expect(held.stats(0)).toMatchObject({ bytes: 0, segments: 0, windowMs: 0 })
    fill(held, 1000)
    expect(held.expiresAt).toBeGreaterThanOrEqual(1000)
    held.expire(1500)
    expect(held.stats(1500).segments).toBeGreaterThan(0)
    held.expire(2001)
    expect(held.stats(2001)).toMatchObject({ segments: 0, evicted: 0 })
    expect(held.expiresAt).toBeUndefined()
    expect(held.stats(2001).bytes).toBeLessThan(MIB / 16)
  })

  it('hold where every name and value is new', () => {
    const held = recorder(256 * 1024, 1000)
    for (let n = 0; n < 5000; n++) {
      const traceId = ids.traceId()
      const part = { spans: [span(traceId, { name: `name ${n}`, attributes: { [`key ${n}`]: `value ${n}` } })], logs: [] }
      expect(held.add(traceId, part, n)).toBe(true)
      expect(held.stats(n).bytes).toBeLessThanOrEqual(256 * 1024)
      if (n % 100 === 99) expect(taken(held, traceId)).toEqual([part])
    }
  })

  it('take a segment that is bigger than a block, and refuse one that is bigger than half of it all', () => {
    const held = recorder(MIB)
    const big = (count: number) => {
      const traceId = ids.traceId()
      return {
        traceId,
        part: {
          spans: Array.from({ length: count }, () => span(traceId, { attributes: { text: 'y'.repeat(1000) + ids.spanId() } })),
          logs: [],
        },
      }
    }
    const fits = big(300)
    expect(held.add(fits.traceId, fits.part, 0)).toBe(true)
    expect(taken(held, fits.traceId)).toEqual([fits.part])
    const tooBig = big(1000)
    expect(held.add(tooBig.traceId, tooBig.part, 0)).toBe(false)
    expect(held.stats(0).bytes).toBeLessThanOrEqual(MIB)
  })

  it('let nothing give way to a segment that finds no place in the end', () => {
    const held = recorder(MIB, 1e9)
    const before = fill(held, 4000)
    const { segments } = held.stats(4000)
    const traceId = ids.traceId()
    const spans = Array.from({ length: 1000 }, () => span(traceId, { attributes: { text: 'y'.repeat(1000) + ids.spanId() } }))
    for (let n = 0; n < 3; n++) expect(held.add(traceId, { spans, logs: [] }, 4000)).toBe(false)
    // One block of eight, which the next ordinary segment would take over as well.
    expect(held.stats(4000).segments).toBeGreaterThan(segments * 0.8)
    expect(taken(held, before.at(-1) as string)).toHaveLength(1)
  })

  it('take a segment of just below half of it all', () => {
    const held = recorder(24 * MIB)
    const traceId = ids.traceId()
    const spans = Array.from({ length: 2500 }, () => span(traceId, { attributes: { text: 'y'.repeat(4000) + ids.spanId() } }))
    expect(held.add(traceId, { spans, logs: [] }, 0)).toBe(true)
    expect(held.stats(0).bytes).toBeLessThanOrEqual(24 * MIB)
    expect(taken(held, traceId)).toEqual([{ spans, logs: [] }])
  })

  it('hold where every log line comes with a function of its own', () => {
    const held = recorder(256 * 1024, 1e9)
    const logOf = (traceId: string, n: number): PendingLog => ({
      traceId,
      spanId: ids.spanId(),
      time: n,
      log: { severityNumber: 9, severityText: undefined, line: `line ${n}`, read: (line) => ({ body: `${n}: ${line}`, attributes: {} }) },
    })
    const held500 = Array.from({ length: 5000 }, (_, n) => {
      const traceId = ids.traceId()
      const part = { spans: [], logs: [logOf(traceId, n)] }
      expect(held.add(traceId, part, n)).toBe(true)
      return { traceId, part }
    }).slice(-500)
    for (const { traceId, part } of held500) expect(taken(held, traceId)).toEqual([part])
    expect(held.stats(5000).bytes).toBeLessThanOrEqual(256 * 1024)
    expect(held.stats(5000).segments).toBeLessThan(2048)
  })
})
