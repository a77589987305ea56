import { parseDuration } from '@clew/analysis'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SINCE, countConditions, parseFilter, toApiParams, toField, toQuery } from '../src/query.js'
import type { TraceFilter } from '../src/query.js'

const words = fc
  .string({ minLength: 1 })
  .map((text) => text.trim())
  .filter((text) => text !== '')
const filters: fc.Arbitrary<TraceFilter> = fc.record(
  {
    service: words,
    operation: words,
    status: fc.constantFrom('error', 'ok'),
    minDuration: fc.integer({ min: 0, max: 3_600_000 }),
    order: fc.constant('slowest'),
    since: fc.constantFrom(...SINCE),
  },
  { requiredKeys: [] },
)

describe('the field of a duration', () => {
  test.each([
    [1_500, '1,500 ms'],
    [205_000, '3 min 25 s'],
    [0.04, '0.04 ms'],
    [1_234.567, '1234.567 ms'],
    [3_600_500, '3600500 ms'],
  ])('shows %d ms as %j', (ms, expected) => {
    expect(toField(ms)).toBe(expected)
  })

  test('is read back as what it shows', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer({ min: 0, max: 100_000_000 }),
          fc.integer({ min: 0, max: 1e9 }).map((us) => us / 1_000),
        ),
        (ms) => {
          expect(parseDuration(toField(ms))).toBe(ms)
        },
      ),
      { seed: 23 },
    )
  })
})

describe('a filter', () => {
  test('comes back from the address as it was', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        expect(parseFilter(toQuery(filter))).toEqual(filter)
      }),
      { seed: 23 },
    )
  })

  test('is readable in the address', () => {
    expect(toQuery({ service: 'orders', status: 'error', minDuration: 500, order: 'slowest', since: '1h' })).toBe(
      '?service=orders&status=error&order=slowest&since=1h&min=500ms',
    )
    expect(toQuery({})).toBe('')
  })

  test('leaves out what cannot be read', () => {
    expect(parseFilter('?status=maybe&min=5constructor&since=2y&order=oldest&service=%20&other=1')).toEqual({})
  })

  test('counts its conditions without the order', () => {
    expect(countConditions({ service: 'orders', order: 'slowest' })).toBe(1)
    expect(countConditions({ minDuration: 0 })).toBe(1)
  })
})

describe('the parameters for the API', () => {
  test('name a moment where the filter says how far back', () => {
    const params = toApiParams({ service: 'orders', minDuration: 500, since: '1h' }, { now: 10_000_000, limit: 50 })
    expect(Object.fromEntries(params)).toEqual({ service: 'orders', minDuration: '500', from: '6400000', limit: '50' })
  })

  test('carry the cursor of the page before', () => {
    expect(toApiParams({}, { now: 0, limit: 50, cursor: 'abc' }).get('cursor')).toBe('abc')
  })
})
