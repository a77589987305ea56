import type { SpanData } from './span-data.js'

/** Spans that travel together: a segment, or a slice of a big one. */
export interface BacklogItem {
  readonly spans: readonly SpanData[]
  readonly bytes: number
  /** Segments with errors are dropped last. */
  readonly failed: boolean
  /** The order of arrival; slices of one segment share it. */
  readonly sequence: number
}

const COMPACT_AT = 1024

/** A queue from whose both ends items are taken without moving the others. */
class Fifo<T> {
  #items: (T | undefined)[] = []
  #head = 0

  get first(): T | undefined {
    return this.#items[this.#head]
  }

  push(item: T): void {
    this.#items.push(item)
  }

  unshift(item: T): void {
    if (this.#head > 0) this.#items[--this.#head] = item
    else this.#items.unshift(item)
  }

  shift(): T | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#items[this.#head++] = undefined
    if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#items.length) {
      this.#items.splice(0, this.#head)
      this.#head = 0
    }
    return item
  }
}

/** What waits for export, in the order of arrival. Every operation costs the same however much waits. */
export class Backlog {
  readonly #ordinary = new Fifo<BacklogItem>()
  readonly #failed = new Fifo<BacklogItem>()
  bytes = 0
  spans = 0

  /** The sequence of what waits longest; Infinity where nothing waits. */
  get oldest(): number {
    return Math.min(this.#ordinary.first?.sequence ?? Infinity, this.#failed.first?.sequence ?? Infinity)
  }

  add(item: BacklogItem): void {
    this.#lineOf(item).push(item)
    this.#count(item, 1)
  }

  /** The oldest items with at most `maxSpans` spans together, one item at least. */
  take(maxSpans: number): BacklogItem[] {
    const taken: BacklogItem[] = []
    let spans = 0
    for (let line = this.#oldestLine(); line.first !== undefined; line = this.#oldestLine()) {
      spans += line.first.spans.length
      if (spans > maxSpans && taken.length > 0) break
      taken.push(this.#removeFirst(line))
    }
    return taken
  }

  /** Returns what was taken to where it was. */
  putBack(items: readonly BacklogItem[]): void {
    for (const item of items.toReversed()) {
      this.#lineOf(item).unshift(item)
      this.#count(item, 1)
    }
  }

  /** Drops the oldest segment whole, those with errors last, and tells how many spans it had. */
  dropOldest(): number {
    const line = this.#ordinary.first === undefined ? this.#failed : this.#ordinary
    const sequence = line.first?.sequence
    let spans = 0
    while (line.first !== undefined && line.first.sequence === sequence) spans += this.#removeFirst(line).spans.length
    return spans
  }

  #lineOf(item: BacklogItem): Fifo<BacklogItem> {
    return item.failed ? this.#failed : this.#ordinary
  }

  #oldestLine(): Fifo<BacklogItem> {
    const failedFirst = (this.#failed.first?.sequence ?? Infinity) < (this.#ordinary.first?.sequence ?? Infinity)
    return failedFirst ? this.#failed : this.#ordinary
  }

  #removeFirst(line: Fifo<BacklogItem>): BacklogItem {
    const item = line.shift() as BacklogItem
    this.#count(item, -1)
    return item
  }

  #count(item: BacklogItem, sign: 1 | -1): void {
    this.bytes += sign * item.bytes
    this.spans += sign * item.spans.length
  }
}
