import { setImmediate as scheduleImmediate } from 'node:timers'
import { setImmediate as waitForTurn } from 'node:timers/promises'

const SLICE_MS = 10

/**
 * Shares out the time of the event loop: whatever goes through one pacer takes about 10 ms of each turn, all of it together. Work that is
 * not done by then stands in line, and each in the line has a turn of its own.
 */
export class Pacer {
  #sliceEnd = 0
  #isOpen = false
  #line: Promise<void> = Promise.resolve()

  /** Calls `visit` with each item in order until it returns false; the event loop turns meanwhile, where that takes long. */
  async visit<T>(items: readonly T[], visit: (item: T) => boolean | void): Promise<void> {
    for (const item of items) {
      if (this.#isDue()) await this.#waitInLine()
      if (visit(item) === false) return
    }
  }

  #isDue(): boolean {
    if (!this.#isOpen) this.#open()
    return performance.now() >= this.#sliceEnd
  }

  #open(): void {
    this.#sliceEnd = performance.now() + SLICE_MS
    this.#isOpen = true
    scheduleImmediate(() => (this.#isOpen = false))
  }

  async #waitInLine(): Promise<void> {
    this.#line = this.#line.then(() => waitForTurn())
    await this.#line
    if (!this.#isOpen) this.#open()
  }
}
