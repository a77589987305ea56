import { formatDuration, parseDuration } from '@clew/analysis'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

describe('parseDuration', () => {
  it.each([
    ['250', 250],
    ['250ms', 250],
    ['250 MS', 250],
    [' 1.5s ', 1_500],
    ['1.005 s', 1_005],
    ['2m', 120_000],
    ['2 min', 120_000],
    ['1,500 ms', 1_500],
    ['1,500', 1_500],
    ['1,234,567.5 ms', 1_234_567.5],
    ['3 min 25 s', 205_000],
    ['3min25s', 205_000],
    ['1 h 2 min 3.5 s', 3_723_500],
    ['2 h 30 min', 9_000_000],
    ['1d', 86_400_000],
    ['400 us', 0.4],
    ['400 µs', 0.4],
    ['400 \u03bcs', 0.4],
    ['0', 0],
  ])('reads %j as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each([
    '',
    ' ',
    'ms',
    '-5 ms',
    '+5',
    '1e3',
    '0x10',
    '.5 s',
    '5.',
    '1,5 s',
    '1,50 ms',
    '1500,000',
    '1,500,00',
    '5 constructor',
    '5 fortnights',
    '3 25 s',
    '3 min 25',
    '25 s 3 min',
    '3 s 25 s',
    '1.5 min 5 s',
    '?',
    '9'.repeat(400),
  ])('does not read %j', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  it('reads what formatDuration writes, and it is written the same again (seed 7)', () => {
    const durations = fc.oneof(fc.double({ min: 0, max: 1e4, noNaN: true }), fc.integer({ min: 0, max: 1e11 }))
    const property = fc.property(durations, (ms) => {
      const text = formatDuration(ms)
      const read = parseDuration(text)
      expect(read).toBeDefined()
      expect(formatDuration(read ?? Number.NaN)).toBe(text)
    })
    fc.assert(property, { seed: 7, numRuns: 500 })
  })

  it('comes to an end on any text (seed 7)', () => {
    const texts = fc.string({ unit: fc.constantFrom('1', ',', '000', '.', ' ', 'm', 's', 'x'), maxLength: 3_000 })
    const property = fc.property(texts, (text) => {
      const ms = parseDuration(text)
      expect(ms === undefined || Number.isFinite(ms)).toBe(true)
    })
    fc.assert(property, { seed: 7, numRuns: 300 })
  })
})
