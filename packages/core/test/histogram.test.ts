import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundOf, bucketOf, DURATION_RANGE, VALUE_RANGE } from '../src/histogram-buckets.js'
import { Histogram } from '../src/histogram.js'

const SOURCE = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const STEP = 2 ** (1 / 8)

function pointOf(values: readonly number[], range = DURATION_RANGE) {
  const histogram = new Histogram(range)
  for (const value of values) histogram.record(value, 0, undefined)
  return histogram.toPoint({}, 0, 1)
}

describe('buckets', () => {
  it('end exactly at powers of two', () => {
    for (let power = -63; power <= 63; power++) {
      expect(boundOf(power * 8)).toBe(2 ** power)
      expect(bucketOf(2 ** power)).toBe(power * 8 - 1)
      expect(bucketOf(2 ** power * (1 + Number.EPSILON))).toBe(power * 8)
    }
  })

  it('hold what is above their lower and up to their upper bound', () => {
    const value = fc.double({ min: 2 ** -63, max: 2 ** 63, noNaN: true })
    fc.assert(
      fc.property(value, (number) => {
        const bucket = bucketOf(number)
        expect(boundOf(bucket)).toBeLessThan(number)
        expect(boundOf(bucket + 1)).toBeGreaterThanOrEqual(number)
      }),
      { seed: 1, numRuns: 5000 },
    )
  })

  it('hold their own upper bound, whatever the logarithm rounds to', () => {
    for (let bucket = VALUE_RANGE.low; bucket <= VALUE_RANGE.high; bucket++) expect(bucketOf(boundOf(bucket + 1))).toBe(bucket)
  })

  it('are an eighth of an octave wide', () => {
    for (let bucket = VALUE_RANGE.low; bucket < VALUE_RANGE.high; bucket++)
      expect(boundOf(bucket + 1) / boundOf(bucket)).toBeCloseTo(STEP, 12)
  })
})

describe('histogram', () => {
  it('counts zero, the smallest double and everything up to 2^-14 s as zero', () => {
    expect(pointOf([0, 5e-324, 1e-310, 2 ** -14])).toMatchObject({ count: 4, zeroCount: 4, zeroThreshold: 2 ** -14, bucketCounts: [] })
    expect(pointOf([2 ** -14 * (1 + Number.EPSILON)])).toMatchObject({ zeroCount: 0, offset: -112, bucketCounts: [1] })
  })

  it('counts what is above 256 s in the bucket after the last and tells the maximum', () => {
    expect(pointOf([256])).toMatchObject({ offset: 63, bucketCounts: [1] })
    expect(pointOf([256.1, 1e6, Number.MAX_VALUE])).toMatchObject({ offset: 64, bucketCounts: [3], max: Number.MAX_VALUE })
  })

  it('has 64 octaves on both sides of 1 for other values', () => {
    const { zeroCount, offset, bucketCounts } = pointOf([2 ** -64, 2 ** -63, 2 ** 64, Number.MAX_VALUE], VALUE_RANGE)
    expect({ zeroCount, offset, length: bucketCounts.length }).toEqual({ zeroCount: 1, offset: -505, length: 512 + 505 + 1 })
  })

  it('says nothing of minimum and maximum while it is empty', () => {
    expect(pointOf([])).toEqual({
      attributes: {}, startTime: 0, time: 1, count: 0, sum: 0, scale: 3, zeroCount: 0, zeroThreshold: 2 ** -14, offset: 0, bucketCounts: [],
    }) // prettier-ignore
  })

  it('counts every value once, in whatever order the window of buckets grows', () => {
    const values = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(values, (numbers) => {
        const { count, sum, min, max, zeroCount, offset, bucketCounts } = pointOf(numbers)
        expect(count).toBe(numbers.length)
        expect(zeroCount + bucketCounts.reduce((total, each) => total + each, 0)).toBe(count)
        expect([min, max]).toEqual([Math.min(...numbers), Math.max(...numbers)])
        expect(sum).toBeCloseTo(
          numbers.reduce((total, number) => total + number, 0),
          3,
        )
        const counted = numbers.filter((number) => number > 2 ** -14)
        for (const number of counted) expect(bucketCounts[Math.min(64, bucketOf(number)) - offset]).toBeGreaterThan(0)
        if (counted.length > 0) expect([bucketCounts[0], bucketCounts.at(-1)]).not.toContain(0)
      }),
      { seed: 2, numRuns: 500 },
    )
  })

  it('keeps the latest exemplar of each bucket, zero included, while the window grows both ways', () => {
    const histogram = new Histogram(DURATION_RANGE)
    const spanOf = (id: number) => ({ ...SOURCE, spanId: String(id).padStart(16, '0') })
    const values = [0.1, 0, 10, 0.0001, 0.1, 0, 200]
    values.forEach((value, at) => histogram.record(value, at, spanOf(at)))
    histogram.record(10, 99, undefined)
    const { exemplars } = histogram.toPoint({}, 0, 1)
    expect(exemplars).toEqual([5, 3, 4, 2, 6].map((at) => ({ time: at, value: values[at], ...spanOf(at) })))
  })
})
