import { formatCount, formatDuration, formatShare } from '@clew/analysis'
import { describe, expect, it } from 'vitest'

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [0.004, '0 ms'],
    [0.418, '0.42 ms'],
    [0.999, '1 ms'],
    [1.04, '1 ms'],
    [7.31, '7.3 ms'],
    [9.96, '10 ms'],
    [12.5, '13 ms'],
    [2_412.4, '2,412 ms'],
    [59_999, '59,999 ms'],
    [59_999.6, '1 min'],
    [205_000, '3 min 25 s'],
    [3_599_700, '1 h'],
    [9_000_000, '2 h 30 min'],
    [-5.25, '-5.3 ms'],
    [Number.NaN, '?'],
    [Infinity, '?'],
  ])('writes %d as %s', (ms, expected) => {
    expect(formatDuration(ms)).toBe(expected)
  })
})

describe('formatShare', () => {
  it.each([
    [0, '0 %'],
    [0.002, '< 1 %'],
    [0.006, '1 %'],
    [0.963, '96 %'],
    [1, '100 %'],
    [12, '1,200 %'],
    [Number.NaN, '?'],
  ])('writes %d as %s', (share, expected) => {
    expect(formatShare(share)).toBe(expected)
  })
})

describe('formatCount', () => {
  it.each([
    [0, '0 spans'],
    [1, '1 span'],
    [1_200, '1,200 spans'],
  ])('counts %d as %s', (count, expected) => {
    expect(formatCount(count, 'span')).toBe(expected)
  })
})
