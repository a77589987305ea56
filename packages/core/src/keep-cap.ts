import { isSampled, toRandomness } from './sampler.js'

/** How many times the cap may pass within a second that nobody foresaw, and be exported in part beyond it. */
const BURST = 10

/**
 * Bounds the traces that are kept per second. The factor is settled once a second, from the second before, and which ids pass depends on
 * the factor and the id alone, so that services drop the same ones first.
 */
export class KeepCap {
  #second = 0
  #asked = 0
  #admitted = 0
  #cut = 0
  #factor = 1

  /** True where the trace may be kept. `nowMs` is a reading of the monotonic clock. */
  admit(traceId: string, maxPerSecond: number, nowMs: number): boolean {
    this.#turn(maxPerSecond, nowMs)
    this.#asked++
    if (this.#admitted >= BURST * maxPerSecond || !isSampled(toRandomness(traceId, false), this.#factor)) return false
    this.#admitted++
    return true
  }

  /** True where what was not admitted may be exported in part. */
  admitCut(maxPerSecond: number, nowMs: number): boolean {
    this.#turn(maxPerSecond, nowMs)
    return this.#cut++ < BURST * maxPerSecond
  }

  #turn(maxPerSecond: number, nowMs: number): void {
    const second = Math.floor(nowMs / 1000)
    if (second === this.#second) return
    const asked = second === this.#second + 1 ? this.#asked : 0
    this.#factor = asked > maxPerSecond ? maxPerSecond / asked : 1
    this.#second = second
    this.#asked = 0
    this.#admitted = 0
    this.#cut = 0
  }
}
