import { describe, expect, it } from 'vitest'
import type { Exporter } from '../src/exporter.js'
import { memoryExporter } from '../src/memory-exporter.js'
import type { TracerOptions } from '../src/options.js'
import { extractContext } from '../src/propagator.js'
import type { Span } from '../src/span.js'
import { manualClock, testTracer, type TestTracer } from './support.js'

const RATE_0 = { sampling: { rate: 0 } }
const names = (spans: readonly { name: string }[]) => spans.map((span) => span.name)

/** The part of an exporter that tells other processes what is kept; `tell` is what they say. */
function keepChannel(): Required<Pick<Exporter, 'keep' | 'onKeep'>> & {
  readonly kept: string[][]
  tell(traceIds: readonly unknown[]): void
  listeners: number
} {
  const listeners = new Set<(traceIds: readonly string[]) => void>()
  const kept: string[][] = []
  return {
    kept,
    keep: (traceIds) => void kept.push([...traceIds]),
    onKeep(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    tell: (traceIds) => listeners.forEach((listener) => listener(traceIds as string[])),
    get listeners() {
      return listeners.size
    },
  }
}

function channelTracer(options: TracerOptions = RATE_0): TestTracer & { readonly channel: ReturnType<typeof keepChannel> } {
  const exporter = memoryExporter()
  const channel = keepChannel()
  const t = testTracer({ exporter: Object.assign(exporter, { keep: channel.keep, onKeep: channel.onKeep }), ...options })
  return Object.assign(t, { exporter, channel })
}

const idOf = (span: Span) => span.spanContext().traceId
const remoteOf = (traceId: string, flags = '00') =>
  extractContext((name) => (name === 'traceparent' ? `00-${traceId}-00f067aa0ba902b7-${flags}` : undefined), ['w3c'])!

function pass(t: TestTracer, name = 'passed'): string {
  const root = t.tracer.startSpan(name)
  t.tracer.startSpan(`${name} child`, { parent: root }).end()
  root.end()
  return idOf(root)
}

describe('a segment that passed', () => {
  it('is kept whole after all when one of its spans is told to', async () => {
    await using t = testTracer(RATE_0)
    const root = t.tracer.startSpan('root', { attributes: { tier: 'gold' } })
    t.tracer.startSpan('child', { parent: root }).end()
    root.end()
    expect(t.tracer.stats()).toMatchObject({ segmentsPassed: 1, spansPassed: 2, recorder: { segments: 1, promoted: 0 } })
    root.keep()
    await t.tracer.flush()
    expect(names(t.exporter.spans)).toEqual(['child', 'root'])
    expect(t.exporter.spans.map((span) => span.attributes)).toEqual([{}, { tier: 'gold', 'clew.kept': 'user' }])
    expect(t.tracer.stats()).toMatchObject({ segmentsKept: 1, segmentsPassed: 0, spansPassed: 0, recorder: { segments: 0, promoted: 1 } })
  })

  it('is kept with a late span that fails, and with the segments of its trace', async () => {
    await using t = testTracer(RATE_0)
    const remote = remoteOf('0af7651916cd43dd8448eb211c80319c')
    t.tracer.startSpan('sibling', { parent: remote }).end()
    const root = t.tracer.startSpan('root', { parent: remote })
    const late = t.tracer.startSpan('late', { parent: root })
    root.end()
    late.fail(new Error('x')).end()
    t.tracer.startSpan('next', { parent: remote }).end()
    pass(t, 'other')
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => [span.name, span.attributes['clew.kept']]).sort()).toEqual([
      ['late', undefined],
      ['next', 'trace'],
      ['root', 'error'],
      ['sibling', 'trace'],
    ])
    expect(t.tracer.stats()).toMatchObject({
      segmentsKept: 3,
      segmentsPassed: 1,
      kept: { error: 1, trace: 2, slow: 0, user: 0, rule: 0, sampled: 0 },
    })
  })

  it('is gone where there is no recorder', async () => {
    await using t = testTracer({ ...RATE_0, recorder: false })
    const root = t.tracer.startSpan('root')
    root.end()
    root.keep()
    await t.tracer.flush()
    expect(t.exporter.spans).toEqual([])
    expect(t.tracer.stats().recorder).toEqual({ windowMs: 0, bytes: 0, maxBytes: 0, segments: 0, promoted: 0, evicted: 0 })
  })

  it('is gone at shutdown, with the memory that held it; what ends later is counted as dropped', async () => {
    const t = testTracer({ ...RATE_0, recorder: { maxBytes: 65_536 } })
    for (let index = 0; index < 5000; index++) t.tracer.startSpan(`name ${index}`).end()
    const open = t.tracer.startSpan('open')
    t.tracer.startSpan('child', { parent: open }).end()
    expect(t.tracer.stats().recorder.evicted).toBeGreaterThan(0)
    await t.tracer.shutdown()
    expect(t.tracer.stats()).toMatchObject({ openSegments: 0, recorder: { segments: 0, bytes: 0, windowMs: 0 } })
    open.keep().end()
    t.tracer.startSpan('after').fail(new Error('x')).end()
    t.tracer.startSpan('ordinary').end()
    await t.tracer.flush()
    expect(t.exporter.spans).toEqual([])
    expect(t.tracer.stats()).toMatchObject({ segmentsPassed: 5001, queue: { dropped: { shutdown: 3 } }, recorder: { bytes: 0 } })
    expect(t.errors).toEqual([])
  })

  it('says why it is incomplete where there is no recorder', async () => {
    await using t = testTracer({ ...RATE_0, recorder: false })
    const root = t.tracer.startSpan('root')
    const late = t.tracer.startSpan('late', { parent: root })
    root.end()
    late.fail(new Error('x')).end()
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => [span.name, span.attributes['clew.incomplete']])).toEqual([['late', 'no recorder']])
  })

  it('tells how far back one can ask', async () => {
    const clock = manualClock()
    await using t = testTracer({ ...RATE_0, clock })
    pass(t)
    clock.advance(7000)
    pass(t)
    expect(t.tracer.stats().recorder).toMatchObject({ windowMs: 7000, segments: 2, evicted: 0, maxBytes: 24 * 1024 * 1024 })
  })
})

