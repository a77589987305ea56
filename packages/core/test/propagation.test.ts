import { describe, expect, it } from 'vitest'
import { type PropagationOptions, resolveOptions } from '../src/options.js'
import { extractContext, injectContext, type Dialect } from '../src/propagator.js'
import { continueTrace, getTraceHeaders } from '../src/trace-api.js'
import { CASES, KINDS } from './propagation-cases.mjs'
import { defaultTestTracer } from './support.js'

const { extract: ALL } = resolveOptions({}, {})

type Headers = Readonly<Record<string, string | readonly string[]>>

function readIds(headers: Headers, dialects: readonly Dialect[] = ALL): object | undefined {
  const context = extractContext((name) => headers[name], dialects)
  if (context?.traceId === undefined) return undefined
  const { dialect, traceId, spanId, sampled, externalId } = context
  return JSON.parse(JSON.stringify({ dialect, traceId, spanId, sampled, externalId })) as object
}

describe.each(Object.entries(CASES))('of %s', (dialect, cases) => {
  it.each(cases)('$kind: $title', ({ headers, ids }) => {
    expect(readIds(headers)).toEqual(ids)
  })

  it('the table has every kind of row, and twelve at least', () => {
    expect(new Set(cases.map(({ kind }) => kind))).toEqual(new Set(KINDS))
    expect(cases.length).toBeGreaterThanOrEqual(12)
  })

  it('nothing is read where the dialect is not in the list', () => {
    const others = ALL.filter((other) => other !== dialect)
    const valid = cases.filter(({ kind, ids }) => kind === 'valid' && ids?.dialect === dialect)
    expect(valid.length).toBeGreaterThan(2)
    expect(valid.map(({ headers }) => readIds(headers, others))).toEqual(valid.map(() => undefined))
  })
})

describe('the order of dialects', () => {
  const valid = Object.entries(CASES).map(([dialect, cases]) => ({ dialect, headers: cases[0]?.headers ?? {} }))

  it('is that of the table', () => {
    expect(ALL).toEqual(Object.keys(CASES))
  })

  it.each(valid)('gives $dialect the word where those before it are silent', ({ dialect }) => {
    const from = valid.slice(ALL.indexOf(dialect as Dialect))
    const headers: Headers = Object.assign({}, ...from.map((entry) => entry.headers))
    expect(readIds(headers)).toMatchObject({ dialect })
  })

  it.each(valid)('can be changed so that $dialect comes first', ({ dialect }) => {
    const headers: Headers = Object.assign({}, ...valid.map((entry) => entry.headers))
    const order = [dialect as Dialect, ...ALL.filter((other) => other !== dialect)]
    expect(readIds(headers, order)).toMatchObject({ dialect })
  })
})

describe('what is sent', () => {
  const TRACE = '0af7651916cd43dd8448eb211c80319c'
  const SPAN = 'b7ad6b7169203331'
  const PARENT = '00f067aa0ba902b7'

  function write(dialect: Dialect, context: { traceId?: string; parentSpanId?: string; flags?: number } = {}): Record<string, string> {
    const sent: Record<string, string> = {}
    injectContext({ traceId: TRACE, spanId: SPAN, flags: 3, ...context }, [dialect], (name, value) => (sent[name] = value))
    return sent
  }

  it.each<[Dialect, Record<string, string>]>([
    ['b3', { b3: `${TRACE}-${SPAN}-1-${PARENT}` }],
    ['b3multi', { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-parentspanid': PARENT, 'x-b3-sampled': '1' }],
    [
      'datadog',
      {
        'x-datadog-trace-id': '9532127138774266268',
        'x-datadog-parent-id': '13235353014750950193',
        'x-datadog-sampling-priority': '1',
        'x-datadog-tags': '_dd.p.tid=0af7651916cd43dd',
      },
    ],
    ['jaeger', { 'uber-trace-id': `${TRACE}:${SPAN}:${PARENT}:1` }],
    ['gcp', { 'x-cloud-trace-context': `${TRACE}/13235353014750950193;o=1` }],
    ['xray', { 'x-amzn-trace-id': `Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=${SPAN};Sampled=1` }],
  ])('as %s', (dialect, headers) => {
    expect(write(dialect, { parentSpanId: PARENT })).toEqual(headers)
  })

  it.each(ALL)('as %s without a parent, not sampled, reads as the same ids', (dialect) => {
    const decided = dialect === 'gcp' || dialect === 'xray' ? {} : { sampled: false }
    for (const parentSpanId of ['', 'a\r\nb', '0'.repeat(16)])
      expect(readIds(write(dialect, { flags: 2, parentSpanId }))).toEqual({ dialect, traceId: TRACE, spanId: SPAN, ...decided })
  })

  it('as datadog has no tags for a trace id of 64 bits, and nothing for one that has no lower half', () => {
    expect(write('datadog', { traceId: `${'0'.repeat(16)}${TRACE.slice(16)}` })).not.toHaveProperty('x-datadog-tags')
    expect(write('datadog', { traceId: `${TRACE.slice(0, 16)}${'0'.repeat(16)}` })).toEqual({})
  })
})

describe('what a tracer makes of them', () => {
  const TRACE = '0af7651916cd43dd8448eb211c80319c'
  const SPAN = 'b7ad6b7169203331'

  async function follow(headers: Headers, propagation: PropagationOptions = {}) {
    await using owned = defaultTestTracer({ propagation, sampling: { rate: 0, keep: { errors: false } } })
    const sent = continueTrace(headers, 'work', (span) => {
      span.keep()
      return getTraceHeaders()
    })
    await owned.tracer.flush()
    return { sent, span: owned.exporter.spans[0], errors: owned.errors }
  }

  it.each([
    ['b3', { b3: `${TRACE}-${SPAN}-1` }],
    ['b3multi', { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-flags': '1' }],
    ['jaeger', { 'uber-trace-id': `${TRACE}:${SPAN}:0:1` }],
  ])('obeys the sampled flag of %s and names the sender as the parent', async (_dialect, headers) => {
    const { sent, span } = await follow(headers)
    expect(span).toMatchObject({ traceId: TRACE, parentSpanId: SPAN, parentIsRemote: true })
    expect(sent['traceparent']).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`))
  })

  it.each([
    ['xray', { 'x-amzn-trace-id': `Root=1-0af76519-16cd43dd8448eb211c80319c;Sampled=1` }, undefined],
    ['gcp', { 'x-cloud-trace-context': `${TRACE}/13235353014750950193;o=1` }, SPAN],
  ])('takes the ids of %s and decides on sampling itself', async (_dialect, headers, parentSpanId) => {
    const { sent, span } = await follow(headers)
    expect(span?.traceId).toBe(TRACE)
    expect(span?.parentSpanId).toBe(parentSpanId)
    expect(sent['x-sampled']).toBe('0')
  })

  it('links to the sender where traces are restarted', async () => {
    const headers = { 'x-datadog-trace-id': '9532127138774266268', 'x-datadog-parent-id': '13235353014750950193' }
    const { span, errors } = await follow(headers, { trust: 'restart' })
    expect(span?.traceId).not.toContain('8448eb211c80319c')
    expect(span?.links).toMatchObject([{ traceId: '00000000000000008448eb211c80319c', spanId: SPAN }])
    expect(errors).toEqual([])
  })

  it('sends the dialects that are asked for, and those alone', async () => {
    const { sent } = await follow({ b3: `${TRACE}-${SPAN}-1` }, { inject: ['b3', 'jaeger'] })
    expect(Object.keys(sent).sort()).toEqual(['b3', 'uber-trace-id'])
  })
})
