import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readOt, writeOt } from '../src/ot-member.js'
import { normalizeTracestate } from '../src/tracestate.js'

const members = (count: number): string => Array.from({ length: count }, (_, index) => `k${index}=${index}`).join(',')

describe('the ot member of tracestate', () => {
  it.each([
    [undefined, undefined, undefined],
    ['rojo=1', undefined, undefined],
    ['ot=th:0', '0', undefined],
    ['rojo=1,ot=p:8;th:fd70a4;rv:6e6d1a75832a2f', 'fd70a4', '6e6d1a75832a2f'],
    ['ot=th:;rv:', undefined, undefined],
    ['ot=th:C', undefined, undefined],
    ['ot=th:123456789012345', undefined, undefined],
    ['ot=rv:6e6d1a75832a2', undefined, undefined],
    ['ot=th:1;th:2', undefined, undefined],
    ['tenant@ot=th:1', undefined, undefined],
  ])('is read: %s', (traceState, threshold, randomness) => {
    expect(readOt(traceState)).toEqual({ threshold, randomness })
  })

  it.each([
    ['is made', undefined, 'ot=th:8'],
    ['goes first', 'rojo=1,congo=2', 'ot=th:8,rojo=1,congo=2'],
    ['moves to the front where it changes', 'rojo=1,ot=th:c', 'ot=th:8,rojo=1'],
    ['stays where it is where it does not', 'rojo=1,ot=th:8', 'rojo=1,ot=th:8'],
    ['keeps other sub-keys', 'ot=p:8;th:c;r:62', 'ot=p:8;r:62;th:8'],
    ['holds each of its own once', 'ot=th:1;th:8', 'ot=th:8'],
    ['drops the last of more than 32 members', members(32), `ot=th:8,${members(31)}`],
    ['does without where it would be too long', `ot=th:c;k:${'x'.repeat(251)}`, `ot=k:${'x'.repeat(251)}`],
  ])('%s', (_what, before, after) => {
    expect(writeOt(before, { threshold: '8', randomness: undefined })).toBe(after)
  })

  it('goes where nothing is left of it', () => {
    const nothing = { threshold: undefined, randomness: undefined }
    expect(writeOt('ot=th:8', nothing)).toBeUndefined()
    expect(writeOt('rojo=1,ot=th:8', nothing)).toBe('rojo=1')
    expect(writeOt(undefined, nothing)).toBeUndefined()
  })

  it('leaves a valid list valid, and reads back', () => {
    const subKey = fc.stringMatching(/^[a-z][a-z0-9]{0,5}:[A-Za-z0-9._-]{0,12}$/)
    const list = fc.tuple(
      fc.array(fc.stringMatching(/^[a-z]{3,5}=[!-+.-<>-~]{1,20}$/), { maxLength: 40 }),
      fc.array(subKey, { maxLength: 30 }),
    )
    const hex = fc.stringMatching(/^[0-9a-f]{14}$/)
    fc.assert(
      fc.property(list, fc.option(hex, { nil: undefined }), fc.option(hex, { nil: undefined }), ([others, keys], threshold, randomness) => {
        const before = normalizeTracestate([...others, `ot=${keys.join(';')}`].join(','))
        const after = writeOt(before, { threshold, randomness })
        if (after === undefined) return
        expect(normalizeTracestate(after)).toBe(after)
        const values = readOt(after)
        const tooLong = keys.join(';').length > 200
        if (!tooLong) expect(values).toEqual({ threshold, randomness })
      }),
      { seed: 5, numRuns: 500 },
    )
  })
})
