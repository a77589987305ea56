import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resolveSampling } from '../src/sampling-options.js'
import { type HeadDecision, type HeadTrace, isSampled, RateCap, Sampler, toRandomness } from '../src/sampler.js'
import { createIdGenerator } from '../src/ids.js'

const request = (traceId: string, method = 'GET', path = '/') => ({
  traceId,
  name: method,
  remote: false,
  attributes: { 'http.request.method': method, 'url.path': path },
})
const ids = createIdGenerator()
const begun = (nowMs = 0, traceId = ids.traceId()) => ({ traceId, random: true, traceState: undefined, nowMs })
const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 })

describe('isSampled', () => {
  it('compares the rightmost 56 bits with the threshold (OpenTelemetry probability sampling)', () => {
    const randomness = (digits: string) => toRandomness(`${'f'.repeat(18)}${digits}`, true)
    expect(isSampled(randomness('80000000000000'), 0.5)).toBe(true)
    expect(isSampled(randomness('7fffffffffffff'), 0.5)).toBe(false)
    expect(isSampled(randomness('00000000000000'), 1)).toBe(true)
    expect(isSampled(randomness('ffffffffffffff'), 0)).toBe(false)
    expect(isSampled(randomness('ffffffffffffff'), 0.0001)).toBe(true)
  })

  it('is consistent: what a lower rate samples, a higher one does, too', () => {
    fc.assert(
      fc.property(
        hex,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        (id, a, b, random) => {
          const randomness = toRandomness(id, random)
          if (isSampled(randomness, Math.min(a, b))) expect(isSampled(randomness, Math.max(a, b))).toBe(true)
        },
      ),
      { seed: 1, numRuns: 1000 },
    )
  })

  it('keeps to the rate, also for ids whose last bits are constant', () => {
    const count = (make: (n: number) => string, random: boolean) =>
      Array.from({ length: 20_000 }, (_, n) => make(n)).filter((id) => isSampled(toRandomness(id, random), 0.1)).length
    // Four standard deviations of a binomial with n = 20,000 and p = 0.1 are 170.
    expect(Math.abs(count(() => ids.traceId(), true) - 2000)).toBeLessThan(170)
    const versionOneUuid = (n: number) => `${n.toString(16).padStart(8, '0')}11ee11ef8c9a0242ac120002`
    expect(Math.abs(count(versionOneUuid, false) - 2000)).toBeLessThan(170)
  })
})

const sampler = (options: Parameters<typeof resolveSampling>[0], errors: unknown[] = []) =>
  new Sampler(resolveSampling(options), (error) => errors.push(error))

describe('sampler', () => {
  it('asks the own sampler first, then the rules, then the rate', () => {
    const rules = [
      { method: 'get', path: '/orders/*', rate: 0 },
      { path: /^\/admin/, rate: 0 },
    ]
    const s = sampler({ rate: 1, rules, sampler: ({ name }) => (name === 'PUT' ? true : undefined) })
    const decide = (method: string, path: string) => s.decide(request(ids.traceId(), method, path), begun()).sampled
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
      ).decide(request(ids.traceId()), begun()).sampled,
    ).toBe(true)
    expect(sampler({ rate: 0, sampler: () => 7 as never }).decide(request(ids.traceId()), begun()).sampled).toBe(false)
    expect(errors).toHaveLength(1)
  })

  it('lowers the rate once a second where too many traces begin', () => {
    const s = sampler({ maxTracesPerSecond: 100 })
    const sampledIn = (second: number) =>
      Array.from({ length: 1000 }, (_, i) => s.decide(request(ids.traceId()), begun(second * 1000 + i)).sampled).filter(Boolean).length
    expect(sampledIn(1)).toBe(1000)
    // Four standard deviations of a binomial with n = 1,000 and p = 0.1 are 38.
    expect(Math.abs(sampledIn(2) - 100)).toBeLessThan(38)
    expect(sampledIn(9)).toBe(1000)
  })

  it('obeys an inherited flag up to ten times the cap', () => {
    const s = sampler({ rate: 0, maxTracesPerSecond: 10 })
    const obeyedIn = (second: number, n: number) =>
      Array.from({ length: n }, () => s.obey(begun(second * 1000)).sampled).filter(Boolean).length
    expect(obeyedIn(1, 1000)).toBe(1000)
    expect(Math.abs(obeyedIn(2, 1000) - 100)).toBeLessThan(38)
  })

  it.each([
    ['of the highest randomness', `${'0'.repeat(18)}ffffffffffffff`, undefined],
    ['with a randomness of its own', '0af7651916cd43dd8400000000000001', 'ot=th:0;rv:ffffffffffffff'],
  ])('stops hard where a caller sends an id %s again and again, at a hundred times the cap or ten times', (_what, traceId, traceState) => {
    const s = sampler({ rate: 1, maxTracesPerSecond: 10 })
    const sampledIn = (nowMs: number, decide: (trace: HeadTrace) => HeadDecision) =>
      Array.from({ length: 3000 }, () => decide({ traceId, random: true, traceState, nowMs }).sampled).filter(Boolean).length
    for (const second of [1000, 2000, 3000]) {
      expect(sampledIn(second, (trace) => s.obey(trace))).toBeLessThanOrEqual(1000)
      expect(sampledIn(second, (trace) => s.decide({ ...request(traceId), remote: true }, trace))).toBeLessThanOrEqual(100)
    }
  })

  it('samples nothing where the cap is 0', () => {
    const s = sampler({ rate: 1, maxTracesPerSecond: 0 })
    const sampled = [1000, 1001, 2000, 9000].map((nowMs) => [
      s.decide(request(ids.traceId()), begun(nowMs)).sampled,
      s.obey(begun(nowMs)).sampled,
    ])
    expect(sampled).toEqual(Array.from({ length: 4 }, () => [false, false]))
  })
})

