/** Beyond this Node takes a delay for 1 ms. */
const MAX_DELAY_MS = 2 ** 31 - 1

/** A delay that timers understand: not negative, not NaN, not more than they can hold. */
export function toDelay(ms: number): number {
  return ms > 0 ? Math.min(ms, MAX_DELAY_MS) : 0
}

/** True where the promise settled before the deadline, Unix epoch in milliseconds; without a promise it only waits. The wait keeps the process alive, and not for longer. */
export async function within(promise: Promise<unknown> | undefined, deadline: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, toDelay(deadline - Date.now()), false)
  })
  try {
    return await (promise === undefined ? timeout : Promise.race([promise.then(() => true), timeout]))
  } finally {
    clearTimeout(timer)
  }
}
