import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { AttributesInput } from '../../src/attributes.js'
import { toOtlpJson } from '../../src/otlp.js'
import type { Span } from '../../src/span.js'
import { continueTrace, extract, inject, keepTrace, startSpan, withSpan } from '../../src/trace-api.js'
import { defaultTestTracer, testTracer } from '../support.js'

const refuse = (): never => {
  throw new RangeError('refused')
}
const traps = ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'set', 'defineProperty', 'deleteProperty'] as const
const refusing = (target: object) => new Proxy(target, Object.fromEntries(traps.map((trap) => [trap, refuse])))

function revoked<T extends object>(target: T): T {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

function circular(): object {
  const value: Record<string, unknown> = { name: 'circle' }
  value['self'] = value
  value['list'] = [value, new Map([[value, value]])]
  return value
}

function deep(levels: number): object {
  let value: object = {}
  for (let level = 0; level < levels; level++) value = { value }
  return value
}

/** What a host may hand over in place of an attribute's value, by name. */
const VALUES: Record<string, () => unknown> = {
  undefined: () => undefined,
  null: () => null,
  NaN: () => Number.NaN,
  infinity: () => -Infinity,
  bigint: () => 2n ** 70n,
  symbol: () => Symbol('a'),
  function: () => () => 'a',
  class: () => Date,
  '10 MB': () => 'x'.repeat(10_000_000),
  // oxlint-disable-next-line no-sparse-arrays -- that is what it is
  'a list with holes': () => [1, , 3],
  'a list of texts with holes': () => Object.assign(['a'], { 2: 'b', length: 4 }),
  'half a pair': () => '\ud83d',
  'no text': () => '\0\u001b[31m\r\n',
  circle: circular,
  depth: () => deep(20_000),
  'getters that throw': () => ({
    get a() {
      return refuse()
    },
  }),
  'toJSON that throws': () => ({ toJSON: refuse }),
  'toString that throws': () => ({ toString: refuse, [Symbol.toPrimitive]: refuse }),
  'toJSON that gives itself': () => {
    const value = { toJSON: (): object => value }
    return value
  },
  'a proxy that refuses': () => refusing({ a: 1 }),
  'a list that refuses': () => refusing(['a']),
  'a revoked proxy': () => revoked({ a: 1 }),
  'a revoked list': () => revoked(['a']),
  'a list of odd things': () => [
    1n,
    Symbol('a'),
    () => {},
    circular(),
    refusing({}),
    revoked([]),
    null,
    undefined,
    '',
    { toString: refuse },
  ],
  'a mixed list': () => [1, 'a', true],
  'a list of lists': () => [[1], [2]],
  'a sparse list': () => Object.assign([], { length: 4_294_967_295 }),
  'a list of a million': () => Array.from({ length: 1_000_000 }, (_, index) => index),
  'a list of long texts': () => Array.from({ length: 1_000 }, () => 'x'.repeat(100_000)),
  'a list whose map throws': () => Object.assign(['a'], { map: refuse, slice: refuse, every: refuse }),
  'an object of 100,000': () => Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, index])),
  'a Uint8Array': () => new Uint8Array(1_000_000),
  'a BigInt64Array': () => new BigInt64Array(4),
  'an ArrayBuffer': () => new ArrayBuffer(1_000),
  'a Map': () => new Map([['a', circular()]]),
  'a Set': () => new Set([1n]),
  'a WeakMap': () => new WeakMap(),
  'no prototype': () => Object.assign(Object.create(null), { a: 1 }),
  'an invalid date': () => new Date(Number.NaN),
  'a promise': () => Promise.resolve('a'),
  'a boxed text': () => Object('a'),
  'an object of another realm': () => runInNewContext('({ a: [1, new Date(0), new Map()] })'),
  'a global': () => globalThis,
  'an error that refuses': () => refusing(new Error('a')),
  'an error whose message throws': () => Object.defineProperties(new Error('a'), { message: { get: refuse }, name: { get: refuse } }),
}

