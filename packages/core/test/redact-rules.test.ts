import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { onSpanEnd } from '../src/adapter.js'
import { consoleExporter } from '../src/console-exporter.js'
import { compileNames, type RedactFunction, type RedactRules } from '../src/redact-rules.js'
import { Redaction } from '../src/redaction.js'
import type { SpanData } from '../src/span-data.js'
import { resetDefaultTracer } from '../src/default-tracer.js'
import { testTracer } from './support.js'

afterEach(() => resetDefaultTracer())

/** What is exported of one span with these attributes. */
async function exportOne(redact: RedactRules, attributes: Record<string, unknown>, name = 'work'): Promise<SpanData> {
  await using test = testTracer({ redact })
  test.tracer.withSpan(name, { attributes }, () => {})
  await test.tracer.flush()
  expect(test.errors).toEqual([])
  return test.exporter.spans[0] as SpanData
}

describe('names', () => {
  it.each([
    [
      'customer.name',
      ['customer.name', 'customerName', 'customer_name', 'X-Customer-Name', 'CUSTOMER.NAME', 'customername'],
      ['name', 'customer', 'customer.id.name'],
    ],
    ['iban2', ['iban2', 'Iban2', 'payer.iban2'], ['iban22', 'liban2x']],
    ['名前', ['名前'], ['名前2', 'name']],
  ])('means %s in any case and spelling', (rule, meant, others) => {
    const { isMeant } = compileNames([rule])
    for (const name of meant) expect([name, isMeant(name)]).toEqual([name, true])
    for (const name of others) expect([name, isMeant(name)]).toEqual([name, false])
  })

  it('masks whatever stands under them, and the built-in rules go on', async () => {
    const { attributes } = await exportOne(['diagnosis', /^acme\./], {
      'patient.diagnosis': 'flu', diagnosis: ['flu', 'cold'], hasDiagnosis: true, 'acme.rate': 7, 'x.acme.rate': 7, password: 'x', note: 'jo@example.com', empty: '',
    }) // prettier-ignore
    expect(attributes).toEqual({
      'patient.diagnosis': '[REDACTED]', diagnosis: '[REDACTED]', hasDiagnosis: '[REDACTED]', 'acme.rate': '[REDACTED]', 'x.acme.rate': 7,
      password: '[REDACTED]', note: '[REDACTED]', empty: '',
    }) // prettier-ignore
  })

  it('masks what is assigned to them in texts, JSON and URLs', async () => {
    const span = await exportOne(['street', 'customer.name'], {
      form: { street: 'Main St 5', city: 'Ulm', customer: { name: 'Jo' } },
      'url.full': 'http://a.test/x?street=Main&page=2',
      'exception.message': 'refused: street=Main, retry',
    })
    expect(span.attributes).toEqual({
      form: '{"street":"[REDACTED]","city":"Ulm","customer":{"name":"[REDACTED]"}}',
      'url.full': 'http://a.test/x?street=REDACTED&page=2',
      'exception.message': 'refused: street=[REDACTED], retry',
    })
  })

  it('leaves well-known names that only share a word, and takes them where they are named themselves', async () => {
    const attributes = { 'db.collection.name': 'orders', 'http.route': '/a', 'url.full': 'http://a.test/' }
    expect((await exportOne(['name', 'route'], attributes)).attributes).toEqual(attributes)
    expect((await exportOne(['http.route', /^url/], attributes)).attributes).toEqual({
      'db.collection.name': 'orders',
      'http.route': '[REDACTED]',
      'url.full': '[REDACTED]',
    })
  })

  it('answers alike every time, whatever state a pattern keeps', () => {
    const redaction = new Redaction([/secretive/g, /^sticky/y])
    for (let time = 0; time < 5; time++) {
      // Longer than what is remembered: the pattern is asked each time.
      expect(redaction.attribute(`${'a'.repeat(200)}.secretive`, 'x')).toBe('[REDACTED]')
      expect(redaction.attribute('sticky', 'x')).toBe('[REDACTED]')
      expect(redaction.attribute('not.sticky', 'x')).toBe('x')
    }
  })

  it('asks a pattern once for each name, and about the beginning of long ones', () => {
    const asked: string[] = []
    const pattern = /never/
    Object.defineProperty(pattern, Symbol.search, { value: (name: string) => (asked.push(name), -1) })
    const redaction = new Redaction([pattern])
    asked.length = 0
    for (let time = 0; time < 3; time++) redaction.attribute('a.name', 'x')
    redaction.attribute('b'.repeat(100_000), 'x')
    expect(asked.map((name) => name.length)).toEqual([6, 256])
  })

  it('masks at least what the built-in rules mask, for any name and text', () => {
    const redaction = new Redaction(['street', /x/])
    const builtIn = new Redaction()
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.string({ maxLength: 200 }), (name, text) => {
        const masked = redaction.attribute(name, text) as string
        if (builtIn.attribute(name, text) === '[REDACTED]') expect(masked).toBe('[REDACTED]')
        expect(redaction.attribute(name, masked)).toBe(masked)
      }),
      { seed: 7, numRuns: 2000 },
    )
  })
})

