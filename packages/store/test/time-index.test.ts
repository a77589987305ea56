import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TimeIndex, type Timed } from '../src/time-index.js'

const timed = fc.record({
  startTime: fc.integer({ min: 0, max: 20 }),
  traceId: fc.integer({ min: 1, max: 0xffff }).map((id) => id.toString(16).padStart(4, '0')),
})

function sortNewestFirst(items: readonly Timed[]): Timed[] {
  return items.toSorted((a, b) => b.startTime - a.startTime || (a.traceId < b.traceId ? -1 : 1))
}

describe('TimeIndex', () => {
  it('walks what it holds newest first, equal ones by id, within its bounds', () => {
    const property = fc.property(fc.array(timed), fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 }), (items, from, to) => {
      const index = createIndex(items)
      const expected = sortNewestFirst(items).filter((item) => item.startTime >= from && item.startTime < to)
      expect([...index.newestFirst({ from, to })]).toEqual(expected)
    })
    fc.assert(property, { seed: 42 })
  })

  it('begins behind a place, whether it holds that place or not', () => {
    const property = fc.property(fc.array(timed), timed, (items, after) => {
      const expected = sortNewestFirst([...items, after])
      const walked = [...createIndex(items).newestFirst({ from: -Infinity, to: Infinity, after })]
      expect(walked).toEqual(expected.slice(expected.indexOf(after) + 1))
    })
    fc.assert(property, { seed: 42 })
  })

  it('holds what is left after any deletions, from the front in particular', () => {
    const index = new TimeIndex<Timed>()
    const items = Array.from({ length: 5_000 }, (_, number) => ({ startTime: number, traceId: String(number) }))
    for (const item of items) index.add(item)
    for (let number = 0; number < 4_000; number += 1) {
      expect(index.oldest).toBe(items[number])
      index.delete(items[number]!)
    }
    index.delete(items[4_500]!)
    index.delete(items[4_500]!)
    index.delete({ startTime: 4_600, traceId: '4600' })
    expect(index.size).toBe(999)
    expect([...index.newestFirst({ from: 0, to: Infinity })]).toEqual(
      items
        .slice(4_000)
        .filter((item) => item !== items[4_500])
        .toReversed(),
    )
  })
})

function createIndex(items: readonly Timed[]): TimeIndex<Timed> {
  const index = new TimeIndex<Timed>()
  for (const item of items) index.add(item)
  return index
}
