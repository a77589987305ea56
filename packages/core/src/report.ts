import type { TraceError } from './errors.js'
import { callUser } from './user-callback.js'
import { readClock } from './waiting.js'

const SILENCE_MS = 60_000

/** Hands errors to `onError`, and never lets what that throws get any further. */
export function createReporter(onError: ((error: TraceError) => void) | undefined): (error: TraceError) => void {
  const deliver = onError ?? createDefaultReporter()
  return function report(error) {
    // Where that fails there is nobody left to tell.
    callUser(
      () => deliver(error),
      () => {},
    )
  }
}

/** One line on stderr per code and minute. */
function createDefaultReporter(): (error: TraceError) => void {
  const lastTold = new Map<string, number>()
  return function print(error) {
    const now = readClock()
    const last = lastTold.get(error.code)
    if (last !== undefined && now - last < SILENCE_MS) return
    lastTold.set(error.code, now)
    process.stderr.write(`clew: ${error.message} (${error.code})\n`)
  }
}
