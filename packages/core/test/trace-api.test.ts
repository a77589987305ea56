import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import {
  bind,
  continueTrace,
  extract,
  getActiveSpan,
  getSpanId,
  getTraceContext,
  getTraceHeaders,
  getTraceId,
  inject,
  keepTrace,
  runWithSpan,
  startSpan,
  suppressTracing,
  withSpan,
} from '../src/index.js'
import type { SpanData } from '../src/span-data.js'
import { contextStorage } from '../src/context.js'
import { defaultTestTracer, testTracer } from './support.js'

/** A function that finds a span by its name. */
function byName(spans: readonly SpanData[]): (name: string) => SpanData {
  return (name) => spans.find((span) => span.name === name) ?? expect.unreachable(`no span ${name}`)
}

describe('withSpan', () => {
  it('nests by context, across awaits and timers, and returns what the function returns', async () => {
    await using t = defaultTestTracer()
    const result = await withSpan('outer', async (outer) => {
      await nextTurn()
      expect(getActiveSpan()).toBe(outer)
      const sum = withSpan('sync', () => 1 + 1)
      await Promise.all([withSpan('left', () => nextTurn().then(() => nextTurn())), withSpan('right', () => nextTurn())])
      return sum
    })
    expect(result).toBe(2)
    expect(getActiveSpan()).toBeUndefined()
    await t.tracer.flush()
    const [outer, sync, left, right] = ['outer', 'sync', 'left', 'right'].map(byName(t.exporter.spans)) as [
      SpanData,
      SpanData,
      SpanData,
      SpanData,
    ]
    expect(new Set(t.exporter.spans.map((span) => span.traceId)).size).toBe(1)
    expect([sync.parentSpanId, left.parentSpanId, right.parentSpanId]).toEqual([outer.spanId, outer.spanId, outer.spanId])
  })

  it('records what is thrown once, at the innermost span, fails every span on the way and throws it on unchanged', async () => {
    await using t = defaultTestTracer()
    const error = new RangeError('too far')
    const thrown = await withSpan('outer', () =>
      withSpan('middle', async () =>
        withSpan('inner', () => {
          throw error
        }),
      ),
    ).catch((caught: unknown) => caught)
    expect(thrown).toBe(error)
    await t.tracer.flush()
    const [outer, middle, inner] = ['outer', 'middle', 'inner'].map(byName(t.exporter.spans)) as [SpanData, SpanData, SpanData]
    expect([outer.status, middle.status, inner.status]).toEqual(['error', 'error', 'error'])
    expect([outer.events.length, middle.events.length, inner.events.length]).toEqual([0, 0, 1])
  })

  it('records a thrown primitive once', async () => {
    await using t = defaultTestTracer()
    expect(() =>
      withSpan('outer', () =>
        withSpan('inner', () => {
          throw 'text'
        }),
      ),
    ).toThrow('text')
    await t.tracer.flush()
    const [outer, inner] = ['outer', 'inner'].map(byName(t.exporter.spans)) as [SpanData, SpanData]
    expect([outer.events.length, inner.events.length]).toEqual([0, 1])
  })

  it('starts a lazy thenable once, inside the span', async () => {
    await using t = defaultTestTracer()
    let started = 0
    const builder = {
      then: (done: (value: string) => void) => {
        started++
        withSpan('query', () => {})
        done('rows')
      },
    }
    expect(await withSpan('db', () => builder as unknown as Promise<string>)).toBe('rows')
    expect(started).toBe(1)
    await t.tracer.flush()
    const [db, query] = ['db', 'query'].map(byName(t.exporter.spans)) as [SpanData, SpanData]
    expect(query.parentSpanId).toBe(db.spanId)
  })

  it('begins a new trace with parent: null and continues a given context', async () => {
    await using t = defaultTestTracer()
    const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 }
    withSpan('outer', () => {
      withSpan('alone', { parent: null }, () => {})
      withSpan('given', { parent: remote }, () => {})
      withSpan('bad', { parent: { ...remote, traceId: 'ABC' } }, () => {})
    })
    await t.tracer.flush()
    const [outer, alone, given, bad] = ['outer', 'alone', 'given', 'bad'].map(byName(t.exporter.spans)) as [
      SpanData,
      SpanData,
      SpanData,
      SpanData,
    ]
    expect([bad.traceId.length, bad.parentSpanId]).toEqual([32, undefined])
    expect(alone.traceId).not.toBe(outer.traceId)
    expect(given).toMatchObject({ traceId: remote.traceId, parentSpanId: remote.spanId, parentIsRemote: true })
  })

  it('never throws for what it is given instead of options', async () => {
    await using t = defaultTestTracer()
    const odd = [undefined, null, 5, 'text', { links: 'a' }, { links: 5 }, { parent: 5 }, { parent: {} }, { parent: { spanContext() {} } }]
    for (const options of odd as never[]) {
      startSpan('root', options).end()
      t.tracer.startSpan('root', options).end()
      withSpan('outer', options, () => withSpan('inner', options, () => {}))
      continueTrace({}, 'job', options, () => startSpan('in job', options).end())
      const ended = startSpan('ended')
      ended.end()
      runWithSpan(ended, () => startSpan('late', options).end())
    }
    await t.tracer.flush()
    expect(t.exporter.spans).toHaveLength(odd.length * 8)
  })
})

