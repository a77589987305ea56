import { describe, expect, test } from 'vitest'
import { escapeDirections, formatAgo, formatTime } from '../src/format.js'

describe('a time', () => {
  const now = new Date(2026, 10, 21, 15, 0).getTime()

  test('of today is a time of day', () => {
    expect(formatTime(new Date(2026, 10, 21, 14, 3, 7, 20).getTime(), now)).toBe('14:03:07.020')
  })

  test('of another day has its date', () => {
    expect(formatTime(new Date(2026, 10, 9, 14, 3, 7).getTime(), now)).toBe('2026-11-09 14:03:07.000')
  })

  test.each([
    [0, '0 s ago'],
    [59_000, '59 s ago'],
    [60_000, '1 min ago'],
    [7_300_000, '2 h ago'],
    [200_000_000, '2 d ago'],
    [-5_000, '0 s ago'],
  ])('%d ms back is %s', (back, expected) => {
    expect(formatAgo(now - back, now)).toBe(expected)
  })
})

test('marks that turn text around are shown, and letters of any script are left alone', () => {
  expect(escapeDirections('pay\u202estnem \u2066x\u2069')).toBe('pay\\u202estnem \\u2066x\\u2069')
  expect(escapeDirections('טלה שלום e\u0301 👩‍👩‍👧')).toBe('טלה שלום e\u0301 👩‍👩‍👧')
})
