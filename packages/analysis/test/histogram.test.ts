import { createTracer, memoryExporter, type HistogramPoint } from '@clew/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { histogramQuantile, mergeHistograms } from '../src/histogram.js'

/** What a tracer counts of these values. */
async function count(values: readonly number[]): Promise<HistogramPoint> {
  const exporter = memoryExporter()
  const tracer = createTracer({ exporter, default: false, flushOnExit: false, sampling: { rate: 0 } })
  const port = tracer as unknown as { recordValue(name: string, value: number, attributes: undefined): void }
  for (const value of values) port.recordValue('values', value, undefined)
  await tracer.shutdown()
  return exporter.metrics[0]?.points[0] as HistogramPoint
}

function exactQuantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] as number
}

const MAX_ERROR = 2 ** (1 / 16) - 1 + 1e-9
const positive = fc.oneof(
  fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
  fc.double({ min: 0.001, max: 0.01, noNaN: true }),
  fc.integer({ min: 1, max: 40 }),
)
const samples = fc.array(positive, { minLength: 1, maxLength: 200 })

describe('histogramQuantile', () => {
  it('is at most 4.4 % off, whatever was counted', async () => {
    await fc.assert(
      fc.asyncProperty(samples, fc.double({ min: 0, max: 1, noNaN: true }), async (values, q) => {
        const exact = exactQuantile(values, q)
        const found = histogramQuantile(await count(values), q) as number
        expect(Math.abs(found - exact) / exact).toBeLessThanOrEqual(MAX_ERROR)
      }),
      { seed: 3, numRuns: 500 },
    )
  })

  it('is exact at both ends, and where all values are one', async () => {
    const point = await count([0.013, 0.5, 7.77])
    expect([histogramQuantile(point, 0), histogramQuantile(point, 1)]).toEqual([0.013, 7.77])
    expect(histogramQuantile(await count([0.3, 0.3, 0.3]), 0.5)).toBe(0.3)
  })

  it('counts zeros', async () => {
    const point = await count([0, 0, 0, 5])
    expect([0.25, 0.75, 1].map((q) => histogramQuantile(point, q))).toEqual([0, 0, 5])
  })

  it('is nothing where nothing was counted', async () => {
    expect(histogramQuantile({ ...(await count([1])), count: 0 }, 0.5)).toBeUndefined()
  })
})

describe('mergeHistograms', () => {
  it('gives the histogram of all that was counted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.oneof(positive, fc.constant(0)), { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 5 }),
        async (parts) => {
          const merged = mergeHistograms(await Promise.all(parts.map(count)))
          const { attributes: _attributes, startTime: _start, time: _time, sum, ...whole } = await count(parts.flat())
          expect(merged).toEqual({ ...whole, sum: expect.closeTo(sum, 5) })
        },
      ),
      { seed: 4, numRuns: 200 },
    )
  })

  it('keeps the exemplars of all', async () => {
    const exemplar = { time: 1, value: 1, traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }
    const point = await count([1])
    expect(mergeHistograms([{ ...point, exemplars: [exemplar] }, point, { ...point, exemplars: [exemplar] }])?.exemplars).toHaveLength(2)
  })

  it('is nothing of nothing, and refuses scales that differ', async () => {
    expect(mergeHistograms([])).toBeUndefined()
    const point = await count([1])
    expect(() => mergeHistograms([point, { ...point, scale: 2 }])).toThrow(new RangeError('Histograms of scale 3 and 2 cannot be merged'))
  })
})
