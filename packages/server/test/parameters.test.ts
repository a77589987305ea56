import { TraceError } from '@clew/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import * as v from 'valibot'
import { day, limit, milliseconds, moment, oneOf, readParameters, takePrefixed, text } from '../src/parameters.js'

const SEED = 20_260_304

const FIELDS = {
  name: v.exactOptional(text),
  duration: v.exactOptional(milliseconds),
  at: v.exactOptional(moment),
  day: v.exactOptional(day),
  limit: v.exactOptional(limit(50)),
  word: v.exactOptional(oneOf(['one', 'two'])),
}

function parse(query: string): unknown {
  const search = new URLSearchParams(query)
  const prefixed = takePrefixed(search, 'attribute.')
  return { ...readParameters(search, FIELDS), ...(prefixed && { prefixed }) }
}

function outcomeOf(query: string): unknown {
  try {
    parse(query)
    return 'read'
  } catch (error) {
    return error instanceof TraceError ? error.code : error
  }
}

test('reads every kind of value', () => {
  expect(parse('name=a%20b&duration=1.5&at=2026-01-01T01:00:00.250%2B01:00&day=2024-02-29&limit=50&word=two')).toEqual({
    name: 'a b',
    duration: 1.5,
    at: Date.UTC(2026, 0, 1) + 250,
    day: '2024-02-29',
    limit: 50,
    word: 'two',
  })
})

test('leaves out what is not given', () => {
  expect(parse('')).toEqual({})
})

test('takes attribute names that objects have of themselves', () => {
  const { prefixed } = parse('attribute.__proto__=1&attribute.constructor=2') as { prefixed: object }
  expect(Object.entries(prefixed)).toEqual([
    ['__proto__', '1'],
    ['constructor', '2'],
  ])
})

test('reads any query, or says with INVALID_QUERY what is wrong with it', () => {
  const name = fc.oneof(
    fc.constantFrom(...Object.keys(FIELDS), 'attribute.', 'attribute.a', '__proto__', 'toString'),
    fc.string({ unit: 'binary' }),
  )
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('1', '-1', '1e9', '2026-02-30', '9'.repeat(400)),
    fc.date({ noInvalidDate: true }).map(String),
  )
  const queries = fc.array(fc.tuple(name, value), { maxLength: 6 }).map((pairs) => new URLSearchParams(pairs).toString())
  fc.assert(
    fc.property(queries, (query) => {
      expect(['read', 'INVALID_QUERY']).toContain(outcomeOf(query))
    }),
    { seed: SEED, numRuns: 500 },
  )
})

test('reads back every moment that a Date can spell', () => {
  const date = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  fc.assert(
    fc.property(date, (at) => {
      expect(parse(`at=${at.toISOString()}`)).toEqual({ at: at.getTime() })
      expect(parse(`at=${at.getTime()}`)).toEqual({ at: at.getTime() })
    }),
    { seed: SEED },
  )
})
