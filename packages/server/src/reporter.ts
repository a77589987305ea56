import type { TraceError } from '@clew/core'

const QUIET_MS = 60_000

/** A listener for errors that writes one line to stderr per code and minute, so that a store that is down does not fill the log. */
export function createReporter(clock: () => number): (error: TraceError) => void {
  const lastTimes = new Map<string, number>()
  return function reportError(error) {
    const now = clock()
    if (now - (lastTimes.get(error.code) ?? -Infinity) < QUIET_MS) return
    lastTimes.set(error.code, now)
    process.stderr.write(`clew server: ${error.code}: ${error.message}\n`)
  }
}
