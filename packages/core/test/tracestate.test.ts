import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalizeTracestate } from '../src/tracestate.js'

const members = (count: number): string => Array.from({ length: count }, (_, index) => `k${index}=${index}`).join(',')

describe('normalizeTracestate (W3C Trace Context Level 2, section 3.3)', () => {
  it.each([
    ['one member', 'rojo=00f067aa0ba902b7', 'rojo=00f067aa0ba902b7'],
    ['the order of members', 'rojo=1,congo=2', 'rojo=1,congo=2'],
    ['3.3.1.1: white space around members', ' foo=1 \t , \t bar=2\t', 'foo=1,bar=2'],
    ['3.3.1.1: empty members', 'foo=1,,bar=2,', 'foo=1,bar=2'],
    ['3.3.1.3.1: every key character', 'a0_-*/@z=1', 'a0_-*/@z=1'],
    ['3.3.1.3.1: a key that begins with a digit', '0a=1', '0a=1'],
    ['3.3.1.3.1: a key of 256 characters', `${'z'.repeat(256)}=1`, `${'z'.repeat(256)}=1`],
    ['3.3.1.3.2: leading spaces of a value', 'foo=  1', 'foo=  1'],
    ['3.3.1.3.2: a value of 256 characters', `foo=${'~'.repeat(256)}`, `foo=${'~'.repeat(256)}`],
    ['3.3.1.5: 512 characters and more', `a=${'x'.repeat(250)},b=${'y'.repeat(256)},c=${'z'.repeat(256)}`, undefined],
    ['3.3.1.1: 32 members', members(32), members(32)],
  ])('keeps %s', (_rule, header, expected = header) => {
    expect(normalizeTracestate(header)).toBe(expected)
  })

  it.each([
    ['an empty list', ''],
    ['a list of nothing', ' , ,'],
    ['33 members', members(33)],
    ['a key that is there twice', 'foo=1,foo=2'],
    ['an upper-case key', 'FOO=1'],
    ['a key with a dot', 'foo.bar=1'],
    ['a key that begins with an at sign', '@foo=1,bar=2'],
    ['a key that ends with a space', 'foo =1'],
    ['a key of 257 characters', `${'z'.repeat(257)}=1`],
    ['a member without a key', '=1'],
    ['a member without a value', 'foo=,bar=3'],
    ['a member without an equals sign', 'foo,bar=3'],
    ['a value with an equals sign', 'foo=bar=baz'],
    ['a value of 257 characters', `foo=${'x'.repeat(257)}`],
    ['a value with a tab', 'foo=a\tb'],
    ['a value beyond ASCII', 'foo=ü'],
    ['a line break', 'foo=1\r\nx: 1'],
    ['a header of 20,000 characters', `foo=1${' '.repeat(20_000)}`],
  ])('drops %s whole', (_rule, header) => {
    expect(normalizeTracestate(header)).toBeUndefined()
  })

  it('never throws, and leaves its own output as it is', () => {
    const header = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-c0@=, \t]{0,60}$/))
    fc.assert(
      fc.property(header, (value) => {
        const state = normalizeTracestate(value)
        if (state !== undefined) expect(normalizeTracestate(state)).toBe(state)
      }),
      { seed: 2, numRuns: 500 },
    )
  })
})
