import { describe, expect, it } from 'vitest'
import { manualClock, testTracer, type TestTracer } from './support.js'

const sweep = (t: TestTracer) => t.tracer.keeper?.open.sweep()
const names = (spans: readonly { name: string }[]) => spans.map((span) => span.name)

describe('a segment that is still running', () => {
  it('is kept as soon as it is slow, and its headers and log lines say so', async () => {
    const clock = manualClock()
    await using t = testTracer({ clock, sampling: { rate: 0 } })
    const root = t.tracer.startSpan('slow')
    const quick = t.tracer.startSpan('quick')
    clock.advance(999)
    sweep(t)
    expect((root as unknown as { traceContext(): { sampled: boolean } }).traceContext().sampled).toBe(false)
    quick.end()
    clock.advance(1)
    sweep(t)
    expect((root as unknown as { traceContext(): { sampled: boolean } }).traceContext().sampled).toBe(true)
    root.end()
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => [span.name, span.attributes['clew.kept']])).toEqual([['slow', 'slow']])
  })

  it('waits for the highest limit while its route is not known', async () => {
    const clock = manualClock()
    await using t = testTracer({ clock, sampling: { rate: 0, keep: { slowerThanMs: [{ route: '/report', ms: 5000 }] } } })
    const root = t.tracer.startSpan('GET', { kind: 'server' })
    const known = t.tracer.startSpan('GET /orders', { kind: 'server', attributes: { 'http.route': '/orders' } })
    clock.advance(2000)
    sweep(t)
    const isKept = (span: typeof root) => (span as unknown as { traceContext(): { sampled: boolean } }).traceContext().sampled
    expect([isKept(root), isKept(known)]).toEqual([false, true])
    root.setAttribute('http.route', '/report')
    root.end()
    known.end()
    await t.tracer.flush()
    expect(names(t.exporter.spans)).toEqual(['GET /orders'])
  })

  it('is looked after by one timer that ends with the last of them', async () => {
    await using t = testTracer({ sampling: { rate: 0, keep: { slowerThanMs: 1 } } })
    const root = t.tracer.startSpan('slow')
    const isKept = () => (root as unknown as { traceContext(): { sampled: boolean } }).traceContext().sampled
    await expect.poll(isKept, { timeout: 5000 }).toBe(true)
    root.end()
    expect(t.tracer.stats().openSegments).toBe(0)
  })

  it('hands its parts over by time, without a span that ends', () => {
    const clock = manualClock()
    const t = testTracer({ clock })
    const root = t.tracer.startSpan('root')
    t.tracer.startSpan('child', { parent: root }).end()
    clock.advance(30_000)
    sweep(t)
    expect(t.tracer.stats().queue.spans).toBe(1)
  })
})

describe('a span that nobody ends', () => {
  it('is exported as unfinished in time, and its end is ignored', async () => {
    const clock = manualClock()
    await using t = testTracer({ clock })
    const root = t.tracer.startSpan('root')
    clock.advance(1000)
    const child = t.tracer.startSpan('child', { parent: root })
    clock.advance(598_999)
    sweep(t)
    expect(root.isRecording()).toBe(true)
    clock.advance(1)
    sweep(t)
    expect([root.isRecording(), child.isRecording()]).toEqual([false, true])
    clock.advance(1000)
    root.setAttribute('late', true).end()
    child.end()
    await t.tracer.flush()
    expect(t.exporter.spans.map(({ name, duration, attributes }) => ({ name, duration, attributes }))).toEqual([
      { name: 'root', duration: 600_000, attributes: { 'clew.unfinished': true } },
      { name: 'child', duration: 600_000, attributes: {} },
    ])
    expect(t.tracer.stats()).toMatchObject({ spansUnfinished: 1, spansEnded: 2, openSegments: 0 })
  })

  it('is as old as it is open, whatever start it was given', () => {
    const clock = manualClock()
    const t = testTracer({ clock, limits: { maxSpanAgeMs: 1000 } })
    const span = t.tracer.startSpan('job', { startTime: clock.now() - 3_600_000 })
    clock.advance(999)
    sweep(t)
    expect(span.isRecording()).toBe(true)
    clock.advance(1)
    sweep(t)
    expect(span.isRecording()).toBe(false)
  })

  it('does not pile up, in one segment or in many', async () => {
    const t = testTracer({ limits: { spansPerSegment: 100 }, sampling: { rate: 0, keep: { maxTracesPerSecond: 0 } } })
    const root = t.tracer.startSpan('root')
    for (let i = 0; i < 150; i++) t.tracer.startSpan('lost', { parent: root })
    expect(t.tracer.stats()).toMatchObject({ spansUnfinished: 51, openSegments: 1 })
    expect(root.isRecording()).toBe(true)
    for (let i = 0; i < 20_010; i++) t.tracer.startSpan('lost')
    expect(t.tracer.stats()).toMatchObject({ openSegments: 20_000 })
    expect(root.isRecording()).toBe(false)
    await t.tracer.shutdown()
  })

  it('does not push out requests that are in flight; of those whose answer is complete it does', async () => {
    const t = testTracer({ sampling: { rate: 0 } })
    const requests = Array.from({ length: 20_100 }, () => t.tracer.startSpan('GET', { kind: 'server' }))
    const late = requests.slice(0, 2).map((parent) => t.tracer.startSpan('late', { parent }))
    for (const request of requests.slice(0, 2)) request.end()
    for (let i = 0; i < 20_000; i++) t.tracer.startSpan('lost')
    expect(requests.slice(2).every((request) => request.isRecording())).toBe(true)
    expect(late.map((span) => span.isRecording())).toEqual([false, false])
    expect(t.tracer.stats()).toMatchObject({ openSegments: 40_098, spansUnfinished: 2 })
    await t.tracer.shutdown()
  })

  it('is in no histogram: how long it takes nobody knows', async () => {
    const clock = manualClock()
    await using t = testTracer({ clock, metrics: { spans: ['*'] } })
    const span = t.tracer.startSpan('lost')
    const request = t.tracer.startSpan('GET', { kind: 'server', attributes: { 'http.request.method': 'GET' } })
    clock.advance(600_000)
    sweep(t)
    expect([span.isRecording(), request.isRecording()]).toEqual([false, false])
    expect(t.tracer.stats()).toMatchObject({ spansUnfinished: 2, metrics: { series: 0 } })
  })
})

