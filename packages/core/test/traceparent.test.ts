import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTraceparent, isSpanId, isTraceId, parseTraceparent } from '../src/traceparent.js'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

describe('parseTraceparent', () => {
  it.each([
    ['version 00, sampled', `00-${TRACE}-${SPAN}-01`, 1],
    ['version 00, not sampled', `00-${TRACE}-${SPAN}-00`, 0],
    ['level 2, 3.2.2.5.2: the random flag travels', `00-${TRACE}-${SPAN}-02`, 2],
    ['level 2, 3.2.2.5.3: reserved flags are cleared', `00-${TRACE}-${SPAN}-ff`, 3],
    ['level 2, 3.2.2.5.3: only reserved flags', `00-${TRACE}-${SPAN}-fc`, 0],
    ['level 2, 4.3: a higher version of the same length', `cc-${TRACE}-${SPAN}-01`, 1],
    ['level 2, 4.3: a higher version with a tail', `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, 1],
    ['level 2, 4.3: a higher version with an empty tail', `01-${TRACE}-${SPAN}-01-`, 1],
  ])('reads %s', (_rule, header, flags) => {
    expect(parseTraceparent(header)).toEqual({ traceId: TRACE, spanId: SPAN, flags })
  })

  it.each([
    ['empty', ''],
    ['3.2.2.1: version ff', `ff-${TRACE}-${SPAN}-01`],
    ['3.2.2.1: a version that is not hex', `.0-${TRACE}-${SPAN}-01`],
    ['3.2.2.1: an upper-case version', `0A-${TRACE}-${SPAN}-01`],
    ['3.2.2.1: a version of one digit', `0-${TRACE}-${SPAN}-01`],
    ['3.2.2.1: a version of three digits', `000-${TRACE}-${SPAN}-01`],
    ['3.2.2.2: version 00 with a tail', `00-${TRACE}-${SPAN}-01-tail`],
    ['3.2.2.2: version 00 with one character more', `00-${TRACE}-${SPAN}-01.`],
    ['4.3: a higher version whose tail does not begin with a dash', `cc-${TRACE}-${SPAN}-01.tail`],
    ['4.3: a higher version that is too short', `cc-${TRACE}-${SPAN}-0`],
    ['3.2.2.3: an all-zero trace id', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['3.2.2.3: an upper-case trace id', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['3.2.2.3: a trace id with another character', `00-${TRACE.slice(0, 31)}g-${SPAN}-01`],
    ['3.2.2.3: a trace id that is too long', `00-${TRACE}1-${SPAN}-01`],
    ['3.2.2.3: a trace id that is too short', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['3.2.2.4: an all-zero span id', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['3.2.2.4: an upper-case span id', `00-${TRACE}-${SPAN.toUpperCase()}-01`],
    ['3.2.2.5: flags that are not hex', `00-${TRACE}-${SPAN}-.1`],
    ['3.2.2.5: upper-case flags', `00-${TRACE}-${SPAN}-0A`],
    ['3.2.2.5: flags of one digit', `00-${TRACE}-${SPAN}-1`],
    ['another delimiter', `00_${TRACE}_${SPAN}_01`],
    ['white space around', ` 00-${TRACE}-${SPAN}-01`],
    ['two headers folded into one', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
    ['two headers of a higher version folded into one', `cc-${TRACE}-${SPAN}-01, cc-${TRACE}-${SPAN}-01`],
  ])('refuses %s', (_rule, header) => {
    expect(parseTraceparent(header)).toBeUndefined()
  })

  it('never throws, and what it reads can be written and read again', () => {
    const header = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/))
    fc.assert(
      fc.property(header, (value) => {
        const parent = parseTraceparent(value)
        if (parent === undefined) return
        expect(isTraceId(parent.traceId) && isSpanId(parent.spanId)).toBe(true)
        expect(parseTraceparent(formatTraceparent(parent.traceId, parent.spanId, parent.flags))).toEqual(parent)
      }),
      { seed: 1, numRuns: 500 },
    )
  })
})

describe('formatTraceparent', () => {
  it('writes version 00 and clears reserved flags', () => {
    expect(formatTraceparent(TRACE, SPAN, 0xff)).toBe(`00-${TRACE}-${SPAN}-03`)
    expect(formatTraceparent(TRACE, SPAN, 0)).toBe(`00-${TRACE}-${SPAN}-00`)
  })
})
