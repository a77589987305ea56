/**
 * Timers and clock as they were when this was loaded: a host's tests replace them, and a flush must end all the same. Deadlines are readings
 * of this clock, which does not jump as that of the day does.
 */
export const startTimer: typeof setTimeout = globalThis.setTimeout
export const stopTimer: typeof clearTimeout = globalThis.clearTimeout
export const readClock: () => number = performance.now.bind(performance)

/** Beyond this Node takes a delay for 1 ms. */
const MAX_DELAY_MS = 2 ** 31 - 1

/** A delay that timers understand: not negative, not NaN, not more than they can hold. */
export function toDelay(ms: number): number {
  return ms > 0 ? Math.min(ms, MAX_DELAY_MS) : 0
}

/** True where the promise settled before the deadline, a reading of `readClock`; without a promise it only waits. The wait keeps the process alive, and not for longer. */
export async function within(promise: Promise<unknown> | undefined, deadline: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<boolean>((resolve) => {
    timer = startTimer(resolve, toDelay(deadline - readClock()), false)
  })
  try {
    return await (promise === undefined ? timeout : Promise.race([promise.then(() => true), timeout]))
  } finally {
    stopTimer(timer)
  }
}
