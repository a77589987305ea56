import type { TraceError } from '@clew/core'

const QUIET_MS = 60_000

/** Hands errors to `onError`, and never lets what that throws decide an answer. */
export function createReporter(onError: (error: TraceError) => void): (error: TraceError) => void {
  return function reportError(error) {
    try {
      onError(error)
    } catch {
      // There is nobody left to tell.
    }
  }
}

/** A listener that writes one line per code and minute, so that a store that is down does not fill the log. */
export function createPrinter(clock: () => number, write: (line: string) => void = writeToStderr): (error: TraceError) => void {
  const lastTimes = new Map<string, number>()
  return function printError(error) {
    const now = clock()
    if (now - (lastTimes.get(error.code) ?? -Infinity) < QUIET_MS) return
    lastTimes.set(error.code, now)
    write(`clew server: ${error.message} (${error.code})\n`)
  }
}

function writeToStderr(line: string): void {
  process.stderr.write(line)
}