const NAMES: readonly unknown[] = [
  Symbol('a'),
  {},
  [],
  '',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  null,
  undefined,
  7,
  1n,
  { toString: refuse },
  refusing({}),
  'x'.repeat(10_000_000),
  '\0',
  'then',
  'toJSON',
]

/** All that a host can do with a span, given a value that is none. */
function misuse(span: Span, value: never): void {
  span.setAttribute('a', value).setAttribute(value, 'a').setAttributes(value).setAttributes({ a: value })
  span.addEvent(value, value, value).addEvent('e', { a: value }).addEvent('e', value)
  span
    .addLink(value)
    .addLink({ context: value, attributes: value })
    .addLink({ context: { traceId: value, spanId: value, traceFlags: value } })
  span.recordException(value)
  span.recordException(new Error('a', { cause: value }), value)
  span.setStatus(value).setStatus({ code: value, message: value }).setStatus({ code: 'error', message: value })
  span.updateName(value).keep(value)
  span.fail(value)
  startSpan(value, value).end(value)
  startSpan('child', { kind: value, attributes: value, links: value, startTime: value }).end(value)
  startSpan('root', { parent: value, links: [value] }).end()
  withSpan(value, () => {})
  withSpan('child', { parent: value, attributes: { a: value } }, () => {})
  keepTrace(value)
  continueTrace(value, value, () => {})
  inject(value, () => {})
  inject({}, value)
  extract(value)
  span.end(value)
}

describe('whatever a host hands over', () => {
  it.each(Object.entries(VALUES))('%s harms nobody, is exported in small and as JSON', async (_name, make) => {
    await using t = defaultTestTracer({ onSpanEnd: () => {} })
    const value = make() as never
    misuse(startSpan('misused'), value)
    withSpan('active', (span) => misuse(span, value))
    await t.tracer.flush()
    const spans = t.exporter.spans
    expect(spans.length).toBeGreaterThanOrEqual(10)
    expect(t.tracer.stats()).toMatchObject({ spansStarted: spans.length, spansEnded: spans.length })
    const json = JSON.stringify(toOtlpJson([{ resource: spans[0]!.resource, spans, logs: [], metrics: [] }]))
    expect(json.length).toBeLessThan(spans.length * 3_000_000)
    for (const span of spans) expect(span.duration).toBeGreaterThanOrEqual(0)
  })

  it.each(NAMES.map((name, index) => [index, name] as const))('name %i of an attribute harms nobody', async (_index, name) => {
    await using t = defaultTestTracer()
    withSpan('a', (span) =>
      misuse(span.setAttribute(name as never, 1).addEvent(name as never, { [typeof name === 'string' ? name : 'a']: 1 }), name as never),
    )
    withSpan('b', (span) => void span.setAttributes(JSON.parse('{"__proto__":{"polluted":1},"constructor":"c"}') as AttributesInput))
    await t.tracer.flush()
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    const span = t.exporter.spans.find((one) => one.name === 'b')
    expect(Object.getPrototypeOf(span?.attributes)).toBe(Object.prototype)
    expect(Object.entries(span?.attributes ?? {})).toEqual([['constructor', 'c']])
  })

  it('does nothing to it: no getter is called that was not asked for, nothing is written', async () => {
    await using t = testTracer()
    const written: unknown[] = []
    const watched = new Proxy(
      { a: 1 },
      { set: (...args) => (written.push(args), true), defineProperty: () => false, deleteProperty: () => false },
    )
    t.tracer.withSpan('a', { attributes: watched }, (span) => span.setAttribute('b', watched).addEvent('e', watched).setAttributes(watched))
    t.tracer.withSpan('b', { attributes: Object.freeze({ a: Object.freeze([1]) }), links: Object.freeze([]) }, () => {})
    await t.tracer.flush()
    expect(written).toEqual([])
    expect(t.exporter.spans).toHaveLength(2)
  })
})
