/** What stands in a list by fields of its own, so that nothing else holds it. */
export interface Neighbour<T> {
  older: T | undefined
  newer: T | undefined
}

/** A list in the order in which things were added, from which anything can be taken at once. */
export class NeighbourList<T extends Neighbour<T>> {
  oldest: T | undefined
  newest: T | undefined
  count = 0

  add(item: T): void {
    item.older = this.newest
    if (this.newest) this.newest.newer = item
    else this.oldest = item
    this.newest = item
    this.count++
  }

  /** Only what is in the list. */
  remove(item: T): void {
    const { older, newer } = item
    if (older) older.newer = newer
    else this.oldest = newer
    if (newer) newer.older = older
    else this.newest = older
    item.older = undefined
    item.newer = undefined
    this.count--
  }
}
