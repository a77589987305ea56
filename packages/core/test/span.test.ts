import { describe, expect, it } from 'vitest'
import type { LimitOptions } from '../src/options.js'
import type { Span } from '../src/span.js'
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

  it('records a value once that one span is shown twice', async () => {
    await using t = testTracer()
    const span = t.tracer.startSpan('a')
    span.recordException('timeout')
    span.fail('timeout').end()
    await t.tracer.flush()
    expect(t.exporter.spans[0]?.events).toHaveLength(1)
  })

  it('says whether the parent ran in this process', async () => {
    await using t = testTracer()
    const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }
    const server = t.tracer.startSpan('server', { parent: remote })
    t.tracer.startSpan('child', { parent: server }).end()
    server.end()
    t.tracer.startSpan('root').end()
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => [span.name, span.parentIsRemote])).toEqual([
      ['child', false],
      ['server', true],
      ['root', undefined],
    ])
  })

  it('records one error object anew in another trace', async () => {
    await using t = testTracer()
    const shared = new Error('singleton')
    for (const name of ['a', 'b']) t.tracer.startSpan(name).fail(shared).end()
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => span.events.length)).toEqual([1, 1])
  })

  it('records a thrown value without identity once on its way up, and again where it is thrown again', async () => {
    await using t = testTracer()
    const { tracer } = t
    const throwText = () => {
      throw 'timeout'
    }
    const fail = (name: string) => {
      expect(() => tracer.withSpan(name, throwText)).toThrow('timeout')
    }
    tracer.withSpan('root', () => {
      fail('first')
      fail('second')
      expect(() => tracer.withSpan('outer', () => tracer.withSpan('middle', () => tracer.withSpan('inner', throwText)))).toThrow('timeout')
    })
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => `${span.name} ${span.events.length} ${span.status}`)).toEqual([
      'first 1 error',
      'second 1 error',
      'inner 1 error',
      'middle 0 error',
      'outer 0 error',
      'root 0 unset',
    ])
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

  it.each<[string, unknown, number]>([
    ['a list of as many items as are recorded', Array.from({ length: 128 }, () => 1), 0],
    ['a list of more', Array.from({ length: 129 }, () => 1), 1],
    ['a list with a long text', ['a', 'x'.repeat(101)], 1],
    ['an object', { a: 1 }, 0],
    ['an object that is longer as text', { a: 'x'.repeat(101) }, 1],
    ['a large integer', 10n ** 100n, 1],
    ['an error with a long message', new Error('x'.repeat(101)), 1],
  ])('says whether %s was cut', async (_what, value, cut) => {
    await using t = testTracer({ limits: { valueLength: 100 } })
    t.tracer.startSpan('a').setAttribute('a', value).end()
    await t.tracer.flush()
    expect(t.exporter.spans[0]?.attributes['clew.cut_values']).toBe(cut === 0 ? undefined : cut)
    expect(t.tracer.stats().valuesCut).toBe(cut)
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

  it('cuts the name and the attributes that a segment begins with', async () => {
    await using t = testTracer({ limits: { valueLength: 5 } })
    const attributes = { 'url.path': '/123456', header: ['1234567', 'ok'], n: 1 }
    const start = { kind: 'server', attributes, remote: undefined, trust: 'continue' } as const
    t.tracer.startSegment({ name: 'a long name', ...start }).end()
    await t.tracer.flush()
    expect(t.exporter.spans[0]).toMatchObject({
      name: 'a lon',
      attributes: { 'url.path': '/1234', header: ['12345', 'ok'], n: 1, 'clew.cut_values': 2 },
    })
    expect(t.tracer.stats().valuesCut).toBe(2)
  })

  it('cuts the name of a child as well', async () => {
    await using t = testTracer({ limits: { valueLength: 5 } })
    t.tracer.withSpan('root', () => t.tracer.startSpan('a long name').end())
    await t.tracer.flush()
    expect(t.exporter.spans[0]?.name).toBe('a lon')
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
      hostile: '{"boom":"[unreadable]"}',
      proxy: '[unreadable]',
    })
    expect((attributes['long'] as string).length).toBe(4096)
    expect(Object.keys(attributes)).not.toContain('none')
    expect(Object.getPrototypeOf(attributes)).toBe(Object.prototype)
  })

  it('records maps as objects, so that their keys tell what is sensitive', async () => {
    await using t = testTracer()
    const session = new Map<unknown, unknown>([['password', 'hunter2'], ['age', 7], [{ id: 1 }, 'x'], [2, new Map([['token', 't']])], ['__proto__', 1]]) // prettier-ignore
    t.tracer.startSpan('a').setAttribute('form', session).end()
    await t.tracer.flush()
    expect(JSON.parse(String(t.exporter.spans[0]?.attributes['form']))).toEqual({
      password: '[REDACTED]',
      age: 7,
      '{"id":1}': 'x',
      2: { token: '[REDACTED]' },
    })
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

describe('the size of a span', () => {
  const link = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }

  /** What the queue counts for a span without a name beyond one that says nothing. */
  async function sizeOf(fill: (span: Span) => void, limits: LimitOptions = {}): Promise<number> {
    await using t = testTracer({ limits })
    const sizes = [() => {}, fill].map((fn) => {
      const before = t.tracer.stats().queue.bytes
      const span = t.tracer.startSpan('')
      fn(span)
      span.end()
      return t.tracer.stats().queue.bytes - before
    })
    return sizes[1]! - sizes[0]!
  }

  it.each<[string, (span: Span) => void, least: number]>([
    ['names', (span) => span.updateName('x'.repeat(1000)), 1000],
    ['texts', (span) => span.setAttribute('k', 'x'.repeat(1000)), 1001],
    ['names of attributes', (span) => span.setAttribute('k'.repeat(1000), 1), 1000],
    [
      'lists of texts',
      (span) =>
        span.setAttribute(
          'k',
          Array.from({ length: 100 }, () => 'x'.repeat(100)),
        ),
      10_000,
    ],
    [
      'lists of numbers',
      (span) =>
        span.setAttribute(
          'k',
          Array.from({ length: 100 }, () => 0.5),
        ),
      800,
    ],
    ['status messages', (span) => span.setStatus({ code: 'error', message: 'x'.repeat(1000) }), 1000],
    ['names of events', (span) => span.addEvent('x'.repeat(1000)), 1000],
    ['attributes of events', (span) => span.addEvent('e', { k: ['x'.repeat(1000)] }), 1000],
    ['many events', (span) => Array.from({ length: 100 }, () => span.addEvent('')), 10_000],
    ['attributes of links', (span) => span.addLink({ context: link, attributes: { k: 'x'.repeat(1000) } }), 1000],
    ['the state of links', (span) => span.addLink({ context: { ...link, traceState: `a=${'x'.repeat(500)}` } }), 500],
    ['many links', (span) => Array.from({ length: 100 }, () => span.addLink({ context: link })), 10_000],
    ['exceptions', (span) => span.recordException('x'.repeat(1000)), 1000],
  ])('counts %s', async (_what, fill, least) => {
    const size = await sizeOf(fill)
    expect(size).toBeGreaterThanOrEqual(least)
    expect(size).toBeLessThan(2 * least + 300)
  })

  it('counts what was cut as what is left of it', async () => {
    expect(await sizeOf((span) => span.setAttribute('k', 'x'.repeat(1_000_000)), { valueLength: 100 })).toBe(101)
  })

  it('counts a value that is set anew once', async () => {
    const size = await sizeOf((span) => ['x'.repeat(4000), ['x'.repeat(3000)], 'x'].forEach((value) => span.setAttribute('k', value)))
    expect(size).toBe(2)
  })

  it('counts what a segment begins with', async () => {
    await using t = testTracer()
    const attributes = { path: 'x'.repeat(1000), header: ['x'.repeat(1000)] }
    t.tracer.startSegment({ name: 'x'.repeat(1000), kind: 'server', attributes, remote: undefined, trust: 'continue' }).end()
    expect(t.tracer.stats().queue.bytes).toBeGreaterThan(3000)
  })
})
