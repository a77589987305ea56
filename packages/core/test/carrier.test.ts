import { describe, expect, it } from 'vitest'
import { defaultGetter, defaultSetter } from '../src/carrier.js'

describe('defaultGetter', () => {
  it.each([
    ['Headers', new Headers({ 'X-Trace-Id': 'abc' })],
    ['a Map', new Map([['x-trace-id', 'abc']])],
    ['a Map with other case', new Map([['X-Trace-Id', 'abc']])],
    ['Node headers', { 'x-trace-id': 'abc' }],
    ['an object with other case', { 'X-TRACE-ID': 'abc' }],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { 'x-trace-id': 'abc' })],
    ['bytes, as Kafka clients have them', { 'x-trace-id': Buffer.from('abc') }],
    ['an object with a get function', { get: (name: string) => (name === 'x-trace-id' ? 'abc' : undefined) }],
  ])('reads %s', (_kind, carrier) => {
    const get = defaultGetter(carrier)
    expect(get('x-trace-id')).toBe('abc')
    expect(get('traceparent')).toBeUndefined()
  })

  it('reads arrays, numbers and booleans', () => {
    const get = defaultGetter({ traceparent: ['a', Buffer.from('b'), null], 'x-sampled': 1, other: true, object: {} })
    expect(get('traceparent')).toEqual(['a', 'b'])
    expect(get('x-sampled')).toBe('1')
    expect(get('other')).toBe('true')
    expect(get('object')).toBeUndefined()
  })

  it('finds nothing in what is no carrier, and nothing inherited', () => {
    for (const carrier of [undefined, null, 'traceparent', 7]) expect(defaultGetter(carrier)('traceparent')).toBeUndefined()
    expect(defaultGetter(Object.create({ traceparent: 'a' }))('traceparent')).toBeUndefined()
    expect(defaultGetter({})('constructor')).toBeUndefined()
  })
})

describe('defaultSetter', () => {
  it('sets on Headers and Maps', () => {
    const headers = new Headers({ 'X-Trace-Id': 'old' })
    const map = new Map<string, string>()
    defaultSetter(headers, 'x-trace-id', 'new')
    defaultSetter(map, 'x-trace-id', 'new')
    expect([headers.get('x-trace-id'), map.get('x-trace-id')]).toEqual(['new', 'new'])
  })

  it('replaces a property that is spelled differently', () => {
    const carrier = { 'X-Trace-Id': 'old', other: 1 }
    defaultSetter(carrier, 'x-trace-id', 'new')
    expect(carrier).toEqual({ 'x-trace-id': 'new', other: 1 })
  })

  it('leaves alone what is no carrier and throws what the carrier throws', () => {
    expect(() => defaultSetter(undefined, 'a', 'b')).not.toThrow()
    expect(() => defaultSetter(Object.freeze({}), 'a', 'b')).toThrow(TypeError)
  })
})