describe('the threshold in tracestate (OpenTelemetry probability sampling)', () => {
  const low = '0af7651916cd43dd8400000000000001'
  const high = '0af7651916cd43dd84ffffffffffffff'
  const decide = (options: Parameters<typeof resolveSampling>[0], traceState?: string, { traceId = high, random = true } = {}) =>
    new Sampler(resolveSampling(options), () => {}).decide(request(traceId), { traceId, random, traceState, nowMs: 0 })

  it.each([
    [0.01, 'ot=th:fd70a3d70a3d7'],
    [0.25, 'ot=th:c'],
    [0.5, 'ot=th:8'],
    [1, undefined],
  ])('says at which rate a trace was sampled that begins here: %s', (rate, traceState) => {
    expect(decide({ rate })).toEqual({ sampled: true, traceState })
  })

  it('is not there where a trace is not sampled, or by a function that gives no rate', () => {
    expect(decide({ rate: 0.5 }, undefined, { traceId: low })).toEqual({ sampled: false, traceState: undefined })
    expect(decide({ rate: 0.5 }, 'rojo=1,ot=th:4', { traceId: low })).toEqual({ sampled: false, traceState: 'rojo=1' })
    expect(decide({ rate: 0 }, 'ot=th:4;p:8')).toEqual({ sampled: false, traceState: 'ot=p:8' })
    expect(decide({ sampler: () => true }, 'ot=th:4,rojo=1')).toEqual({ sampled: true, traceState: 'rojo=1' })
    expect(decide({ sampler: () => 0.5 })).toEqual({ sampled: true, traceState: 'ot=th:8' })
  })

  it('takes the place of a stale one, beside other sub-keys and members', () => {
    expect(decide({ rate: 0.5 }, 'rojo=1,ot=p:8;th:4;r:62').traceState).toBe('ot=p:8;r:62;th:8,rojo=1')
    expect(decide({ rate: 1 }, 'rojo=1,ot=th:4').traceState).toBe('ot=th:0,rojo=1')
    expect(decide({ rate: 1 }, 'rojo=1').traceState).toBe('rojo=1')
  })

  it('is compared with explicit randomness where there is some', () => {
    expect(decide({ rate: 0.5 }, 'ot=rv:7fffffffffffff')).toEqual({ sampled: false, traceState: 'ot=rv:7fffffffffffff' })
    expect(decide({ rate: 0.5 }, 'ot=rv:80000000000000', { traceId: low })).toEqual({
      sampled: true,
      traceState: 'ot=th:8;rv:80000000000000',
    })
  })

  it('comes with the randomness that was compared where the id is not said to be random, and others agree', () => {
    for (let n = 0; n < 100; n++) {
      const traceId = `${n.toString(16).padStart(8, '0')}11ee11ef8c9a0242ac120002`
      const first = decide({ rate: 0.5 }, undefined, { traceId, random: false })
      expect(first.traceState).toMatch(first.sampled ? /^ot=th:8;rv:[0-9a-f]{14}$/ : /^ot=rv:[0-9a-f]{14}$/)
      expect(decide({ rate: 0.5 }, first.traceState, { traceId, random: true }).sampled).toBe(first.sampled)
    }
  })

  it('holds the factor of the cap', () => {
    const s = sampler({ maxTracesPerSecond: 10 })
    for (let i = 0; i < 40; i++) s.decide(request(high), begun(1000))
    expect(s.decide(request(high), begun(2000, high))).toEqual({ sampled: true, traceState: 'ot=th:c' })
  })

  it('is untouched where the decision is inherited, and lowered in proportion above its cap', () => {
    const s = sampler({ maxTracesPerSecond: 10 })
    const obey = (nowMs: number, traceState: string | undefined, traceId = high) => s.obey({ traceId, random: true, traceState, nowMs })
    for (let i = 0; i < 200; i++) expect(obey(1000, 'rojo=1,ot=th:8')).toEqual({ sampled: true, traceState: 'rojo=1,ot=th:8' })
    expect(obey(2000, 'rojo=1,ot=th:8')).toEqual({ sampled: true, traceState: 'ot=th:c,rojo=1' })
    expect(obey(2000, 'rojo=1,ot=th:8', `${high.slice(0, 18)}b0000000000000`)).toEqual({ sampled: false, traceState: 'rojo=1' })
  })

  it('lets the cap bite, too, on traces that were sampled by their last bits at an unknown rate', () => {
    const s = sampler({ maxTracesPerSecond: 10 })
    const obey = (nowMs: number) =>
      s.obey({ traceId: ids.traceId().slice(0, 18) + high.slice(18), random: true, traceState: undefined, nowMs })
    for (let i = 0; i < 1000; i++) obey(1000)
    const sampled = Array.from({ length: 1000 }, () => obey(2000)).filter((decision) => decision.sampled).length
    expect(Math.abs(sampled - 100)).toBeLessThan(38)
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