describe('big segments', () => {
  const big = { limits: { spansPerSegment: 10 }, queue: { maxBatchSpans: 5000 } }

  it('record beyond the limit what is slow for its kind, and tell what is missing by operation', async () => {
    const clock = manualClock()
    await using t = testTracer({ ...big, clock, sampling: { keep: { slowerThanMs: 1e9 } } })
    const root = t.tracer.startSpan('root')
    const run = (name: string, ms: number) => {
      const span = t.tracer.startSpan(name, { parent: root })
      clock.advance(ms)
      span.end()
    }
    for (let i = 0; i < 210; i++) run('SELECT', 1 + (i % 5))
    for (let i = 0; i < 5; i++) run('render', 50)
    run('SELECT', 100)
    run('SELECT', 3)
    root.end()
    await t.tracer.flush()
    expect(t.exporter.spans).toHaveLength(12)
    expect(t.exporter.spans.at(-2)).toMatchObject({ name: 'SELECT', duration: 100 })
    expect(t.exporter.spans.at(-1)?.attributes).toEqual({
      'clew.dropped_spans': 206,
      'clew.dropped_operations': ['201 SELECT', '5 render'],
    })
  })

  it('count at most a hundred operations by name', async () => {
    await using t = testTracer({ ...big, clock: manualClock() })
    const root = t.tracer.startSpan('root')
    for (let i = 0; i < 1000; i++) t.tracer.startSpan(`name ${i}`, { parent: root }).end()
    root.end()
    await t.tracer.flush()
    const { attributes } = t.exporter.spans.at(-1)!
    expect(attributes['clew.dropped_spans']).toBe(990)
    expect((attributes['clew.dropped_operations'] as string[])[0]).toBe('891 other operations')
    expect(attributes['clew.dropped_operations']).toHaveLength(20)
  })

  it('go to the recorder in parts while undecided, and come back together', async () => {
    await using t = testTracer({ sampling: { rate: 0 }, queue: { maxBatchSpans: 5000 } })
    const root = t.tracer.startSpan('root')
    for (let i = 0; i < 2500; i++) t.tracer.startSpan('child', { parent: root }).end()
    expect(t.tracer.stats()).toMatchObject({ recorder: { segments: 2 }, queue: { spans: 0 } })
    root.keep()
    expect(t.tracer.stats().queue.spans).toBe(2000)
    root.end()
    await t.tracer.flush()
    expect(t.exporter.spans).toHaveLength(2501)
    expect(t.exporter.spans.at(-1)?.attributes).toEqual({ 'clew.kept': 'user' })
    expect(t.tracer.stats()).toMatchObject({ spansPassed: 0, segmentsKept: 1, segmentsPassed: 0, recorder: { promoted: 2 } })
  })

  it('say so where the recorder no longer holds all of them', async () => {
    await using t = testTracer({ recorder: { maxBytes: 65_536 }, limits: { spansPerSegment: 1e6 }, sampling: { rate: 0 } })
    const root = t.tracer.startSpan('root')
    for (let i = 0; i < 5000; i++) t.tracer.startSpan('child', { parent: root, attributes: { n: i % 50 } }).end()
    root.keep()
    root.end()
    await t.tracer.flush()
    expect(t.exporter.spans.length).toBeLessThan(5000)
    expect(t.exporter.spans.at(-1)?.attributes).toEqual({ 'clew.kept': 'user', 'clew.incomplete': 'recorder window passed' })
    expect(t.tracer.stats().spansPassed).toBe(5001 - t.exporter.spans.length)
  })

  it('say so where a part of them was too big for the recorder', async () => {
    await using t = testTracer({ recorder: { maxBytes: 65_536 }, sampling: { rate: 0 } })
    const root = t.tracer.startSpan('root')
    for (let i = 0; i < 1000; i++) t.tracer.startSpan('child', { parent: root, attributes: { n: `number ${i}`.padEnd(50) } }).end()
    root.keep()
    root.end()
    await t.tracer.flush()
    expect(t.exporter.spans.map(({ attributes }) => attributes)).toEqual([
      { 'clew.kept': 'user', 'clew.incomplete': 'too big for the recorder' },
    ])
  })

  it('are shown to keep.when whole', () => {
    const seen: number[] = []
    const t = testTracer({ sampling: { rate: 0, keep: { when: ({ spans }) => seen.push(spans.length) < 0 } } })
    const root = t.tracer.startSpan('root')
    for (let i = 0; i < 2500; i++) t.tracer.startSpan('child', { parent: root }).end()
    root.end()
    expect(seen).toEqual([2501])
  })
})