describe('a function', () => {
  it('sees attributes of spans, events, links and the resource, exceptions, names and status messages', async () => {
    const seen: Record<string, unknown> = {}
    const redact: RedactFunction = (name, value) => {
      seen[name] = value
      return value
    }
    await using test = testTracer({ redact, attributes: { team: 'a' } })
    const link = { context: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 0 }, attributes: { 'link.a': 1 } }
    test.tracer.withSpan('work', { links: [link], attributes: { list: ['a'], flag: true } }, (span) => {
      span.addEvent('e', { 'event.a': 'x' })
      span.fail(new RangeError('no stock'))
    })
    await test.tracer.flush()
    expect(seen).toMatchObject({
      team: 'a', list: ['a'], flag: true, 'link.a': 1, 'event.a': 'x', 'exception.message': 'no stock', 'exception.type': 'RangeError',
      'span.name': 'work', 'otel.status_description': 'no stock', 'error.type': 'RangeError',
    }) // prettier-ignore
    expect(seen).not.toHaveProperty('service.name')
    expect(test.exporter.spans[0]).toMatchObject({ name: 'work', statusMessage: 'no stock', attributes: { list: ['a'], flag: true } })
  })

  it('replaces values, and undefined masks them; what it lets through the built-in rules still see', async () => {
    const redact = (name: string, value: string) => (name === 'a' ? 'other' : name === 'b' || name === 'span.name' ? undefined : value)
    const span = await exportOne(redact as never, { a: 'x', b: 5, password: 'hunter2', c: 'mail jo@example.com' }, 'GET /jo')
    expect(span.name).toBe('[REDACTED]')
    expect(span.attributes).toEqual({ a: 'other', b: '[REDACTED]', password: '[REDACTED]', c: 'mail [REDACTED]' })
  })

  it.each([
    ['throws', () => { throw new Error('mine') }, 'mine'],
    ['answers later', async () => 'x', 'at once'],
    ['rejects', () => Promise.reject(new Error('later')), 'at once'],
    ['returns an object', () => ({}), 'must return'],
    ['returns null', () => null, 'redact'],
    ['returns a mixed array', () => ['a', 1], 'must return'],
  ] as [string, () => unknown, string][])('masks the value and tells where it %s', async (_, redact, message) => {
    await using test = testTracer({ redact: redact as never })
    test.tracer.withSpan('work', { attributes: { a: 'x', flag: true } }, () => {})
    await test.tracer.flush()
    expect(test.exporter.spans[0]).toMatchObject({ name: '[REDACTED]', attributes: { a: '[REDACTED]', flag: '[REDACTED]' } })
    expect(test.errors[0]).toMatchObject({ code: 'CALLBACK_FAILED', message: 'The function given as redact threw' })
    expect(String(test.errors[0]?.cause)).toContain(message)
  }) // prettier-ignore
})

describe('every way out', () => {
  it('is the same for exporters, onSpanEnd, listeners and the console', async () => {
    const lines: string[] = []
    const seen: SpanData[] = []
    const masks: unknown[] = []
    const stop = onSpanEnd((span, _failure, mask) => (seen.push(span), masks.push(mask?.('text', 'street=Main'))))
    const exporter = consoleExporter({ write: (line) => void lines.push(line) })
    await using test = testTracer({ redact: ['street'], exporter, onSpanEnd: (span) => void seen.push(span) })
    test.tracer.withSpan('work', { attributes: { street: 'Main', form: 'street=Main' } }, () => {})
    await test.tracer.flush()
    stop()
    expect(seen).toHaveLength(2)
    for (const span of seen) expect(span.attributes).toEqual({ street: '[REDACTED]', form: 'street=[REDACTED]' })
    expect(masks).toEqual(['street=[REDACTED]'])
    expect(lines.join('')).not.toContain('Main')
  })

  it('does not mix the rules of several tracers', async () => {
    await using first = testTracer({ redact: ['street'] })
    await using second = testTracer({ redact: ['city'] })
    await using third = testTracer()
    for (let round = 0; round < 2; round++)
      for (const { tracer } of [first, second, third])
        tracer.withSpan(
          'work',
          { attributes: { street: 'Main', city: 'Ulm', text: 'street=Main city=Ulm', 'url.full': 'http://a/?street=M&city=U' } },
          () => {},
        )
    for (const { tracer } of [first, second, third]) await tracer.flush()
    const [mask, parameter] = ['[REDACTED]', 'REDACTED']
    expect(first.exporter.spans[1]?.attributes).toEqual({
      street: mask,
      city: 'Ulm',
      text: `street=${mask} city=Ulm`,
      'url.full': `http://a/?street=${parameter}&city=U`,
    })
    expect(second.exporter.spans[1]?.attributes).toEqual({
      street: 'Main',
      city: mask,
      text: `street=Main city=${mask}`,
      'url.full': `http://a/?street=M&city=${parameter}`,
    })
    expect(third.exporter.spans[1]?.attributes).toEqual({
      street: 'Main',
      city: 'Ulm',
      text: 'street=Main city=Ulm',
      'url.full': 'http://a/?street=M&city=U',
    })
  })

  it('refuses what is neither names nor a function', () => {
    for (const redact of ['street', [5], {}, [undefined]])
      expect(() => testTracer({ redact: redact as never })).toThrow('Option redact must be')
  })
})
