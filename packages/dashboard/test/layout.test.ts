import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findTicks, findWindow, toIndent, toX } from '../src/layout.js'

describe('the window of rows', () => {
  const views = fc.record({
    offset: fc.integer({ min: -5_000, max: 2_000_000 }),
    height: fc.integer({ min: 1, max: 3_000 }),
    rowHeight: fc.constantFrom(26, 42),
    rowCount: fc.integer({ min: 0, max: 50_000 }),
  })

  test('holds every row that is in the viewport', () => {
    fc.assert(
      fc.property(views, (view) => {
        const { first, end } = findWindow(view)
        const firstSeen = Math.max(0, Math.floor(view.offset / view.rowHeight))
        const endSeen = Math.min(view.rowCount, Math.ceil((view.offset + view.height) / view.rowHeight))
        if (firstSeen >= endSeen) return
        expect(first).toBeLessThanOrEqual(firstSeen)
        expect(end).toBeGreaterThanOrEqual(endSeen)
      }),
      { seed: 5 },
    )
  })

  test('stays within the rows there are and small', () => {
    fc.assert(
      fc.property(views, (view) => {
        const { first, end } = findWindow(view)
        expect(first).toBeGreaterThanOrEqual(0)
        expect(end).toBeLessThanOrEqual(view.rowCount)
        expect(end).toBeGreaterThanOrEqual(first)
        expect(end - first).toBeLessThanOrEqual(Math.ceil(view.height / view.rowHeight) + 72)
      }),
      { seed: 6 },
    )
  })

  test('does not change with every pixel', () => {
    const at = (offset: number): object => findWindow({ offset, height: 900, rowHeight: 26, rowCount: 50_000 })
    expect(at(26_000)).toEqual(at(26_020))
  })
})

describe('the time axis', () => {
  test('maps the trace onto the whole width', () => {
    const scale = { startTime: 1_000, endTime: 3_000, width: 500 }
    expect(toX(scale, 1_000)).toBe(0)
    expect(toX(scale, 2_000)).toBe(250)
    expect(toX(scale, 3_000)).toBe(500)
  })

  test('puts a trace without extent at its left end', () => {
    expect(toX({ startTime: 5, endTime: 5, width: 500 }, 5)).toBe(0)
    expect(findTicks({ startTime: 5, endTime: 5, width: 500 }, 96)).toEqual([0])
  })

  test('has its marks at round times', () => {
    expect(findTicks({ startTime: 0, endTime: 2_500, width: 700 }, 96)).toEqual([0, 500, 1_000, 1_500, 2_000, 2_500])
    expect(findTicks({ startTime: 0, endTime: 0.9, width: 300 }, 96)).toEqual([0, 0.5])
  })

  test('keeps its marks apart, whatever the trace', () => {
    const extents = fc.double({ min: 0.001, max: 1e7, noNaN: true })
    fc.assert(
      fc.property(extents, fc.integer({ min: 100, max: 3_000 }), (extent, width) => {
        const ticks = findTicks({ startTime: 0, endTime: extent, width }, 96)
        expect(ticks.length).toBeLessThanOrEqual(Math.floor(width / 96) + 1)
        const gap = ticks.length > 1 ? (ticks[1]! / extent) * width : width
        expect(gap).toBeGreaterThan(95.9)
      }),
      { seed: 7 },
    )
  })
})

test('the deepest rows are still readable', () => {
  expect(toIndent(3, false)).toBeGreaterThan(toIndent(2, false))
  expect(toIndent(10_000, false)).toBeLessThan(400)
  expect(toIndent(10_000, true)).toBeLessThan(120)
})
