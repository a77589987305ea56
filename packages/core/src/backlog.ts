import type { PendingLog } from './log-records.js'
import { countRecords, type RecordCount } from './record-count.js'
import type { SegmentPart } from './segment-seed.js'
import type { SpanData } from './span-data.js'

/** Spans and log lines that travel together: a segment, or a slice of a big one. */
export interface BacklogItem {
  readonly spans: readonly SpanData[]
  readonly logs: readonly PendingLog[]
  readonly bytes: number
  /** Segments with errors are dropped last. */
  readonly failed: boolean
  /** The order of arrival; slices of one segment share it. */
  readonly sequence: number
}

/** Slices of a part of more records than go into one batch: its spans first, then its lines. */
export function sliceRecords({ spans, logs, size }: SegmentPart, maxRecords: number): Omit<BacklogItem, 'failed' | 'sequence'>[] {
  const records = spans.length + logs.length
  const slices: Omit<BacklogItem, 'failed' | 'sequence'>[] = []
  for (let start = 0; start < records; start += maxRecords) {
    const end = Math.min(start + maxRecords, records)
    const ofLogs = logs.slice(Math.max(0, start - spans.length), Math.max(0, end - spans.length))
    slices.push({ spans: spans.slice(start, end), logs: ofLogs, bytes: (size * (end - start)) / records })
  }
  return slices
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
  logs = 0

  /** Spans and log lines. */
  get records(): number {
    return this.spans + this.logs
  }

  /** The sequence of what waits longest; Infinity where nothing waits. */
  get oldest(): number {
    return Math.min(this.#ordinary.first?.sequence ?? Infinity, this.#failed.first?.sequence ?? Infinity)
  }

  add(item: BacklogItem): void {
    this.#lineOf(item).push(item)
    this.#count(item, 1)
  }

  /** The oldest items with at most `maxRecords` spans and log lines together, one item at least. */
  take(maxRecords: number): BacklogItem[] {
    const taken: BacklogItem[] = []
    let records = 0
    for (let line = this.#oldestLine(); line.first !== undefined; line = this.#oldestLine()) {
      records += line.first.spans.length + line.first.logs.length
      if (records > maxRecords && taken.length > 0) break
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

  /** Drops the oldest segment whole, those with errors last, and tells how much it held. */
  dropOldest(): RecordCount {
    const line = this.#ordinary.first === undefined ? this.#failed : this.#ordinary
    const sequence = line.first?.sequence
    const dropped: BacklogItem[] = []
    while (line.first !== undefined && line.first.sequence === sequence) dropped.push(this.#removeFirst(line))
    return countRecords(dropped)
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
    this.logs += sign * item.logs.length
  }
}

/** What the items hold together. */
export function sumBytes(items: readonly BacklogItem[]): number {
  return items.reduce((total, item) => total + item.bytes, 0)
}