describe('the active span', () => {
  it('is known by its ids, and absent outside', async () => {
    await using t = defaultTestTracer()
    expect([getTraceId(), getSpanId(), getTraceContext(), getTraceHeaders()]).toEqual([undefined, undefined, undefined, {}])
    withSpan('a', (span) => {
      const { traceId, spanId } = span.spanContext()
      expect([getTraceId(), getSpanId()]).toEqual([traceId, spanId])
      expect(getTraceContext()).toEqual({ traceId, spanId, service: 'test', sampled: true, traceFlags: 3 })
    })
    expect(t.errors).toEqual([])
  })

  it('is set by runWithSpan, which does not end it, and carried by bind', async () => {
    await using t = defaultTestTracer()
    const span = startSpan('manual')
    expect(getActiveSpan()).toBeUndefined()
    const later = runWithSpan(span, () =>
      bind(function (this: unknown, n: number) {
        return [getActiveSpan(), n, this]
      }),
    )
    const self = {}
    expect(later.call(self, 7)).toEqual([span, 7, self])
    expect(span.isRecording()).toBe(true)
    span.end()
    expect(t.exporter.spans).toEqual([])
  })

  it('is the one at the time of bind, and none for what was bound outside', async () => {
    await using _t = defaultTestTracer()
    const outside = bind((n: number) => [getTraceId(), n])
    withSpan('a', () => expect(outside(7)).toEqual([undefined, 7]))
  })

  it('stays hidden in suppressTracing, however a span is begun', async () => {
    await using t = defaultTestTracer()
    const outer = startSpan('outer')
    suppressTracing(() => {
      withSpan('alone', { parent: null }, () => {})
      withSpan('child', { parent: outer }, () => {})
      t.tracer.withSpan('alone', { parent: null }, () => t.tracer.startSpan('child', { parent: outer }).end())
      withSpan('hidden', () => {
        expect([getActiveSpan(), getTraceHeaders()]).toEqual([undefined, {}])
        continueTrace({}, 'job', () => {})
        withSpan('alone', { parent: null }, () => {})
      })
      runWithSpan(outer, () => expect([startSpan('child').isRecording(), getTraceHeaders()]).toEqual([false, {}]))
    })
    outer.end()
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => span.name)).toEqual(['outer'])
  })

  it('is hidden by suppressTracing', async () => {
    await using t = defaultTestTracer()
    await withSpan('outer', () =>
      suppressTracing(async () => {
        await nextTurn()
        expect([getActiveSpan(), getTraceContext(), getTraceHeaders()]).toEqual([undefined, undefined, {}])
        withSpan('hidden', () => startSpan('also hidden').end())
        continueTrace({}, 'hidden too', () => {})
      }),
    )
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => span.name)).toEqual(['outer'])
  })
})

