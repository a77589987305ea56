import { NeighbourList } from './neighbour-list.js'
import type { Segment } from './segment.js'
import { startTimer, stopTimer } from './waiting.js'

/** Slowness is found this late at most. */
const SWEEP_MS = 250
/** Beyond this many segments with open spans the oldest is closed: spans that nobody ends must not pile up. */
const MAX_OPEN_SEGMENTS = 20_000
/** Of requests that are in flight: there are as many as the host has connections for, and their spans end with them. */
const MAX_OPEN_REQUESTS = 200_000

/** The segments that have open spans. One timer looks after all of them, and runs only while there are any. */
export class OpenSegments {
  readonly #monotonic: () => number
  readonly #requests = new NeighbourList<Segment>()
  readonly #others = new NeighbourList<Segment>()
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  get count(): number {
    return this.#requests.count + this.#others.count
  }

  add(segment: Segment): void {
    if (this.#isClosed) return
    this.#enter(segment, segment.isRequest)
    this.#timer ??= this.#startTimer()
  }

  #enter(segment: Segment, isRequest: boolean): void {
    const list = isRequest ? this.#requests : this.#others
    segment.list = list
    list.add(segment)
    if (list.count > (isRequest ? MAX_OPEN_REQUESTS : MAX_OPEN_SEGMENTS)) list.oldest?.close()
  }

  remove(segment: Segment): void {
    segment.list?.remove(segment)
    segment.list = undefined
  }

  /** A request whose local root has ended is one no longer, whatever else of it is still open. */
  rootEnded(segment: Segment): void {
    if (segment.list !== this.#requests) return
    this.remove(segment)
    this.#enter(segment, false)
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
    for (const list of [this.#requests, this.#others]) {
      let segment = list.oldest
      while (segment !== undefined) {
        // It may leave the list.
        const { newer }: Segment = segment
        segment.look(nowMs)
        segment = newer
      }
    }
  }

  /** No segment is looked after from now on. */
  close(): void {
    this.#isClosed = true
    stopTimer(this.#timer)
    this.#timer = undefined
    for (const list of [this.#requests, this.#others]) while (list.oldest) this.remove(list.oldest)
  }
}
