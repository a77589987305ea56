import type { Clock } from '@clew/core'

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  advance(ms: number): void
}

/**
 * Makes a clock for `createTracer({ clock })`. Starts at `startMs`, Unix epoch in milliseconds (default 2026-01-01T00:00:00Z).
 *
 * @example
 * const clock = manualClock()
 * const tracer = createTracer({ clock, exporter: memoryExporter() })
 * clock.advance(25)
 */
export function manualClock(startMs: number = Date.UTC(2026, 0, 1)): ManualClock {
  let elapsedMs = 0
  return {
    now: () => startMs + Math.floor(elapsedMs),
    monotonic: () => elapsedMs,
    advance: (ms) => void (elapsedMs += ms),
  }
}
