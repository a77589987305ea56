import type { Segment } from './segment.js'
import { startTimer, stopTimer } from './waiting.js'

/** Slowness is found this late at most. */
const SWEEP_MS = 250
/** Beyond this many segments with open spans the oldest is closed: spans that nobody ends must not pile up. */
const MAX_OPEN_SEGMENTS = 20_000

/**
 * The segments that have open spans, in the order in which they were opened: a list through fields of theirs, so that nothing else holds them.
 * One timer looks after all of them, and runs only while there are any.
 */
export class OpenSegments {
  readonly #monotonic: () => number
  #oldest: Segment | undefined
  #newest: Segment | undefined
  #timer: NodeJS.Timeout | undefined
  #isClosed = false
  count = 0

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  add(segment: Segment): void {
    if (this.#isClosed) return
    segment.isListed = true
    segment.older = this.#newest
    if (this.#newest) this.#newest.newer = segment
    else this.#oldest = segment
    this.#newest = segment
    if (++this.count > MAX_OPEN_SEGMENTS) this.#oldest?.close()
    this.#timer ??= this.#startTimer()
  }

  remove(segment: Segment): void {
    if (!segment.isListed) return
    const { older, newer } = segment
    if (older) older.newer = newer
    else this.#oldest = newer
    if (newer) newer.older = older
    else this.#newest = older
    segment.isListed = false
    segment.older = undefined
    segment.newer = undefined
    this.count--
  }

  #startTimer(): NodeJS.Timeout {
    return startTimer(() => this.#onTimer(), SWEEP_MS).unref()
  }

  #onTimer(): void {
    this.sweep()
    this.#timer = this.count === 0 || this.#isClosed ? undefined : this.#startTimer()
  }

  /** Has a look at each of them: what is slow by now, what is too old, what is to be handed over. */
  sweep(): void {
    const nowMs = this.#monotonic()
    let segment = this.#oldest
    while (segment !== undefined) {
      // It may leave the list.
      const { newer }: Segment = segment
      segment.look(nowMs)
      segment = newer
    }
  }

  /** No segment is looked after from now on. */
  close(): void {
    this.#isClosed = true
    stopTimer(this.#timer)
    this.#timer = undefined
    while (this.#oldest) this.remove(this.#oldest)
  }
}