describe('the keep channel', () => {
  it('is told the ids of what was kept, each once', async () => {
    await using t = channelTracer()
    const [a, b] = [t.tracer.startSpan('a'), t.tracer.startSpan('b')]
    for (const span of [a, b, a]) t.tracer.startSpan('child', { parent: span }).fail(new Error('x')).end()
    for (const span of [a, b]) span.end()
    pass(t)
    await t.tracer.flush()
    expect(t.channel.kept).toEqual([[idOf(a), idOf(b)]])
  })

  it('is not told of what was sampled', async () => {
    await using t = channelTracer({})
    t.tracer.startSpan('failed').fail(new Error('x')).end()
    await t.tracer.flush()
    expect(t.channel.kept).toEqual([])
  })

  it('brings back what passed, and has later segments kept from the start', async () => {
    const clock = manualClock()
    await using t = channelTracer({ ...RATE_0, clock })
    const traceId = pass(t)
    t.channel.tell([traceId])
    await t.tracer.flush()
    expect(names(t.exporter.spans)).toEqual(['passed child', 'passed'])
    clock.advance(14 * 60_000)
    const later = t.tracer.startSpan('later', { parent: remoteOf(traceId) })
    expect((later as unknown as { traceContext(): object }).traceContext()).toMatchObject({ sampled: true, traceFlags: 0 })
    later.end()
    await t.tracer.flush()
    expect(names(t.exporter.spans)).toEqual(['passed child', 'passed', 'later'])
    expect(t.channel.kept).toEqual([])
  })

  it('reaches a segment that is open, parts of it in the recorder included', async () => {
    const clock = manualClock()
    await using t = channelTracer({ sampling: { rate: 0, keep: { slowerThanMs: 1e9 } }, clock })
    const root = t.tracer.startSpan('root')
    clock.advance(30_000)
    t.tracer.startSpan('early', { parent: root }).end()
    expect(t.tracer.stats().recorder.segments).toBe(1)
    t.channel.tell([idOf(root)])
    await t.tracer.flush()
    expect(names(t.exporter.spans)).toEqual(['early'])
    root.end()
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => [span.name, span.attributes])).toEqual([
      ['early', {}],
      ['root', { 'clew.kept': 'trace' }],
    ])
  })

  it('reaches a long segment while it runs, before the recorder forgets its parts', async () => {
    const clock = manualClock()
    await using t = channelTracer({ sampling: { rate: 0, keep: { slowerThanMs: 1e9 } }, clock })
    const root = t.tracer.startSpan('stream')
    t.channel.tell([idOf(root)])
    for (let part = 0; part < 5; part++) {
      clock.advance(30_000)
      t.tracer.startSpan(`event ${part}`, { parent: root }).end()
    }
    root.end()
    await t.tracer.flush()
    expect(names(t.exporter.spans)).toEqual(['event 0', 'event 1', 'event 2', 'event 3', 'event 4', 'stream'])
    expect(t.exporter.spans.at(-1)?.attributes).toEqual({ 'clew.kept': 'trace' })
  })

  it('may call back from within, say a million ids at once, and say what it said before', async () => {
    let tell: (traceIds: readonly string[]) => void = () => {}
    const told: string[] = []
    const channel: Pick<Exporter, 'keep' | 'onKeep'> = {
      onKeep(listener) {
        tell = listener
        listener(['f'.repeat(32)])
        return () => {}
      },
      keep(traceIds) {
        told.push(...traceIds)
        tell(traceIds)
        tell([...traceIds, ...traceIds.map((traceId) => `${traceId.slice(0, 31)}${traceId.endsWith('0') ? '1' : '0'}`)])
      },
    }
    const exporter = memoryExporter()
    await using t = testTracer({ ...RATE_0, clock: manualClock(), exporter: Object.assign(exporter, channel) })
    tell(Array.from({ length: 1_000_000 }, (_, index) => `a${index.toString(16).padStart(31, '0')}`))
    const failed = t.tracer.startSpan('failed').fail(new Error('x'))
    failed.end()
    await t.tracer.flush()
    await t.tracer.flush()
    expect(told).toEqual([idOf(failed)])
    expect(names(exporter.spans)).toEqual(['failed'])
    // Ten times ten times `keep.maxTracesPerSecond`: of the rest nothing is remembered.
    const begun = Array.from({ length: 20_000 }, (_, index) => remoteOf(`a${index.toString(16).padStart(31, '0')}`))
    for (const parent of begun) t.tracer.startSpan('next', { parent }).end()
    expect(t.tracer.stats().kept.trace).toBe(9_999)
  })

  it('is not spoken to after shutdown', async () => {
    const t = channelTracer()
    const open = t.tracer.startSpan('open')
    await t.tracer.shutdown()
    open.fail(new Error('x')).end()
    await t.tracer.flush()
    expect(t.channel.kept).toEqual([])
  })

  it('may say anything', async () => {
    await using t = channelTracer()
    const traceId = pass(t)
    t.channel.tell([undefined, 7, 'x', '0'.repeat(32), traceId.toUpperCase() + 'F', {}])
    ;(t.channel.tell as (ids: unknown) => void)('not a list')
    t.channel.tell([traceId, traceId])
    await t.tracer.flush()
    expect(t.exporter.spans).toHaveLength(2)
    expect(t.errors).toEqual([])
  })

  it('may fail, now or later', async () => {
    const exporter = memoryExporter()
    const fail = () => {
      throw new Error('channel')
    }
    await using t = testTracer({ ...RATE_0, exporter: Object.assign(exporter, { keep: async () => fail(), onKeep: fail }) })
    t.tracer.startSpan('failed').fail(new Error('x')).end()
    await t.tracer.flush()
    await Promise.resolve()
    expect(names(exporter.spans)).toEqual(['failed'])
    expect(t.errors.map(({ code, message }) => [code, message])).toEqual([
      ['EXPORT_FAILED', 'The exporter failed on its keep channel'],
      ['EXPORT_FAILED', 'The exporter failed on its keep channel'],
    ])
  })

  it('is left at shutdown', async () => {
    const t = channelTracer()
    expect(t.channel.listeners).toBe(1)
    t.tracer.startSpan('failed').fail(new Error('x')).end()
    await t.tracer.shutdown()
    expect(t.channel.kept).toHaveLength(1)
    expect(t.channel.listeners).toBe(0)
    t.channel.tell([idOf(t.tracer.startSpan('after'))])
    expect(t.tracer.stats().recorder).toMatchObject({ bytes: 0 })
  })
})

