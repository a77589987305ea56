import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { extractContext, injectContext } from '../src/propagator.js'
import type { Dialect, HeaderGetter, InjectContext } from '../src/propagator.js'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const OTHER = '11111111111111112222222222222222'
const BOTH: readonly Dialect[] = ['w3c', 'x-trace']
const TRACEPARENT = `00-${TRACE}-${SPAN}-03`
const derive = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)

type HeaderValues = Record<string, string | readonly string[] | undefined>
const from =
  (headers: HeaderValues): HeaderGetter =>
  (name) =>
    headers[name]
const extract = (headers: HeaderValues, dialects = BOTH): ReturnType<typeof extractContext> => extractContext(from(headers), dialects)

describe('extractContext: W3C Trace Context', () => {
  it('reads ids, flags and tracestate', () => {
    expect(extract({ traceparent: TRACEPARENT, tracestate: ' rojo=1 , congo=2' })).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      sampled: true,
      random: true,
      derived: false,
      traceState: 'rojo=1,congo=2',
      dialect: 'w3c',
    })
  })

  it('joins several tracestate headers (section 3.3.1)', () => {
    expect(extract({ traceparent: TRACEPARENT, tracestate: ['a=1', '', 'b=2'] })?.traceState).toBe('a=1,b=2')
  })

  it('keeps the trace where tracestate is bad (section 3.3)', () => {
    const context = extract({ traceparent: TRACEPARENT, tracestate: 'BAD=1' })
    expect(context?.traceId).toBe(TRACE)
    expect(context).not.toHaveProperty('traceState')
  })

  it('does not read tracestate without a valid traceparent (section 3.3)', () => {
    expect(extract({ tracestate: 'a=1' })).toBeUndefined()
    expect(extract({ traceparent: 'garbage', tracestate: 'a=1' })).toBeUndefined()
    expect(extract({ 'x-trace-id': TRACE, tracestate: 'a=1' })).not.toHaveProperty('traceState')
  })

  it('takes several traceparent headers for none, even equal ones', () => {
    expect(extract({ traceparent: [TRACEPARENT, TRACEPARENT] })).toBeUndefined()
    expect(extract({ traceparent: `${TRACEPARENT}, ${TRACEPARENT}` })).toBeUndefined()
    expect(extract({ traceparent: [TRACEPARENT] })?.traceId).toBe(TRACE)
  })

  it('ends the search at a traceparent that is there but invalid', () => {
    expect(extract({ traceparent: 'garbage', 'x-trace-id': TRACE, 'x-span-id': SPAN })).toBeUndefined()
  })

  it('reads an empty traceparent as absent', () => {
    expect(extract({ traceparent: '', 'x-trace-id': TRACE })?.dialect).toBe('x-trace')
    expect(extract({ traceparent: [], 'x-trace-id': TRACE })?.dialect).toBe('x-trace')
  })
})

describe('extractContext: the X-Trace family', () => {
  it('takes X-Span-Id for the parent', () => {
    expect(extract({ 'x-trace-id': TRACE, 'x-span-id': SPAN, 'x-parent-span-id': '1'.repeat(16), 'x-sampled': '1' })).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      sampled: true,
      random: false,
      derived: false,
      dialect: 'x-trace',
    })
  })

  it('takes X-Parent-Span-Id where the sender does not name its span', () => {
    expect(extract({ 'x-trace-id': TRACE, 'x-parent-span-id': SPAN })?.spanId).toBe(SPAN)
  })

  it.each([
    ['1', true],
    ['true', true],
    ['True', true],
    ['0', false],
    ['false', false],
    ['1, 1', true],
    ['1, 0', undefined],
    ['yes', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads X-Sampled %j as %j', (header, expected) => {
    expect(extract({ 'x-trace-id': TRACE, 'x-sampled': header })?.sampled).toBe(expected)
  })

  it('keeps the external id beside the trace id it stands for', () => {
    expect(extract({ 'x-trace-id': 'abc-123' })).toEqual({
      traceId: derive('abc-123'),
      externalId: 'abc-123',
      random: false,
      derived: true,
      dialect: 'x-trace',
    })
  })

  it('collapses equal repetitions and takes unequal ones for absent', () => {
    expect(extract({ 'x-trace-id': ['abc-123', 'abc-123'] })?.externalId).toBe('abc-123')
    expect(extract({ 'x-trace-id': ['abc-123', 'abc-124'] })).toBeUndefined()
  })

  it('leaves nothing but the attribute of an id that no trace id can be had from', () => {
    expect(extract({ 'x-trace-id': 'undefined', 'x-span-id': SPAN })).toEqual({ externalId: 'undefined', random: false, derived: false })
    expect(extract({ traceparent: 'garbage', 'x-trace-id': 'abc-123' })).toEqual({ externalId: 'abc-123', random: false, derived: false })
  })
})

describe('extractContext: several dialects', () => {
  it('lets the first valid dialect win whole', () => {
    const headers = { traceparent: `00-${TRACE}-${SPAN}-00`, 'x-trace-id': OTHER, 'x-span-id': '2'.repeat(16), 'x-sampled': '1' }
    expect(extract(headers)).toMatchObject({ traceId: TRACE, spanId: SPAN, sampled: false, dialect: 'w3c' })
    expect(extract(headers, ['x-trace', 'w3c'])).toMatchObject({
      traceId: OTHER,
      spanId: '2'.repeat(16),
      sampled: true,
      dialect: 'x-trace',
    })
  })

  it('reads only the dialects it was given', () => {
    const headers = { traceparent: TRACEPARENT, 'x-trace-id': OTHER }
    expect(extract(headers, ['x-trace'])?.traceId).toBe(OTHER)
    expect(extract({ 'x-trace-id': 'abc-123' }, ['w3c'])).toBeUndefined()
    expect(extract(headers, [])).toBeUndefined()
  })

  it('keeps an external id that stands for the trace id of traceparent', () => {
    const context = extract({ traceparent: `00-${derive('abc-123')}-${SPAN}-01`, 'x-trace-id': 'abc-123' })
    expect(context).toMatchObject({ traceId: derive('abc-123'), externalId: 'abc-123', derived: false, dialect: 'w3c' })
  })

  it('drops an external id that stands for another trace', () => {
    expect(extract({ traceparent: TRACEPARENT, 'x-trace-id': 'abc-123' })).not.toHaveProperty('externalId')
    expect(extract({ traceparent: TRACEPARENT, 'x-trace-id': TRACE })).not.toHaveProperty('externalId')
  })
})

