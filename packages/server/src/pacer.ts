import { setImmediate } from 'node:timers/promises'

/** To be awaited between two pieces of work. */
export type Pace = () => Promise<void>

/** A function that lets the event loop turn once whenever the work has gone on for `sliceMs`, so that other requests are answered. */
export function createPacer(sliceMs: number = 10): Pace {
  let end = performance.now() + sliceMs
  return async function pace() {
    if (performance.now() < end) return
    await setImmediate()
    end = performance.now() + sliceMs
  }
}

/** Runs a generator to its end. */
export async function runSteps<T>(steps: Generator<undefined, T, undefined>, pace: Pace): Promise<T> {
  let step = steps.next()
  while (step.done !== true) {
    await pace()
    step = steps.next()
  }
  return step.value
}

/** A function that runs pieces of work one after the other, in the order in which they came. */
export function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return function inTurn(work) {
    const turn = last.then(work)
    last = turn.catch(() => {}) // whoever came with the work hears of it
    return turn
  }
}
