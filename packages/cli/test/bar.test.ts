import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatBar } from '../src/bar.js'

function draw(start: number, end: number, unicode = true): string {
  const { before, bar, after } = formatBar({ start, end }, 8, unicode)
  return `|${' '.repeat(before)}${bar}${' '.repeat(after)}|`
}

test('draws in eighths of a column', () => {
  expect([draw(0, 1), draw(0, 0.5), draw(0, 9 / 64), draw(4 / 64, 0.5), draw(6 / 64, 0.5), draw(0.5, 1)]).toEqual([
    '|████████|',
    '|████    |',
    '|█▏      |',
    '|▐███    |',
    '|▕███    |',
    '|    ████|',
  ])
})

test('shows something of the shortest stretch', () => {
  expect([draw(0, 0), draw(0.5, 0.5), draw(1, 1), draw(0.3, 0.3, false)]).toEqual(['|▏       |', '|    ▏   |', '|       ▕|', '|  =     |'])
})

test('always fills the axis exactly', () => {
  fc.assert(
    fc.property(fc.double(), fc.double(), fc.integer({ min: 1, max: 200 }), fc.boolean(), (start, end, width, unicode) => {
      const { before, bar, after } = formatBar({ start, end }, width, unicode)
      expect(bar.length).toBeGreaterThan(0)
      expect(Math.min(before, after)).toBeGreaterThanOrEqual(0)
      expect(before + bar.length + after).toBe(width)
    }),
    { seed: 20_251_121 },
  )
})
