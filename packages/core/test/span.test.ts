import { describe, expect, it } from 'vitest'
import { manualClock, testTracer } from './support.js'

describe('span', () => {
  it('carries ids, name, kind, times and attributes to the exporter', async () => {
    const clock = manualClock()
    await using t = testTracer({ clock, version: '1.2.3', environment: 'staging' })
    const span = t.tracer.startSpan('work', { kind: 'client', attributes: { peer: 'x' } })
    clock.advance(12.3456)
    span
      .setAttribute('n', 1)
      .setAttributes({ ok: true, list: ['a', 'b'] })
      .end()
    await t.tracer.flush()
    const [data] = t.exporter.spans
    expect(data).toMatchObject({
      name: 'work',
      kind: 'client',
      service: 'test',
      status: 'unset',
      duration: 12.346,
      attributes: { peer: 'x', n: 1, ok: true, list: ['a', 'b'] },
    })
    expect(data?.startTime).toBe(Date.UTC(2026, 0, 1))
    expect(data?.traceId).toMatch(/^[0-9a-f]{32}$/)
    expect(data?.spanId).toMatch(/^[0-9a-f]{16}$/)
    expect(data?.parentSpanId).toBeUndefined()
    expect(data?.flags).toBe(3)
    expect(data?.resource.attributes).toMatchObject({
      'service.name': 'test',
      'service.version': '1.2.3',
      'deployment.environment.name': 'staging',
    })
  })

  it('does nothing after its end', async () => {
    await using t = testTracer()
    const span = t.tracer.startSpan('a')
    span.end()
    expect(span.isRecording()).toBe(false)
    span.setAttribute('late', 1).addEvent('late').updateName('late').fail(new Error('late'))
    span.end()
    await t.tracer.flush()
    expect(t.exporter.spans).toHaveLength(1)
    expect(t.exporter.spans[0]).toMatchObject({ name: 'a', attributes: {}, events: [], status: 'unset' })
  })

  it('takes start and end times as numbers, dates and hrtimes', async () => {
    await using t = testTracer()
    t.tracer.startSpan('ms', { startTime: 1_700_000_000_000.25 }).end(1_700_000_000_010.5)
    t.tracer.startSpan('date', { startTime: new Date(1_700_000_000_000) }).end(new Date(1_700_000_000_002))
    t.tracer.startSpan('hr', { startTime: [1_700_000_000, 500_000] }).end([1_700_000_000, 1_500_000])
    t.tracer.startSpan('back', { startTime: 1_700_000_000_000 }).end(1_600_000_000_000)
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => [span.name, span.startTime, span.duration])).toEqual([
      ['ms', 1_700_000_000_000.25, 10.25],
      ['date', 1_700_000_000_000, 2],
      ['hr', 1_700_000_000_000.5, 1],
      ['back', 1_700_000_000_000, 0],
    ])
  })

  it('records an exception once however often it is shown, with its causes', async () => {
    await using t = testTracer()
    const error = new TypeError('outer', { cause: Object.assign(new Error('inner'), { code: 'ECONNREFUSED' }) })
    const span = t.tracer.startSpan('a')
    span.recordException(error)
    span.fail(error)
    span.end()
    await t.tracer.flush()
    const [data] = t.exporter.spans
    expect(data?.events).toHaveLength(1)
    expect(data?.events[0]).toMatchObject({
      name: 'exception',
      attributes: { 'exception.type': 'TypeError', 'exception.message': 'outer' },
    })
    expect(data?.events[0]?.attributes['exception.stacktrace']).toMatch(/TypeError: outer[\s\S]*Caused by: Error: inner/)
    expect(data).toMatchObject({ status: 'error', statusMessage: 'outer', attributes: { 'error.type': 'ECONNREFUSED' } })
  })

  it('records one error object anew in another trace', async () => {
    await using t = testTracer()
    const shared = new Error('singleton')
    for (const name of ['a', 'b']) t.tracer.startSpan(name).fail(shared).end()
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => span.events.length)).toEqual([1, 1])
  })

  it('lets ok be final and keeps a message for errors alone', async () => {
    await using t = testTracer()
    t.tracer.startSpan('a').setStatus({ code: 'ok', message: 'fine' }).setStatus({ code: 'error', message: 'no' }).end()
    t.tracer.startSpan('b').setStatus({ code: 2, message: 'boom' }).end()
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => [span.status, span.statusMessage])).toEqual([
      ['ok', undefined],
      ['error', 'boom'],
    ])
  })

  it('cuts in the open: attributes, events, links and long strings', async () => {
    await using t = testTracer({ limits: { attributes: 2, events: 1, links: 1, valueLength: 5 } })
    const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }
    const span = t.tracer.startSpan('a').setAttributes({ a: '1234567', b: 2, c: 3, d: 4 })
    span.setAttribute('a', 'short').addEvent('e1').addEvent('e2').addLink({ context }).addLink({ context }).end()
    await t.tracer.flush()
    expect(t.exporter.spans[0]).toMatchObject({
      attributes: { a: 'short', b: 2, 'clew.cut_values': 1 },
      droppedAttributes: 2,
      droppedEvents: 1,
      droppedLinks: 1,
    })
    expect(t.tracer.stats()).toMatchObject({ attributesDropped: 2, valuesCut: 1 })
  })

  it('counts the attributes it began with towards the limit', async () => {
    await using t = testTracer({ limits: { attributes: 3 } })
    t.tracer
      .startSpan('a', { attributes: { a: 1, b: 2, c: 3, d: 4 } })
      .setAttribute('e', 5)
      .end()
    await t.tracer.flush()
    expect(t.exporter.spans[0]).toMatchObject({ attributes: { a: 1, b: 2, c: 3 }, droppedAttributes: 2 })
  })

  it('survives attribute values of every kind', async () => {
    await using t = testTracer()
    const circular: Record<string, unknown> = { a: 1 }
    circular['self'] = circular
    const hostile = {
      get boom(): string {
        throw new Error('getter')
      },
    }
    const proxy = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('trap')
        },
        get: () => {
          throw new Error('trap')
        },
      },
    )
    const span = t.tracer.startSpan('a')
    span.setAttributes({
      circular,
      hostile,
      proxy,
      big: 10n,
      symbol: Symbol('s'),
      none: undefined,
      nil: null,
      fn: () => 1,
      date: new Date(0),
      mixed: [1, 'a', null],
      long: 'x'.repeat(10_000_000),
    })
    span
      .setAttributes(proxy as never)
      .setAttributes(null as never)
      .setAttribute('__proto__', ['polluted'])
    span
      .addEvent('e', proxy as never)
      .addLink(null as never)
      .recordException(proxy)
    span
      .setStatus(null as never)
      .updateName(Symbol('n') as never)
      .end('never' as never)
    await t.tracer.flush()
    const { attributes } = t.exporter.spans[0]!
    expect(attributes).toMatchObject({
      big: '10',
      symbol: 'Symbol(s)',
      date: '1970-01-01T00:00:00.000Z',
      mixed: ['1', 'a', ''],
      hostile: '[unreadable]',
    })
    expect((attributes['long'] as string).length).toBe(4096)
    expect(Object.keys(attributes)).not.toContain('none')
    expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype)
  })

  it('ends by `using`', async () => {
    await using t = testTracer()
    {
      using span = t.tracer.startSpan('scoped')
      expect(span.isRecording()).toBe(true)
    }
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => span.name)).toEqual(['scoped'])
  })
})
