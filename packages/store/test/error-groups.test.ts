import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildTrace, toHexId } from '../src/conformance/builders.js'
import type { ErrorGroup } from '../src/contract.js'
import { ErrorGroups } from '../src/error-groups.js'
import type { Failure } from '../src/stored-trace.js'

const QUERY = { date: '2026-01-15', from: 0, to: 20, service: undefined, limit: 100 }

const failures = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })), { selector: String, maxLength: 60 })
  .chain((ids) => fc.tuple(...ids.map(([trace, span]) => generateFailure(trace, span))))

function generateFailure(trace: number, span: number): fc.Arbitrary<Failure> {
  const fields = { startTime: fc.integer({ min: 0, max: 20 }), name: fc.constantFrom('a', 'b'), service: fc.constantFrom('x', 'y') }
  const error = { type: fc.constantFrom('E', 'F'), message: fc.option(fc.constantFrom('m', 'n'), { nil: undefined }) }
  const build = (built: { startTime: number; name: string; service: string }): Failure['span'] =>
    buildTrace(trace, { spanId: toHexId(span, 16), status: 'error', ...built })
  return fc.record({ span: fc.record(fields).map(build), ...error })
}

function listGroups(items: readonly Failure[]): readonly ErrorGroup[] {
  const groups = new ErrorGroups(QUERY)
  for (const failure of items) groups.add(failure)
  return groups.list()
}

/** The same by sorting all. */
function sortIntoGroup(items: readonly Failure[]): Partial<ErrorGroup> {
  const key = ({ span }: Failure): string => `${span.traceId} ${span.spanId}`
  const sorted = items.toSorted((a, b) => b.span.startTime - a.span.startTime || (key(a) < key(b) ? -1 : 1))
  const message = sorted.find((failure) => failure.message !== undefined)?.message
  return {
    ...(message === undefined ? {} : { message }),
    count: items.length,
    firstSeen: Math.min(...items.map(({ span }) => span.startTime)),
    lastSeen: Math.max(...items.map(({ span }) => span.startTime)),
    traceIds: [...new Set(sorted.map(({ span }) => span.traceId))].slice(0, 5),
  }
}

describe('ErrorGroups', () => {
  it('tells of each group what sorting all its failures would tell, in whatever order they come', () => {
    const property = fc.property(failures, (items) => {
      const groups = listGroups(items)
      expect(groups).toEqual(listGroups(items.toReversed()))
      const counted = groups.reduce((sum, group) => sum + group.count, 0)
      expect(counted).toBe(items.filter(({ span }) => span.startTime < QUERY.to).length)
      for (const { date, service, operation, type, ...rest } of groups) {
        const own = items.filter(({ span, ...error }) => {
          return span.startTime < QUERY.to && span.service === service && span.name === operation && error.type === type
        })
        expect([date, rest]).toEqual([QUERY.date, sortIntoGroup(own)])
      }
    })
    fc.assert(property, { seed: 42 })
  })
})
