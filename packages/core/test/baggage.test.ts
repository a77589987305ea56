import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalizeBaggage } from '../src/baggage.js'

const members = (count: number): string => Array.from({ length: count }, (_, index) => `k${index}=1`).join(',')

describe('normalizeBaggage (W3C Baggage, section 3)', () => {
  it.each([
    ['members and their order', 'a=1,b=2', 'a=1,b=2'],
    ['white space around everything', ' a = 1 ; p = 2 ; q , b=2 ', 'a=1;p=2;q,b=2'],
    ['percent-encoding as it is', 'user=J%C3%BCrgen', 'user=J%C3%BCrgen'],
    ['empty values', 'a=', 'a='],
    ['equals signs in values', 'a=b=c', 'a=b=c'],
    ['the valid ones among invalid members', 'a=1,bad key=1,=2,novalue,b="q",c=2', 'a=1,c=2'],
    ['3.3.2: 180 members', members(180), members(180)],
    ['3.3.2: no more than 180 members', members(200), members(180)],
  ])('keeps %s', (_rule, header, expected) => {
    expect(normalizeBaggage(header)).toBe(expected)
  })

  it.each(['', ' ', ',,,', 'novalue', 'a=ü', 'a=1\r\nx: y', 'a b=1', 'a=1;', 'a=1;p q', 'a=1;p="', 'a;b=1'])(
    'finds nothing in %j',
    (header) => {
      expect(normalizeBaggage(header)).toBeUndefined()
    },
  )

  it('leaves out a member over 4,096 bytes and keeps the next', () => {
    expect(normalizeBaggage(`a=${'x'.repeat(4_094)},b=1`)).toBe(`a=${'x'.repeat(4_094)},b=1`)
    expect(normalizeBaggage(`a=${'x'.repeat(4_095)},b=1`)).toBe('b=1')
  })

  it('stops at 8,192 bytes, commas charged, and cuts no member in two', () => {
    const half = `a=${'x'.repeat(4_093)}`
    const rest = `b=${'y'.repeat(4_094)}`
    expect(`${half},${rest}`).toHaveLength(8_192)
    expect(normalizeBaggage(`${half},${rest}`)).toBe(`${half},${rest}`)
    expect(normalizeBaggage(`,${half},${rest}`)).toBe(half)
  })

  it('charges invalid members, too', () => {
    expect(normalizeBaggage(`${'?'.repeat(8_190)},a=1`)).toBeUndefined()
    expect(normalizeBaggage(`${',,'.repeat(90)}a=1`)).toBeUndefined()
  })

  it('never throws, and leaves its own output as it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-c=;,% F]{0,60}$/)), (header) => {
        const normalized = normalizeBaggage(header)
        if (normalized !== undefined) expect(normalizeBaggage(normalized)).toBe(normalized)
      }),
      { seed: 6, numRuns: 500 },
    )
  })
})
