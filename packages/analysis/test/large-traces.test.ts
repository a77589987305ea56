import { analyzeTrace, joinTrace, traceTree } from '@clew/analysis'
import type { Trace } from '@clew/analysis'
import type { SpanData } from '@clew/core'
import { describe, expect, it } from 'vitest'
import { call, makeSpan } from './support/span-factory.js'

/** Ten times what they take, at least: these tests end, or the algorithm is quadratic or recursive. */
const HUNG_MS = 15_000

function repeat(count: number, make: (index: number) => SpanData): SpanData[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

function sumPath(trace: Trace): number {
  return analyzeTrace(trace).criticalPath.reduce((sum, { duration }) => sum + duration, 0)
}

describe('a large trace', () => {
  it('may have 50,000 spans in a tree', { timeout: HUNG_MS }, () => {
    const spans = repeat(50_000, (index) => {
      const parent = index === 0 ? {} : { parentSpanId: `s${Math.floor((index - 1) / 8)}` }
      return makeSpan(`s${index}`, {
        ...parent,
        service: `service ${index % 12}`,
        at: Math.log2(index + 1),
        lasts: 1_000 - Math.log2(index + 1) * 20,
      })
    })
    const trace = joinTrace(spans)
    expect(traceTree(trace).nodes.size).toBe(50_000)
    expect(sumPath(trace)).toBeCloseTo(1_000, 6)
  })

  it('may be a chain of 10,000 spans, all failed', { timeout: HUNG_MS }, () => {
    const spans = repeat(10_000, (index) =>
      makeSpan(`s${index}`, {
        ...(index === 0 ? {} : { parentSpanId: `s${index - 1}` }),
        status: 'error',
        at: index,
        lasts: 20_000 - 2 * index,
      }),
    )
    const trace = joinTrace(spans)
    expect([...traceTree(trace).nodes.values()].at(-1)?.depth).toBe(9_999)
    expect(sumPath(trace)).toBeCloseTo(20_000, 6)
    expect(analyzeTrace(trace).findings[0]?.spanIds[0]).toBe('s9999')
  })

  it('may be a circle of 10,000 spans', { timeout: HUNG_MS }, () => {
    const trace = joinTrace(
      repeat(10_000, (index) => makeSpan(`s${index}`, { parentSpanId: `s${(index + 1) % 10_000}`, at: index, lasts: 10_000 })),
    )
    expect(trace.issues).toMatchObject([{ kind: 'cycle', evidence: { count: 10_000 } }])
    expect(traceTree(trace).roots).toHaveLength(1)
  })

  it('may have 25,000 children in a row, next to one with 24,000 of its own', { timeout: HUNG_MS }, () => {
    const trace = joinTrace([
      makeSpan('root', { lasts: 100_000 }),
      makeSpan('beside', { parentSpanId: 'root', at: 0.5, lasts: 99_000 }),
      ...repeat(25_000, (index) => makeSpan(`row ${index}`, { parentSpanId: 'root', at: index * 4 + 1, lasts: 3 })),
      ...repeat(24_000, (index) => makeSpan(`beside ${index}`, { parentSpanId: 'beside', at: index * 4 + 2, lasts: 3 })),
    ])
    expect(sumPath(trace)).toBeCloseTo(100_000, 6)
  })

  it('may have 25,000 segments without a parent and as many calls that enclose them', { timeout: HUNG_MS }, () => {
    const trace = joinTrace([
      makeSpan('root', { lasts: 100_000 }),
      ...repeat(25_000, (index) =>
        makeSpan(`call ${index}`, { ...call('legacy'), parentSpanId: 'root', at: index / 1_000, lasts: 90_000 - index / 500 }),
      ),
      ...repeat(24_000, (index) => makeSpan(`server ${index}`, { kind: 'server', service: 'far', at: 30 + index, lasts: 10 })),
    ])
    expect(trace.inferredParents).toEqual({})
    expect(trace.issues).toMatchObject([{ kind: 'multiple-roots', evidence: { count: 24_000 } }])
  })

  it('may have 20,000 untraced hops one after another', { timeout: HUNG_MS }, () => {
    const trace = joinTrace([
      makeSpan('root', { lasts: 100_000 }),
      ...repeat(20_000, (index) => makeSpan(`call ${index}`, { ...call('legacy'), parentSpanId: 'root', at: index * 5, lasts: 4 })),
      ...repeat(20_000, (index) => makeSpan(`server ${index}`, { kind: 'server', service: 'far', at: index * 5 + 1, lasts: 2 })),
    ])
    expect(Object.keys(trace.inferredParents)).toHaveLength(20_000)
    expect(trace.inferredParents['server 19999']).toBe('call 19999')
  })

  it('may have 50,000 server spans of one id, each of its own service', { timeout: HUNG_MS }, () => {
    const trace = joinTrace(repeat(50_000, (index) => makeSpan('same', { kind: 'server', service: `s${index}` })))
    expect(traceTree(trace).roots).toHaveLength(50_000)
  })

  it('may have 25,000 spans under 25,000 others of one id', { timeout: HUNG_MS }, () => {
    const trace = joinTrace([
      ...repeat(25_000, (index) => makeSpan('same', { service: `s${index}`, lasts: 50 })),
      ...repeat(25_000, (index) => makeSpan(`s${index}`, { service: `s${index}`, parentSpanId: 'same', lasts: 5 })),
    ])
    const { nodes } = traceTree(trace)
    expect([...nodes.values()].filter(({ parent, span }) => parent?.span.service === span.service)).toHaveLength(25_000)
  })

  it('may have 20,000 calls of one id, and as many segments to be placed by their time', { timeout: HUNG_MS }, () => {
    const trace = joinTrace([
      makeSpan('root', { lasts: 100_000 }),
      ...repeat(20_000, (index) => makeSpan('inner', { service: `s${index}`, parentSpanId: 'root' })),
      ...repeat(20_000, (index) =>
        makeSpan('inner', { ...call('legacy'), service: `s${index}`, parentSpanId: 'root', at: index * 5, lasts: 4 }),
      ),
      ...repeat(20_000, (index) => makeSpan(`server ${index}`, { kind: 'server', service: 'far', at: index * 5 + 1, lasts: 2 })),
    ])
    expect(Object.keys(trace.inferredParents)).toHaveLength(20_000)
  })
})
