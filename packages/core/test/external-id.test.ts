import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createExternalIdGuard, readSpanId, readTraceId } from '../src/external-id.js'
import { isSpanId, isTraceId } from '../src/traceparent.js'

const HEX = '0af7651916cd43dd8448eb211c80319c'
const UUID = '0af76519-16cd-43dd-8448-eb211c80319c'
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

describe('readTraceId', () => {
  it.each([
    ['32 lower-case hex', HEX, { traceId: HEX, derived: false }],
    ['white space around it', ` ${HEX}\t`, { traceId: HEX, derived: false }],
    ['32 upper-case hex', HEX.toUpperCase(), { traceId: HEX, externalId: HEX.toUpperCase(), derived: false }],
    ['a UUID', UUID, { traceId: HEX, externalId: UUID, derived: false }],
    ['an upper-case UUID', UUID.toUpperCase(), { traceId: HEX, externalId: UUID.toUpperCase(), derived: false }],
    [
      '16 hex, padded left',
      'B7ad6b7169203331',
      { traceId: '0000000000000000b7ad6b7169203331', externalId: 'B7ad6b7169203331', derived: false },
    ],
    ['other text by its SHA-256', 'abc-123', { traceId: sha256('abc-123').slice(0, 32), externalId: 'abc-123', derived: true }],
    [
      'equal repetitions once',
      'abc-123, abc-123,abc-123',
      { traceId: sha256('abc-123').slice(0, 32), externalId: 'abc-123', derived: true },
    ],
    ['the longest text', 'x1'.repeat(64), { traceId: sha256('x1'.repeat(64)).slice(0, 32), externalId: 'x1'.repeat(64), derived: true }],
    [
      'every character that may be derived from',
      'aZ09._:/+=-',
      { traceId: sha256('aZ09._:/+=-').slice(0, 32), externalId: 'aZ09._:/+=-', derived: true },
    ],
    ['a UUID of another shape as text', `${UUID}-1`, { traceId: sha256(`${UUID}-1`).slice(0, 32), externalId: `${UUID}-1`, derived: true }],
  ])('reads %s', (_rule, value, expected) => {
    expect(readTraceId(value)).toEqual(expected)
  })

  it.each([
    ['nothing', ''],
    ['white space', '  '],
    ['unequal repetitions', 'abc-123, abc-124'],
    ['an all-zero id', '0'.repeat(32)],
    ['16 zeros', '0'.repeat(16)],
    ['the nil UUID', '00000000-0000-0000-0000-000000000000'],
    ['text of 5 characters', 'abc-1'],
    ['text of 129 characters', 'x1'.repeat(64) + 'y'],
    ['a space inside', 'abc 123'],
    ['a character beyond ASCII', 'abc-123ü'],
    ['a line break', 'abc-123\r\nx'],
    ['markup', '<script>'],
    ['undefined', 'undefined'],
    ['Unknown', 'Unknown'],
    ['null', 'null'],
    ['a name in place of an id', 'trace-id'],
    ['one character over and over', '------'],
    ['a very long header', 'a,'.repeat(5_000)],
  ])('refuses %s', (_rule, value) => {
    expect(readTraceId(value)).toBeUndefined()
  })

  it('gives a valid trace id or none for any text, and the same one for what it says it received', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.uuid(), fc.stringMatching(/^[A-Za-z0-9._-]{6,40}$/)), (value) => {
        const reading = readTraceId(value)
        if (reading === undefined) return
        expect(isTraceId(reading.traceId)).toBe(true)
        expect(readTraceId(reading.externalId ?? reading.traceId)).toEqual(reading)
      }),
      { seed: 3, numRuns: 500 },
    )
  })
})

describe('readSpanId', () => {
  it.each([
    ['16 lower-case hex', 'b7ad6b7169203331', 'b7ad6b7169203331'],
    ['16 upper-case hex', 'B7AD6B7169203331', 'b7ad6b7169203331'],
    ['a UUID by its first 16 hex', UUID, HEX.slice(0, 16)],
    ['a UUID without dashes, the same way', HEX, HEX.slice(0, 16)],
    ['other text by its SHA-256', '42', sha256('42').slice(0, 16)],
    ['equal repetitions once', '42, 42', sha256('42').slice(0, 16)],
  ])('reads %s', (_rule, value, expected) => {
    expect(readSpanId(value)).toBe(expected)
  })

  it.each(['', ' ', '0000000000000000', '00000000-0000-0000-0000-000000000000', 'null', 'undefined', '1, 2', 'a\nb', 'x'.repeat(129)])(
    'refuses %j',
    (value) => {
      expect(readSpanId(value)).toBeUndefined()
    },
  )

  it('gives a valid span id or none for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string()), (value) => {
        const id = readSpanId(value)
        expect(id === undefined || isSpanId(id)).toBe(true)
      }),
      { seed: 4, numRuns: 500 },
    )
  })
})

describe('createExternalIdGuard', () => {
  it('admits a value for its first thousand local roots', () => {
    const guard = createExternalIdGuard({ now: () => 0 })
    const admitted = Array.from({ length: 1_200 }, () => guard.admit('constant')).filter(Boolean)
    expect(admitted).toHaveLength(1_000)
    expect(guard.admit('another')).toBe(true)
  })

  it('admits a value for ten minutes', () => {
    let time = 5_000
    const guard = createExternalIdGuard({ now: () => time })
    expect(guard.admit('abc-123')).toBe(true)
    time += 600_000
    expect(guard.admit('abc-123')).toBe(true)
    time += 1
    expect(guard.admit('abc-123')).toBe(false)
  })

  it('keeps refusing a constant among a flood of other values', () => {
    const guard = createExternalIdGuard({ now: () => 0, maxRoots: 10, maxEntries: 100 })
    const admitted: boolean[] = []
    for (let index = 0; index < 5_000; index++) {
      guard.admit(`request-${index}`)
      if (index % 20 === 0) admitted.push(guard.admit('constant'))
    }
    expect(admitted.filter(Boolean)).toHaveLength(10)
    expect(admitted.slice(10)).not.toContain(true)
  })

  it('forgets values that were not used for long, so that its memory is bounded', () => {
    const guard = createExternalIdGuard({ now: () => 0, maxRoots: 1, maxEntries: 10 })
    guard.admit('first')
    expect(guard.admit('first')).toBe(false)
    for (let index = 0; index < 20; index++) guard.admit(`request-${index}`)
    expect(guard.admit('first')).toBe(true)
  })
})