describe('inject and continueTrace', () => {
  it('carry a trace through a job: the consumer is the child of the sender', async () => {
    await using t = defaultTestTracer()
    const job = withSpan('send', { kind: 'producer' }, () => inject({ to: 'a' } as Record<string, string>))
    expect(job).toMatchObject({ to: 'a', traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/), 'x-sampled': '1' })
    await continueTrace(JSON.parse(JSON.stringify(job)), 'process', async (span) => {
      await nextTurn()
      span.setAttribute('n', 1)
    })
    await t.tracer.flush()
    const [send, process] = ['send', 'process'].map(byName(t.exporter.spans)) as [SpanData, SpanData]
    expect(process).toMatchObject({ traceId: send.traceId, parentSpanId: send.spanId, kind: 'consumer', parentIsRemote: true })
  })

  it('begin a new trace where the carrier holds nothing or rubbish', async () => {
    await using t = defaultTestTracer()
    for (const carrier of [
      {},
      null,
      undefined,
      5,
      { traceparent: 'rubbish' },
      { traceparent: `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01` },
    ])
      continueTrace(carrier, 'job', () => {})
    await t.tracer.flush()
    expect(t.exporter.spans).toHaveLength(6)
    expect(t.exporter.spans.every((span) => span.parentSpanId === undefined)).toBe(true)
    expect(new Set(t.exporter.spans.map((span) => span.traceId)).size).toBe(6)
  })

  it('report a carrier that throws, and go on', async () => {
    await using t = defaultTestTracer()
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('trap')
        },
        set: () => {
          throw new Error('trap')
        },
        has: () => false,
        getOwnPropertyDescriptor: () => {
          throw new Error('trap')
        },
      },
    )
    expect(withSpan('a', () => inject(hostile))).toBe(hostile)
    expect(
      extract({ headers: 1 }, () => {
        throw new Error('getter')
      }),
    ).toBeUndefined()
    expect(new Set(t.errors.map((error) => error.code))).toEqual(new Set(['CARRIER_FAILED']))
  })

  it('read what a getter gives as text, bytes or numbers, and go on from it', async () => {
    await using t = defaultTestTracer()
    const headers = { traceparent: Buffer.from(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`), 'x-request-id': 12345678, tracestate: {} }
    const get = (carrier: object, name: string) => (carrier as Record<string, never>)[name]
    expect(extract(headers, get)).toMatchObject({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), requestId: '12345678' })
    expect(t.errors).toEqual([])
  })

  it('leave what extract returned for startSpan to continue', async () => {
    await using t = defaultTestTracer({ sampling: { rate: 0 } })
    const w3c = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'x=1' }
    startSpan('job', { parent: extract(w3c) }).end()
    startSpan('passed', { parent: extract({ ...w3c, traceparent: w3c.traceparent.replace('-01', '-00') }) }).end()
    startSpan('external', { parent: extract({ 'x-trace-id': 'abc-123', 'x-sampled': '1' }) }).end()
    withSpan('outer', () =>
      startSpan('none', { parent: extract({}) })
        .keep()
        .end(),
    )
    await t.tracer.flush()
    const [job, external, none, outer] = ['job', 'external', 'none', 'outer'].map(byName(t.exporter.spans)) as SpanData[]
    expect(t.exporter.spans).toHaveLength(4)
    expect(job).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16), parentIsRemote: true, traceState: 'x=1', flags: 1 })
    expect(external).toMatchObject({ parentSpanId: undefined, attributes: { 'trace.external_id': 'abc-123' } })
    expect(none?.parentSpanId).toBe(outer?.spanId)
  })

  it.each([
    ['continue', { sameTrace: true, sampled: true, links: 0 }],
    ['accept', { sameTrace: true, sampled: false, links: 0 }],
    ['restart', { sameTrace: false, sampled: false, links: 1 }],
    ['ignore', { sameTrace: false, sampled: false, links: 0 }],
  ] as const)('obey propagation.trust: %s', async (trust, expected) => {
    await using t = defaultTestTracer({ propagation: { trust }, sampling: { rate: 0 } })
    const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }
    continueTrace(headers, 'job', (span) => span.keep())
    startSpan('job', { parent: extract(headers) })
      .keep()
      .end()
    await t.tracer.flush()
    const seen = t.exporter.spans.map((span) => ({
      sameTrace: span.traceId === 'a'.repeat(32),
      sampled: (span.flags & 1) === 1,
      links: span.links.length,
    }))
    expect(seen).toEqual([expected, expected])
  })

  it.each(['restart', 'ignore'] as const)('carry no baggage on under trust: %s, as adapters do', async (trust) => {
    await using _owned = defaultTestTracer({ propagation: { trust } })
    const carrier = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, baggage: 'user=7' }
    expect(continueTrace(carrier, 'job', () => getTraceHeaders())).not.toHaveProperty('baggage')
  })

  it('carry baggage on through every span below, as far as suppressTracing', async () => {
    await using _t = defaultTestTracer()
    const carried = () => [getTraceHeaders()['baggage'], withSpan('inner', () => getTraceHeaders()['baggage'])]
    continueTrace({ baggage: 'user=7 , plan=pro;ttl=3' }, 'job', () => {
      expect(carried()).toEqual(['user=7,plan=pro;ttl=3', 'user=7,plan=pro;ttl=3'])
      expect(continueTrace({}, 'other job', carried)).toEqual([undefined, undefined])
      expect(suppressTracing(carried)).toEqual([undefined, undefined])
      expect(bind(carried)()).toEqual(['user=7,plan=pro;ttl=3', 'user=7,plan=pro;ttl=3'])
    })
    expect(withSpan('later', carried)).toEqual([undefined, undefined])
  })

  it('keep values of other owners in the context, whatever begins inside', async () => {
    await using _t = defaultTestTracer()
    const key = Symbol('other')
    const seen: unknown[] = []
    const see = () => void seen.push(contextStorage.getStore()?.values?.[key])
    contextStorage.run({ span: undefined, root: undefined, baggage: undefined, suppressed: false, values: { [key]: 1 } }, () => {
      withSpan('a', see)
      continueTrace({}, 'b', see)
      suppressTracing(see)
      bind(see)()
    })
    expect(seen).toEqual([1, 1, 1, 1])
  })

  it('keep an external id unchanged while the trace id is derived from it', async () => {
    await using t = defaultTestTracer()
    continueTrace({ 'x-trace-id': 'abc-123' }, 'job', () => {
      expect(getTraceContext()).toMatchObject({ externalId: 'abc-123' })
      expect(getTraceHeaders()).toMatchObject({ 'x-trace-id': 'abc-123', traceparent: expect.stringContaining(getTraceId()!) })
    })
    await t.tracer.flush()
    expect(t.exporter.spans[0]?.attributes).toMatchObject({ 'trace.external_id': 'abc-123' })
  })
})

describe('inside a span of another tracer', () => {
  it("what that tracer's propagation says counts, not the default's", async () => {
    await using t = defaultTestTracer({ propagation: { inject: ['x-trace'], extract: ['x-trace'] } })
    await using own = testTracer({ service: 'own', propagation: { inject: ['w3c'], extract: ['w3c'] } })
    const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, 'x-trace-id': 'c'.repeat(32) }
    own.tracer.withSpan('outer', () => {
      expect(Object.keys(getTraceHeaders())).toEqual(['traceparent'])
      expect(extract(headers)?.traceId).toBe('a'.repeat(32))
      continueTrace(headers, 'job', () => expect(getTraceContext()).toMatchObject({ traceId: 'a'.repeat(32), service: 'own' }))
      startSpan('alone', { parent: null }).end()
    })
    expect(extract(headers)?.traceId).toBe('c'.repeat(32))
    await own.tracer.flush()
    expect(own.exporter.spans.map((span) => span.name)).toEqual(['job', 'alone', 'outer'])
    expect(t.tracer.stats().spansStarted).toBe(0)
  })

  it('that tracer hears of a carrier that throws', async () => {
    await using t = defaultTestTracer()
    await using own = testTracer()
    own.tracer.withSpan('outer', () => inject(Object.freeze({})))
    expect([own.errors.length, t.errors.length]).toEqual([1, 0])
  })
})

describe('keepTrace', () => {
  it('keeps the active segment and says why', async () => {
    await using t = defaultTestTracer({ sampling: { rate: 0 } })
    withSpan('kept', () => withSpan('child', () => keepTrace('support case')))
    withSpan('passed', () => {})
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => span.name)).toEqual(['child', 'kept'])
    expect(t.exporter.spans[1]?.attributes).toMatchObject({ 'clew.kept': 'user', 'clew.keep.reason': 'support case' })
  })
})
