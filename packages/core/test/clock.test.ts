import { describe, expect, it } from 'vitest'
import { roundToMicros, Timeline, toEpochMs } from '../src/clock.js'
import { manualClock } from './support.js'

describe('timeline', () => {
  it('takes the largest difference seen: the wall clock is cut to milliseconds', () => {
    const clock = manualClock(1_700_000_000_000.9)
    const timeline = new Timeline(clock)
    const first = timeline.anchor() + timeline.monotonic()
    clock.advance(0.1)
    expect(timeline.anchor() + timeline.monotonic()).toBeGreaterThan(first + 0.5)
    clock.advance(0.5)
    expect(Math.abs(timeline.anchor() + timeline.monotonic() - 1_700_000_000_001.5)).toBeLessThan(0.01)
  })

  it('begins with the exact origin where that agrees with the wall clock', () => {
    const clock = manualClock(1_700_000_000_000.9)
    const origin = 1_700_000_000_000.9 - 1000
    expect(new Timeline({ ...clock, origin }).anchor()).toBe(origin)
    expect(new Timeline({ ...clock, origin: origin + 3_600_000 }).anchor()).toBe(1_700_000_000_000 - 1000)
  })

  it('follows a wall clock that departs by more than 50 ms, and not by less', () => {
    const clock = manualClock(1_700_000_000_000)
    const timeline = new Timeline(clock)
    const anchor = timeline.anchor()
    clock.setWall(1_700_000_000_000 - 40)
    expect(timeline.anchor()).toBe(anchor)
    clock.setWall(1_700_000_000_000 - 60)
    expect(timeline.anchor()).toBe(anchor - 60)
  })
})

describe('times', () => {
  it('are read from numbers, dates and hrtimes', () => {
    expect([
      toEpochMs(1.5),
      toEpochMs(new Date(7)),
      toEpochMs([2, 500_000]),
      toEpochMs(undefined),
      toEpochMs(Number.NaN),
      toEpochMs('7' as never),
      toEpochMs(new Date('never')),
    ]).toEqual([1.5, 7, 2000.5, undefined, undefined, undefined, undefined])
  })

  it('are cut to microseconds', () => {
    expect(roundToMicros(12.3456)).toBe(12.346)
  })
})
