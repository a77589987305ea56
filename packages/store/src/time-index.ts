/** What a `TimeIndex` orders. Neither field may change while it is in one. */
export interface Timed {
  readonly traceId: string
  readonly startTime: number
}

/** Which part of a `TimeIndex` to walk. Both bounds in epoch milliseconds, `from` included and `to` not. */
export interface TimeBounds {
  readonly from: number
  readonly to: number
  /** Begin behind this place. */
  readonly after?: Timed | undefined
}

/** Removed entries in front are reclaimed once there are this many. */
const MIN_GAP = 1_024

/**
 * Traces in the order of their start; those that start at once are in the descending order of their ids, so that walking backwards
 * gives "newest first, equal ones by id". Adding near the end and removing from the front, which is what a store does all day, are cheap.
 */
export class TimeIndex<T extends Timed> {
  #items: (T | undefined)[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  get oldest(): T | undefined {
    return this.#items[this.#head]
  }

  add(item: T): void {
    this.#items.splice(this.#findPlace(item), 0, item)
  }

  delete(item: T): void {
    const place = this.#findPlace(item)
    if (this.#items[place] !== item) return
    if (place === this.#head) this.#deleteOldest()
    else this.#items.splice(place, 1)
  }

  /** The traces that start within the bounds, in a list of their own. */
  newestFirst(bounds: TimeBounds): readonly T[] {
    let end = this.#findPlace({ startTime: bounds.to, traceId: '~' })
    if (bounds.after !== undefined) end = Math.min(end, this.#findPlace(bounds.after))
    const start = Math.min(end, this.#findPlace({ startTime: bounds.from, traceId: '~' }))
    return (this.#items.slice(start, end) as T[]).reverse() // from the head on there are no gaps
  }

  /** The first place whose trace does not come before `item`; '~' sorts behind all hex ids. */
  #findPlace(item: Timed): number {
    let low = this.#head
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.#items[middle]
      if (other !== undefined && comesBefore(other, item)) low = middle + 1
      else high = middle
    }
    return low
  }

  #deleteOldest(): void {
    this.#items[this.#head] = undefined
    this.#head += 1
    if (this.#head < MIN_GAP || this.#head * 2 < this.#items.length) return
    this.#items = this.#items.slice(this.#head)
    this.#head = 0
  }
}

function comesBefore(a: Timed, b: Timed): boolean {
  return a.startTime < b.startTime || (a.startTime === b.startTime && a.traceId > b.traceId)
}
