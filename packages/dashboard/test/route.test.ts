import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchRoute, parsePlace, toTracePath } from '../src/route.js'

describe('a place', () => {
  test('is relative to the mount path', () => {
    expect(parsePlace('http://host/clew/traces/ab?span=1', 'http://host/clew/')).toEqual({ path: '/traces/ab', query: '?span=1' })
    expect(parsePlace('http://host/traces', 'http://host/')).toEqual({ path: '/traces', query: '' })
  })

  test('is the mount path itself with or without its slash', () => {
    expect(parsePlace('http://host/clew', 'http://host/clew/')).toEqual({ path: '/', query: '' })
    expect(parsePlace('http://host/clew/', 'http://host/clew/')).toEqual({ path: '/', query: '' })
  })

  test('lies below the mount path and on its origin, or is none of ours', () => {
    expect(parsePlace('http://host/clewless/traces', 'http://host/clew/')).toBeUndefined()
    expect(parsePlace('http://other/clew/traces', 'http://host/clew/')).toBeUndefined()
    expect(parsePlace('mailto:someone@example.com', 'http://host/clew/')).toBeUndefined()
  })
})

describe('a route', () => {
  test('tells the views apart', () => {
    expect(matchRoute('/')).toEqual({ view: 'traces' })
    expect(matchRoute('/traces')).toEqual({ view: 'traces' })
    expect(matchRoute('/traces/')).toEqual({ view: 'traces' })
    expect(matchRoute('/traces/4bf9')).toEqual({ view: 'trace', id: '4bf9' })
  })

  test('leaves the API and unknown paths alone', () => {
    expect(matchRoute('/api/v1/traces')).toEqual({ view: 'unknown' })
    expect(matchRoute('/traces/a/b')).toEqual({ view: 'unknown' })
  })

  test('takes an id with a stray per cent sign as it stands', () => {
    expect(matchRoute('/traces/100%')).toEqual({ view: 'trace', id: '100%' })
  })

  test('leads back to any id and span it was made of', () => {
    const id = fc.string({ minLength: 1, unit: 'grapheme-ascii' }).filter((text) => text !== '.' && text !== '..')
    fc.assert(
      fc.property(id, fc.option(fc.string()), (traceId, spanId) => {
        const url = new URL(toTracePath(traceId, spanId ?? undefined), 'http://host/')
        const place = parsePlace(url.href, 'http://host/')!
        expect(matchRoute(place.path)).toEqual({ view: 'trace', id: traceId })
        expect(new URLSearchParams(place.query).get('span')).toBe(spanId ?? null)
      }),
      { seed: 11 },
    )
  })
})
