import { TraceError } from '@clew/core'

/** What one request holds of a budget. */
export interface BodyShare {
  /** Throws a `TraceError` with `SERVER_BUSY` where the budget has not as many bytes left. */
  take(bytes: number): void
  /** Gives all of it back; may be called more than once. */
  release(): void
}

/** Bounds what the bodies of all requests under way hold together; each opens a share and releases it at its end. */
export function createBodyBudget(maxBytes: number): { open(): BodyShare } {
  let free = maxBytes
  return {
    open() {
      let held = 0
      return {
        take(bytes) {
          if (bytes > free) throw new TraceError('SERVER_BUSY', `Requests under way hold all of ${maxBytes} bytes; try again later`)
          free -= bytes
          held += bytes
        },
        release() {
          free += held
          held = 0
        },
      }
    },
  }
}
