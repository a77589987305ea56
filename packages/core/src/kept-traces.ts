/** How long an id is remembered, at least. */
const MEMORY_MS = 15 * 60_000
/** Of each of two generations. */
const MAX_IDS = 32_768

/** Ids of traces that are kept, so that what belongs to them later is kept as well: for 15 to 30 minutes, fewer where there are too many. */
export class KeptTraces {
  #young = new Set<string>()
  #old = new Set<string>()
  #turnedAt = 0

  /** Costs next to nothing where no trace is remembered. */
  has(traceId: string): boolean {
    return (this.#young.size > 0 && this.#young.has(traceId)) || (this.#old.size > 0 && this.#old.has(traceId))
  }

  /** `nowMs` is a reading of the monotonic clock. */
  add(traceId: string, nowMs: number): void {
    this.turn(nowMs)
    // An id is a slice of a longer text, which would stay with it.
    this.#young.add(Buffer.from(traceId, 'latin1').toString('latin1'))
  }

  /** Forgets what is old enough. */
  turn(nowMs: number): void {
    if (this.#young.size < MAX_IDS && nowMs - this.#turnedAt < MEMORY_MS) return
    if (nowMs - this.#turnedAt >= 2 * MEMORY_MS) this.#young.clear()
    this.#old = this.#young
    this.#young = new Set()
    this.#turnedAt = nowMs
  }
}
