import type { Resource, Scope } from '@clew/core'
import { estimateSharedBytes } from './span-size.js'

/** Resources and scopes that several traces hold. Each is counted once, and in full as long as any trace holds it. */
export class SharedObjects {
  readonly #holders = new Map<Resource | Scope, number>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  /** How many objects are held. */
  get size(): number {
    return this.#holders.size
  }

  retain(object: Resource | Scope): void {
    const holders = this.#holders.get(object) ?? 0
    if (holders === 0) this.#bytes += estimateSharedBytes(object)
    this.#holders.set(object, holders + 1)
  }

  release(object: Resource | Scope): void {
    const holders = this.#holders.get(object) ?? 0
    if (holders > 1) this.#holders.set(object, holders - 1)
    else if (this.#holders.delete(object)) this.#bytes -= estimateSharedBytes(object)
  }

  clear(): void {
    this.#holders.clear()
    this.#bytes = 0
  }
}