describe('extractContext: what else comes along', () => {
  it('reads request id, correlation id and baggage, also without a trace', () => {
    const headers = { 'x-request-id': ' req-1 ', 'x-correlation-id': 'corr-1', baggage: ['a=1', ' b=2'] }
    expect(extract(headers)).toEqual({ random: false, derived: false, requestId: 'req-1', correlationId: 'corr-1', baggage: 'a=1,b=2' })
    expect(extract({ ...headers, traceparent: 'garbage' })).toEqual(extract(headers))
    expect(extract({ ...headers, traceparent: TRACEPARENT })).toMatchObject({ traceId: TRACE, requestId: 'req-1' })
  })

  it('leaves out request ids that are too long or not printable', () => {
    expect(extract({ 'x-request-id': 'x'.repeat(129), 'x-correlation-id': 'a\u0000b' })).toBeUndefined()
  })

  it('is undefined where nothing was there', () => {
    expect(extract({})).toBeUndefined()
  })

  it('takes a header whose getter throws for absent and reports it', () => {
    const errors: unknown[] = []
    const getter: HeaderGetter = (name) => {
      if (name === 'traceparent') throw new Error('broken carrier')
      return name === 'x-trace-id' ? TRACE : undefined
    }
    expect(extractContext(getter, BOTH, (error) => errors.push(error))?.traceId).toBe(TRACE)
    expect(errors).toEqual([new Error('broken carrier')])
  })

  it('never throws, whatever stands in whatever header', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.array(fc.string(), { maxLength: 3 }),
      fc.constantFrom(TRACEPARENT, TRACE, 'abc-123', '1'),
    )
    const names = [
      'traceparent',
      'tracestate',
      'x-trace-id',
      'x-span-id',
      'x-parent-span-id',
      'x-sampled',
      'x-request-id',
      'x-correlation-id',
      'baggage',
    ]
    const headers = fc.dictionary(fc.constantFrom(...names), value)
    fc.assert(
      fc.property(headers, (given) => {
        const context = extract(given)
        if (context?.traceId === undefined) return
        const sent: Record<string, string> = {}
        injectContext({ ...context, traceId: context.traceId, spanId: SPAN, flags: 1 }, BOTH, (name, text) => (sent[name] = text))
        expect(extract(sent)?.traceId).toBe(context.traceId)
      }),
      { seed: 7, numRuns: 1_000 },
    )
  })
})

function inject(context: Partial<InjectContext>, dialects: readonly Dialect[] = BOTH): Record<string, string> {
  const sent: Record<string, string> = {}
  injectContext({ traceId: TRACE, spanId: SPAN, flags: 1, ...context }, dialects, (name, value) => (sent[name] = value))
  return sent
}

describe('injectContext', () => {
  it('writes both dialects under lower-case names', () => {
    expect(inject({ parentSpanId: '1'.repeat(16), flags: 3, traceState: 'a=1', baggage: 'b=2' })).toEqual({
      traceparent: TRACEPARENT,
      tracestate: 'a=1',
      'x-trace-id': TRACE,
      'x-span-id': SPAN,
      'x-parent-span-id': '1'.repeat(16),
      'x-sampled': '1',
      baggage: 'b=2',
    })
  })

  it('sends no empty headers', () => {
    expect(inject({ flags: 0, traceState: '', externalId: '', parentSpanId: '', baggage: '' })).toEqual({
      traceparent: `00-${TRACE}-${SPAN}-00`,
      'x-trace-id': TRACE,
      'x-span-id': SPAN,
      'x-sampled': '0',
    })
  })

  it('writes only the dialects it was given', () => {
    expect(Object.keys(inject({}, ['w3c']))).toEqual(['traceparent'])
    expect(Object.keys(inject({}, ['x-trace']))).toEqual(['x-trace-id', 'x-span-id', 'x-sampled'])
    expect(inject({}, [])).toEqual({})
  })

  it('sends the external id unchanged as X-Trace-Id', () => {
    expect(inject({ externalId: 'ABC-123' })).toMatchObject({ 'x-trace-id': 'ABC-123', traceparent: `00-${TRACE}-${SPAN}-01` })
  })

  it.each(['a\r\nx: y', 'a\nb', 'a\u0000b', 'a\u007fb', 'aĀb', 'a\u0085b'])('lets %j through to no header', (value) => {
    const sent = inject({ traceState: value, externalId: value, baggage: value, parentSpanId: value })
    expect(sent).toEqual({ traceparent: `00-${TRACE}-${SPAN}-01`, 'x-trace-id': TRACE, 'x-span-id': SPAN, 'x-sampled': '1' })
  })

  it.each([{ traceId: 'x' }, { traceId: '0'.repeat(32) }, { spanId: 'a\r\nb' }, { spanId: '0'.repeat(16) }])(
    'sends nothing for the invalid ids %j',
    (ids) => {
      expect(inject(ids)).toEqual({})
    },
  )
})
