import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createIntervalIndex } from '../src/interval-index.js'

const SEED = 20_260_418

describe(`createIntervalIndex (seed ${SEED})`, () => {
  it('finds what looking at every interval finds', () => {
    const inputs = fc.record({
      ends: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 }),
      limit: fc.nat(40),
      end: fc.integer({ min: 0, max: 21 }),
    })
    fc.assert(
      fc.property(inputs, ({ ends, limit, end }) => {
        const within = Math.min(limit, ends.length)
        const expected = ends.slice(0, within).findLastIndex((candidate) => candidate >= end)
        expect(createIntervalIndex(ends).findLast(within, end)).toBe(expected)
      }),
      { seed: SEED, numRuns: 1_000 },
    )
  })
})
