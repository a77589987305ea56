/** Finds intervals that enclose a moment or another interval, among intervals sorted by their start. */
export interface IntervalIndex {
  /** The last interval before place `limit` that ends at `end` or later; -1 where there is none. */
  findLast(limit: number, end: number): number
}

/** A tree of maxima over the ends, one slot larger than needed, so that a search never starts at the right edge. */
export function createIntervalIndex(ends: readonly number[]): IntervalIndex {
  let size = 1
  while (size <= ends.length) size *= 2
  const latest = new Float64Array(2 * size).fill(-Infinity)
  latest.set(ends, size)
  for (let slot = size - 1; slot > 0; slot -= 1) latest[slot] = Math.max(latest[2 * slot]!, latest[2 * slot + 1]!)

  function descend(from: number, end: number): number {
    let slot = from
    while (slot < size) slot = latest[2 * slot + 1]! >= end ? 2 * slot + 1 : 2 * slot
    return slot - size
  }

  function findLast(limit: number, end: number): number {
    for (let slot = limit + size; slot > 1; slot >>= 1) {
      if (slot % 2 === 1 && latest[slot - 1]! >= end) return descend(slot - 1, end)
    }
    return -1
  }

  return { findLast }
}
