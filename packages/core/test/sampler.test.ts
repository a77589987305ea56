import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resolveSampling } from '../src/options.js'
import { isSampled, RateCap, Sampler } from '../src/sampler.js'
import { createIdGenerator } from '../src/ids.js'

const request = (traceId: string, method = 'GET', path = '/') => ({
  traceId,
  name: method,
  remote: false,
  attributes: { 'http.request.method': method, 'url.path': path },
})
const ids = createIdGenerator()
const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 })

describe('isSampled', () => {
  it('compares the rightmost 56 bits with the threshold (OpenTelemetry probability sampling)', () => {
    const id = (randomness: string) => `${'f'.repeat(18)}${randomness}`
    expect(isSampled(id('80000000000000'), 0.5, true)).toBe(true)
    expect(isSampled(id('7fffffffffffff'), 0.5, true)).toBe(false)
    expect(isSampled(id('00000000000000'), 1, true)).toBe(true)
    expect(isSampled(id('ffffffffffffff'), 0, true)).toBe(false)
    expect(isSampled(id('ffffffffffffff'), 0.0001, true)).toBe(true)
  })

  it('is consistent: what a lower rate samples, a higher one does, too', () => {
    fc.assert(
      fc.property(
        hex,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        (id, a, b, random) => {
          if (isSampled(id, Math.min(a, b), random)) expect(isSampled(id, Math.max(a, b), random)).toBe(true)
        },
      ),
      { seed: 1, numRuns: 1000 },
    )
  })

  it('keeps to the rate, also for ids whose last bits are constant', () => {
    const count = (make: (n: number) => string, random: boolean) =>
      Array.from({ length: 20_000 }, (_, n) => make(n)).filter((id) => isSampled(id, 0.1, random)).length
    // Four standard deviations of a binomial with n = 20,000 and p = 0.1 are 170.
    expect(Math.abs(count(() => ids.traceId(), true) - 2000)).toBeLessThan(170)
    const versionOneUuid = (n: number) => `${n.toString(16).padStart(8, '0')}11ee11ef8c9a0242ac120002`
    expect(Math.abs(count(versionOneUuid, false) - 2000)).toBeLessThan(170)
  })
})

describe('sampler', () => {
  const sampler = (options: Parameters<typeof resolveSampling>[0], errors: unknown[] = []) =>
    new Sampler(resolveSampling(options), (error) => errors.push(error))

  it('asks the own sampler first, then the rules, then the rate', () => {
    const rules = [
      { method: 'get', path: '/orders/*', rate: 0 },
      { path: /^\/admin/, rate: 0 },
    ]
    const s = sampler({ rate: 1, rules, sampler: ({ name }) => (name === 'PUT' ? true : undefined) })
    const decide = (method: string, path: string) => s.decide(request(ids.traceId(), method, path), true, 0)
    expect([
      decide('GET', '/orders/7'),
      decide('POST', '/orders/7'),
      decide('GET', '/admin/x'),
      decide('PUT', '/admin/x'),
      decide('GET', '/'),
    ]).toEqual([false, true, false, true, true])
  })

  it('treats an own sampler that throws or answers nonsense as undecided', () => {
    const errors: unknown[] = []
    expect(
      sampler(
        {
          sampler: () => {
            throw new Error('sampler')
          },
        },
        errors,
      ).decide(request(ids.traceId()), true, 0),
    ).toBe(true)
    expect(sampler({ rate: 0, sampler: () => 7 as never }).decide(request(ids.traceId()), true, 0)).toBe(false)
    expect(errors).toHaveLength(1)
  })

  it('lowers the rate once a second where too many traces begin', () => {
    const s = sampler({ maxTracesPerSecond: 100 })
    const sampledIn = (second: number) =>
      Array.from({ length: 1000 }, (_, i) => s.decide(request(ids.traceId()), true, second * 1000 + i)).filter(Boolean).length
    expect(sampledIn(1)).toBe(1000)
    // Four standard deviations of a binomial with n = 1,000 and p = 0.1 are 38.
    expect(Math.abs(sampledIn(2) - 100)).toBeLessThan(38)
    expect(sampledIn(9)).toBe(1000)
  })

  it('obeys an inherited flag up to ten times the cap', () => {
    const s = sampler({ rate: 0, maxTracesPerSecond: 10 })
    const obeyedIn = (second: number, n: number) =>
      Array.from({ length: n }, () => s.obey(ids.traceId(), true, second * 1000)).filter(Boolean).length
    expect(obeyedIn(1, 1000)).toBe(1000)
    expect(Math.abs(obeyedIn(2, 1000) - 100)).toBeLessThan(38)
  })
})

describe('rate cap', () => {
  it('settles its factor from the second before', () => {
    const cap = new RateCap()
    for (let i = 0; i < 50; i++) expect(cap.count(10, 1000 + i)).toBe(1)
    expect(cap.count(10, 2000)).toBe(0.2)
    expect(cap.count(10, 3000)).toBe(1)
  })
})
