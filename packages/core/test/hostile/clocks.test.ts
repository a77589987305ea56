import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ExportResult } from '../../src/exporter.js'
import { systemClock } from '../../src/clock.js'
import { testTracer } from '../support.js'

const HOUR_MS = 3_600_000

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** An exporter that fails as often as it is told to, and tells what came through. */
function failing(times: number) {
  let left = times
  const taken: string[] = []
  const exporter = {
    taken,
    async export({ spans }: { spans: readonly { name: string }[] }): Promise<ExportResult> {
      if (left-- > 0) return { ok: false, retryable: true, error: new Error('away') }
      taken.push(...spans.map((span) => span.name))
      return { ok: true }
    },
    async close() {},
  }
  return exporter
}

describe('a wall clock that jumps', () => {
  it.each([-HOUR_MS, HOUR_MS])('by %i ms in mid-request leaves durations and the order of spans alone', async (jump) => {
    await using t = testTracer({ clock: systemClock })
    t.tracer.withSpan('outer', () => {
      const real = Date.now
      t.tracer.withSpan('before', () => {})
      vi.spyOn(Date, 'now').mockImplementation(() => real() + jump)
      t.tracer.withSpan('after', () => {})
    })
    await t.tracer.flush()
    const [before, after, outer] = t.exporter.spans
    expect(after!.startTime).toBeGreaterThanOrEqual(before!.startTime + before!.duration)
    expect(outer!.duration).toBeLessThan(HOUR_MS / 2)
  })

  it.each([-HOUR_MS, HOUR_MS])('by %i ms neither stops exports nor cuts a flush short', async (jump) => {
    const exporter = failing(2)
    await using t = testTracer({ exporter })
    t.tracer.withSpan('a', () => {})
    const real = Date.now
    const flushed = t.tracer.flush({ timeoutMs: 20_000 })
    await vi.waitFor(() => expect(t.tracer.stats().queue.exports.retried).toBe(1))
    vi.spyOn(Date, 'now').mockImplementation(() => real() + jump)
    await flushed
    expect(exporter.taken).toEqual(['a'])
    expect(t.errors.map((error) => error.code)).toEqual(['EXPORT_UNREACHABLE'])
  })

  it('back by an hour while the receiver is away delays the next try by seconds, not by an hour', async () => {
    const exporter = failing(1)
    await using t = testTracer({ exporter, queue: { flushIntervalMs: 5 } })
    t.tracer.withSpan('a', () => {})
    await vi.waitFor(() => expect(t.tracer.stats().queue.exports.retried).toBe(1))
    const real = Date.now
    vi.spyOn(Date, 'now').mockImplementation(() => real() - HOUR_MS)
    t.tracer.withSpan('b', () => {})
    await vi.waitFor(() => expect(exporter.taken).toEqual(['a', 'b']), { timeout: 10_000 })
  })
})

describe('timers that a test of the host replaced', () => {
  it('do not keep a flush or a shutdown waiting', async () => {
    const t = testTracer({ exporter: failing(1_000) })
    vi.useFakeTimers()
    t.tracer.withSpan('a', () => {})
    await t.tracer.flush({ timeoutMs: 50 })
    await t.tracer.shutdown({ timeoutMs: 50 })
    expect(t.tracer.stats().queue).toMatchObject({ spans: 0, dropped: { shutdown: 1 } })
  })

  it('do not hold exports up', async () => {
    vi.useFakeTimers()
    const exporter = failing(0)
    await using t = testTracer({ exporter, queue: { flushIntervalMs: 5 } })
    t.tracer.withSpan('a', () => {})
    vi.useRealTimers()
    await vi.waitFor(() => expect(exporter.taken).toEqual(['a']))
  })

  it('make spans with the times that the host sees', async () => {
    vi.useFakeTimers({ now: Date.UTC(2030, 0, 1) })
    await using t = testTracer({ clock: systemClock })
    const span = t.tracer.startSpan('a')
    vi.advanceTimersByTime(1_500)
    span.end()
    await t.tracer.flush()
    expect(t.exporter.spans[0]).toMatchObject({ startTime: Date.UTC(2030, 0, 1), duration: 1_500 })
  })
})
