import { joinTrace, timeBounds, traceTree } from '@clew/analysis'
import { describe, expect, it } from 'vitest'
import { makeSpans, T0 } from './support/span-factory.js'

describe('timeBounds', () => {
  it('reaches from the first start to the latest end', () => {
    const trace = joinTrace(
      makeSpans([
        'root',
        { at: 10, lasts: 50 },
        [
          ['early', { at: 5 }],
          ['late', { at: 40, lasts: 90 }],
        ],
      ]),
    )
    expect(timeBounds(traceTree(trace).nodes.values())).toEqual({ startTime: T0 + 5, endTime: T0 + 130 })
  })

  it('is nothing at all for no spans', () => {
    expect(timeBounds([])).toEqual({ startTime: 0, endTime: 0 })
  })
})
