import { describe, expect, it } from 'vitest'
import type { Exporter, ExportResult } from '../../src/exporter.js'
import type { SpanData } from '../../src/span-data.js'
import { testTracer } from '../support.js'

const AWAY: ExportResult = { ok: false, retryable: true, retryAfterMs: 1, error: new Error('away') }

/** An exporter that is away until it is told to come back. */
function absent(how: () => Promise<ExportResult>) {
  const taken: SpanData[] = []
  let isBack = false
  const exporter: Exporter = {
    async export({ spans }) {
      if (!isBack) return how()
      taken.push(...spans)
      return { ok: true }
    },
    async close() {},
  }
  return { exporter, taken, comeBack: () => void (isBack = true) }
}

describe('a receiver that comes back after a long outage', () => {
  it.each<[string, () => Promise<ExportResult>]>([
    ['refused', async () => AWAY],
    ['threw', () => Promise.reject(new Error('away'))],
    ['hung', () => new Promise(() => {})],
  ])('and %s meanwhile gets all that is still there, the newest, once; what is lost is counted to the span', async (_how, how) => {
    const { exporter, taken, comeBack } = absent(how)
    const maxBytes = 500_000
    const t = testTracer({
      exporter,
      queue: { maxBytes, flushIntervalMs: 1, exportTimeoutMs: 5 },
      sampling: { maxTracesPerSecond: Infinity },
    })
    for (let index = 0; index < 20_000; index++) {
      t.tracer.withSpan('request', { attributes: { index } }, () => t.tracer.withSpan('work', () => {}))
      if (index % 1_000 === 0) await new Promise((resolve) => setTimeout(resolve, 3))
      if (index % 1_000 === 0) expectAccounted(t.tracer.stats(), maxBytes)
    }
    const lost = t.tracer.stats().queue.dropped['queue_full'] ?? 0
    expect(lost).toBeGreaterThan(10_000)
    comeBack()
    await t.tracer.flush({ timeoutMs: 20_000 })
    expect(taken).toHaveLength(40_000 - lost)
    expect(new Set(taken.map((span) => span.spanId)).size).toBe(taken.length)
    expect(taken.some((span) => span.attributes['index'] === 19_999)).toBe(true)
    expectAccounted(t.tracer.stats(), maxBytes)
    expect(t.tracer.stats().queue).toMatchObject({ spans: 0, bytes: 0, exported: taken.length, dropped: { queue_full: lost } })
    expect(t.errors.map((error) => error.code).toSorted()).toEqual(['EXPORT_UNREACHABLE', 'QUEUE_FULL'])
    await t.tracer.shutdown()
  })
})

function expectAccounted({ spansEnded, queue }: ReturnType<ReturnType<typeof testTracer>['tracer']['stats']>, maxBytes: number): void {
  const lost = Object.values(queue.dropped).reduce((sum, count) => sum + count, 0)
  expect(queue.exported + lost + queue.spans).toBe(spansEnded)
  expect(queue.bytes).toBeLessThanOrEqual(maxBytes)
}