describe('the cap on kept traces', () => {
  const KEEP_10 = { rate: 0, keep: { maxTracesPerSecond: 10 } }
  const fail = (t: TestTracer, name = 'failed') => {
    const root = t.tracer.startSpan(name)
    t.tracer.startSpan('fine', { parent: root }).end()
    t.tracer.startSpan('failing', { parent: root }).fail(new Error('x')).end()
    root.end()
    return idOf(root)
  }

  it('lets a burst pass up to ten times, and exports the telling part of ten times more', async () => {
    const clock = manualClock()
    await using t = testTracer({ clock, sampling: KEEP_10, queue: { maxBatchSpans: 10_000 } })
    for (let i = 0; i < 300; i++) fail(t)
    await t.tracer.flush()
    expect(t.tracer.stats()).toMatchObject({ segmentsKept: 100, segmentsPassed: 200, segmentsOverCap: 200, segmentsCut: 100 })
    const cut = t.exporter.spans.filter((span) => span.attributes['clew.cut'] === true)
    expect(names(cut).slice(0, 2)).toEqual(['failing', 'failed'])
    expect(cut).toHaveLength(200)
    expect(cut[1]?.attributes['clew.kept']).toBe('error')
    expect(t.exporter.spans).toHaveLength(100 * 3 + 100 * 2)
    expect(t.tracer.stats().recorder.segments).toBe(200)
  })

  it('settles once a second which ids lose, the same ones in every service', async () => {
    const clock = manualClock()
    await using a = channelTracer({ clock, sampling: KEEP_10 })
    await using b = channelTracer({ clock, sampling: { rate: 0, keep: { maxTracesPerSecond: 20 } } })
    const run = () => {
      const traceIds = Array.from({ length: 100 }, () => fail(a))
      for (const traceId of traceIds)
        b.tracer
          .startSpan('other', { parent: remoteOf(traceId) })
          .fail(new Error('x'))
          .end()
    }
    run()
    await Promise.all([a.tracer.flush(), b.tracer.flush()])
    clock.advance(1000)
    run()
    await Promise.all([a.tracer.flush(), b.tracer.flush()])
    const [keptByA, keptByB] = [a.channel.kept[1] ?? [], new Set(b.channel.kept[1])]
    // Four standard deviations of binomials with n = 100 and p = 0.1 and 0.2 are 12 and 16.
    expect(Math.abs(keptByA.length - 10)).toBeLessThanOrEqual(12)
    expect(Math.abs(keptByB.size - 20)).toBeLessThanOrEqual(16)
    expect(keptByA.filter((traceId) => !keptByB.has(traceId))).toEqual([])
    clock.advance(5000)
    fail(a)
    expect(a.tracer.stats().segmentsOverCap).toBe(100 - keptByA.length)
  })

  it('does not hold for traces that are kept already, and what was cut is whole when it is asked for', async () => {
    const clock = manualClock()
    await using t = channelTracer({ clock, sampling: { rate: 0, keep: { maxTracesPerSecond: 0 } } })
    const traceId = fail(t)
    await t.tracer.flush()
    expect(t.exporter.spans).toEqual([])
    expect(t.tracer.stats()).toMatchObject({ segmentsOverCap: 1, segmentsCut: 0 })
    t.tracer.setSampling({ rate: 0, keep: { maxTracesPerSecond: 1 } })
    t.channel.tell([traceId])
    await t.tracer.flush()
    expect(names(t.exporter.spans).sort()).toEqual(['failed', 'failing', 'fine'])
    t.tracer
      .startSpan('again', { parent: remoteOf(traceId) })
      .fail(new Error('x'))
      .end()
    await t.tracer.flush()
    expect(t.exporter.spans.at(-1)).toMatchObject({ name: 'again', attributes: { 'clew.kept': 'trace' } })
  })

  it('brings the local root that had passed, where a late span fails over the cap, and leaves the rest', async () => {
    const clock = manualClock()
    await using t = channelTracer({ clock, sampling: { rate: 0, keep: { maxTracesPerSecond: 1 } } })
    for (let i = 0; i < 10; i++) fail(t)
    await t.tracer.flush()
    t.exporter.clear()
    const root = t.tracer.startSpan('root')
    t.tracer.startSpan('fine', { parent: root }).end()
    const lates = [1, 2].map((count) => t.tracer.startSpan(`late ${count}`, { parent: root }))
    root.end()
    for (const late of lates) late.fail(new Error('x')).end()
    await t.tracer.flush()
    const attributesOf = (name: string) => t.exporter.spans.find((span) => span.name === name)?.attributes
    expect(names(t.exporter.spans).sort()).toEqual(['late 1', 'late 2', 'root'])
    expect(attributesOf('root')).toEqual({ 'clew.cut': true, 'clew.kept': 'error' })
    expect(attributesOf('late 1')).toMatchObject({ 'clew.cut': true })
    expect(t.tracer.stats()).toMatchObject({ segmentsOverCap: 1, segmentsCut: 1, spansPassed: 1 })
    t.channel.tell([idOf(root)])
    await t.tracer.flush()
    expect(names(t.exporter.spans).sort()).toEqual(['fine', 'late 1', 'late 2', 'root'])
  })

  it('can be lifted', () => {
    const t = testTracer({ sampling: { rate: 0, keep: { maxTracesPerSecond: Infinity } } })
    for (let i = 0; i < 2000; i++) fail(t)
    expect(t.tracer.stats()).toMatchObject({ segmentsKept: 2000, segmentsOverCap: 0 })
  })
})

describe('sampling that changes while segments run', () => {
  it('holds for what ends from then on, and for traces that begin', async () => {
    const clock = manualClock()
    await using t = testTracer({ clock, sampling: { rate: 0 } })
    const [slow, failing, sampled] = ['slow', 'failing', 'ordinary'].map((name) => t.tracer.startSpan(name)) as [Span, Span, Span]
    clock.advance(500)
    t.tracer.setSampling({ rate: 1, keep: { errors: false, slowerThanMs: 400 } })
    failing.fail(new Error('x'))
    t.tracer.startSpan('new').end()
    t.tracer.keeper?.open.sweep()
    for (const span of [slow, failing]) span.end()
    t.tracer.setSampling({ rate: 0, keep: { slowerThanMs: 10_000 } })
    sampled.end()
    await t.tracer.flush()
    // All three were slow when the limit was lower.
    expect(t.exporter.spans.map((span) => [span.name, span.attributes['clew.kept']])).toEqual([
      ['new', undefined],
      ['slow', 'slow'],
      ['failing', 'slow'],
      ['ordinary', 'slow'],
    ])
  })
})
