import { analyzeTrace, joinTrace, traceTree } from '@clew/analysis'
import type { SpanData, SpanKind } from '@clew/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeSpan } from './support/span-factory.js'

const SEED = 20_260_417
const RUNS = { seed: SEED, numRuns: 300 }

const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l')
const kinds = fc.constantFrom<SpanKind>('internal', 'server', 'client', 'producer', 'consumer')
const times = fc.double({ min: -50, max: 200, noNaN: true })
const lengths = fc.double({ min: 0, max: 120, noNaN: true })

/** Few ids and services, so that shared ids, duplicates, missing parents and circles all occur. */
const plans = fc.record({
  parentSpanId: fc.option(ids, { nil: undefined }),
  kind: kinds,
  service: fc.constantFrom('web', 'orders', 'stock'),
  instance: fc.option(fc.constantFrom('one', 'two'), { nil: undefined }),
  status: fc.constantFrom('unset' as const, 'ok' as const, 'error' as const),
  at: times,
  lasts: lengths,
  attributes: fc.constantFrom({}, { 'clew.unfinished': true }, { 'db.system.name': 'redis' }, { 'trace.external_id': 'abc-123' }),
})

const spans = fc
  .tuple(ids, plans)
  .map(([id, { parentSpanId, instance, ...plan }]) =>
    makeSpan(id, { ...plan, ...(parentSpanId === undefined ? {} : { parentSpanId }), ...(instance === undefined ? {} : { instance }) }),
  )

const traces = fc.array(spans, { minLength: 1, maxLength: 40 })

/** Numbers as they should never arrive. */
const oddTraces = fc.array(
  fc.tuple(spans, fc.double(), fc.double()).map(([span, startTime, duration]): SpanData => ({ ...span, startTime, duration })),
  { minLength: 1, maxLength: 30 },
)

describe(`any trace (seed ${SEED})`, () => {
  it('is the same trace, and explained alike, in whatever order its spans arrived', () => {
    const shuffled = traces.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })))
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        const [one, two] = [joinTrace(list), joinTrace(other)]
        expect(two).toEqual(one)
        expect(analyzeTrace(two)).toEqual(analyzeTrace(one))
      }),
      RUNS,
    )
  })

  it('has a critical path that adds up to the duration of its root, without gaps', () => {
    fc.assert(
      fc.property(traces, (list) => {
        const trace = joinTrace(list)
        const { criticalPath, breakdown } = analyzeTrace(trace)
        expect(Math.abs(criticalPath.reduce((sum, { duration }) => sum + duration, 0) - trace.duration)).toBeLessThan(1e-6)
        expect(Math.abs(breakdown.reduce((sum, { pathTime }) => sum + pathTime, 0) - trace.duration)).toBeLessThan(1e-6)
        let end = [...traceTree(trace).nodes.values()].find(({ span }) => span === trace.root)!.startTime
        for (const { startTime, duration } of criticalPath) {
          expect(duration).toBeGreaterThan(0)
          expect(Math.abs(startTime - end)).toBeLessThan(1e-3)
          end = startTime + duration
        }
      }),
      RUNS,
    )
  })

  it('has every span once in its tree, with a self time from 0 to its duration', () => {
    fc.assert(
      fc.property(traces, (list) => {
        const trace = joinTrace(list)
        const { nodes, roots } = traceTree(trace)
        expect(new Set(nodes.keys())).toEqual(new Set(trace.spans))
        expect(roots.filter(({ place }) => place === 'recorded' || place === 'inferred')).toEqual([])
        for (const { selfTime, duration, depth, parent } of nodes.values()) {
          expect(selfTime).toBeGreaterThanOrEqual(0)
          expect(selfTime).toBeLessThanOrEqual(duration + 1e-9)
          expect(depth).toBe(parent ? parent.depth + 1 : 0)
        }
      }),
      RUNS,
    )
  })

  it('is the same after a way through JSON', () => {
    fc.assert(
      fc.property(traces, (list) => {
        const trace = joinTrace(list)
        expect(analyzeTrace(JSON.parse(JSON.stringify(trace)))).toEqual(analyzeTrace(trace))
      }),
      RUNS,
    )
  })

  it('is joined and explained whatever its times are', () => {
    fc.assert(
      fc.property(oddTraces, (list) => {
        const trace = joinTrace(list)
        const { criticalPath, breakdown } = analyzeTrace(trace)
        expect([trace.startTime, trace.duration, trace.totalDuration].every(Number.isFinite)).toBe(true)
        expect(criticalPath.every(({ startTime, duration }) => Number.isFinite(startTime) && duration > 0)).toBe(true)
        expect(breakdown.every(({ selfTime, share }) => selfTime >= 0 && Number.isFinite(share))).toBe(true)
      }),
      RUNS,
    )
  })
})
