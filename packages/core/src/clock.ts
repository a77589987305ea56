/**
 * Where time comes from. Tests hand in their own.
 *
 * @example
 * let ms = 0
 * const clock: Clock = { now: () => 1_700_000_000_000 + ms, monotonic: () => ms }
 * const exporter = memoryExporter()
 * const tracer = createTracer({ clock, exporter })
 * tracer.withSpan('job', () => { ms += 20 })
 * await tracer.flush()
 * exporter.spans[0]?.duration // 20
 */
export interface Clock {
  /** Wall-clock time, Unix epoch in milliseconds (`Date.now`). */
  now(): number
  /** Milliseconds of a clock that never runs backwards, with a fraction (`performance.now`). */
  monotonic(): number
  /** The wall-clock time at which `monotonic` was 0, where it is known to a fraction of a millisecond (`performance.timeOrigin`). */
  readonly origin?: number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  origin: performance.timeOrigin,
}

/** How far the wall clock may depart from the anchor before new segments follow it. */
const MAX_DEPARTURE_MS = 50

/**
 * Turns monotonic readings into wall-clock time. `Date.now()` is cut to whole milliseconds, so the largest
 * difference seen is the closest to the truth.
 */
export class Timeline {
  readonly #clock: Clock
  #anchor: number
  #reading = 0

  constructor(clock: Clock) {
    this.#clock = clock
    const sample = clock.now() - clock.monotonic()
    // The cut of Date.now() would put processes of one machine apart by up to a millisecond until the maximum is found.
    const isExact = clock.origin !== undefined && clock.origin >= sample && clock.origin <= sample + 1
    this.#anchor = isExact ? clock.origin : sample
  }

  monotonic(): number {
    return this.#clock.monotonic()
  }

  /** What to add to a monotonic reading. A segment asks once and keeps the answer, so that its spans never run backwards. */
  anchor(): number {
    // In this order: time that passes between the two makes the sample smaller, and the larger one counts.
    const now = this.#clock.now()
    this.#reading = this.#clock.monotonic()
    const sample = now - this.#reading
    if (sample > this.#anchor || this.#anchor - sample > MAX_DEPARTURE_MS) this.#anchor = sample
    return this.#anchor
  }

  /** The monotonic reading that `anchor` was last told by. */
  get reading(): number {
    return this.#reading
  }
}

/** A moment: Unix epoch in milliseconds, a `Date`, or `[seconds, nanoseconds]` since the epoch as OpenTelemetry writes it. */
export type TimeInput = number | Date | readonly [seconds: number, nanoseconds: number]

/** True for what is meant as a time. Never throws. */
export function isTimeInput(value: unknown): value is TimeInput {
  if (typeof value === 'number') return true
  try {
    return value instanceof Date || Array.isArray(value)
  } catch {
    return false
  }
}

/** Unix epoch in milliseconds, or undefined for what is not a time. Never throws. */
export function toEpochMs(time: TimeInput | undefined): number | undefined {
  if (time === undefined) return undefined
  try {
    const ms = time instanceof Date ? time.getTime() : Array.isArray(time) ? Number(time[0]) * 1e3 + Number(time[1]) / 1e6 : time
    return typeof ms === 'number' && Number.isFinite(ms) ? ms : undefined
  } catch {
    return undefined
  }
}

/** Milliseconds cut to whole microseconds. */
export function roundToMicros(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
