import { describe, expect, it } from 'vitest'
import { qualifiesAsError, type SegmentView } from '../src/verdict.js'
import { manualClock, testTracer } from './support.js'

const names = (spans: readonly { name: string }[]) => spans.map((span) => span.name)

describe('the verdict on an unsampled segment', () => {
  it('passes the ordinary and counts it', async () => {
    await using t = testTracer({ sampling: { rate: 0 } })
    t.tracer.withSpan('root', () => t.tracer.withSpan('child', () => {}))
    await t.tracer.flush()
    expect(t.exporter.spans).toEqual([])
    expect(t.tracer.stats()).toMatchObject({ segmentsPassed: 1, segmentsKept: 0, spansPassed: 2, spansEnded: 2 })
  })

  it('keeps everything where a span failed', async () => {
    await using t = testTracer({ sampling: { rate: 0 } })
    t.tracer.withSpan('root', () => {
      t.tracer.withSpan('before', () => {})
      t.tracer.withSpan('failed', (span) => void span.setStatus({ code: 'error' }))
    })
    await t.tracer.flush()
    expect(names(t.exporter.spans)).toEqual(['before', 'failed', 'root'])
    expect(t.exporter.spans[2]?.attributes['clew.kept']).toBe('error')
  })

  it('keeps the slow, by route where routes are given', async () => {
    const clock = manualClock()
    await using t = testTracer({ clock, sampling: { rate: 0, keep: { slowerThanMs: [{ route: '/report', ms: 5000 }] } } })
    for (const [route, ms] of [
      ['/report', 4000],
      ['/orders', 1000],
      ['/orders', 999],
      ['/report', 5000],
    ] as const) {
      const span = t.tracer.startSpan(`${route} ${ms}`, { attributes: { 'http.route': route } })
      clock.advance(ms)
      span.end()
    }
    await t.tracer.flush()
    expect(names(t.exporter.spans)).toEqual(['/orders 1000', '/report 5000'])
  })

  it('asks keep.when at the end; one that throws decides nothing and is reported', async () => {
    await using t = testTracer({
      sampling: {
        rate: 0,
        keep: {
          when: ({ root, spans, hasErrors }) => {
            if (root.name === 'throws') throw new Error('when')
            return root.name === 'wanted' && spans.length === 1 && !hasErrors
          },
        },
      },
    })
    for (const name of ['wanted', 'unwanted', 'throws']) t.tracer.startSpan(name).end()
    await t.tracer.flush()
    expect(names(t.exporter.spans)).toEqual(['wanted'])
    expect(t.errors.map((error) => error.code)).toEqual(['CALLBACK_FAILED'])
  })

  it('takes a promise of keep.when for no answer, and survives one that rejects', async () => {
    const when = async ({ root }: { root: { name: string } }): Promise<boolean> => {
      if (root.name === 'rejects') throw new Error('when')
      return true
    }
    await using t = testTracer({ sampling: { rate: 0, keep: { when: when as never } } })
    for (const name of ['answers', 'rejects']) t.tracer.startSpan(name).end()
    await t.tracer.flush()
    expect(t.exporter.spans).toEqual([])
    expect(t.errors.map((error) => error.code)).toEqual(['CALLBACK_FAILED'])
  })

  it('tells keep.when of errors where errors alone do not keep', async () => {
    const seen: boolean[] = []
    await using t = testTracer({ sampling: { rate: 0, keep: { errors: false, when: ({ hasErrors }) => seen.push(hasErrors) > 1 } } })
    t.tracer.startSpan('fine').end()
    t.tracer.startSpan('failed').setStatus({ code: 'error' }).end()
    await t.tracer.flush()
    expect(seen).toEqual([false, true])
    expect(names(t.exporter.spans)).toEqual(['failed'])
  })

  it('counts a segment that is kept late as kept', async () => {
    await using t = testTracer({ sampling: { rate: 0 } })
    const root = t.tracer.startSpan('root')
    const open = t.tracer.startSpan('open', { parent: root })
    root.end()
    open.keep()
    open.end()
    await t.tracer.flush()
    expect(names(t.exporter.spans)).toEqual(['root', 'open'])
    expect(t.exporter.spans[0]?.attributes['clew.kept']).toBe('user')
    expect(t.tracer.stats()).toMatchObject({ segmentsKept: 1, segmentsPassed: 0, spansPassed: 0, kept: { user: 1 } })
  })

  it('says what is gone of a segment that is kept late, without a recorder', async () => {
    await using t = testTracer({ recorder: false, sampling: { rate: 0 } })
    const root = t.tracer.startSpan('root')
    const open = t.tracer.startSpan('open', { parent: root })
    root.end()
    open.keep()
    open.end()
    await t.tracer.flush()
    expect(names(t.exporter.spans)).toEqual(['open'])
    expect(t.exporter.spans[0]?.attributes['clew.incomplete']).toBe('no recorder')
    expect(t.tracer.stats()).toMatchObject({ segmentsKept: 0, segmentsPassed: 1, spansPassed: 1 })
  })

  it('does not take a client 4xx alone for an error', () => {
    const span = (kind: string, code?: number) =>
      ({ kind, status: 'error', attributes: code === undefined ? {} : { 'http.response.status_code': code } }) as never
    expect([span('client', 404), span('client', 500), span('client'), span('server', 404)].map(qualifiesAsError)).toEqual([
      false,
      true,
      true,
      true,
    ])
  })
})

describe('late spans', () => {
  it('follow the verdict and say that the root had ended', async () => {
    await using t = testTracer()
    const root = t.tracer.startSpan('root')
    const open = t.tracer.startSpan('open', { parent: root })
    root.end()
    const late = t.tracer.startSpan('late', { parent: root })
    late.end()
    open.end()
    await t.tracer.flush()
    expect(names(t.exporter.spans)).toEqual(['root', 'late', 'open'])
    expect(t.exporter.spans.map((span) => span.attributes['clew.after_root'])).toEqual([undefined, true, undefined])
    expect(new Set(t.exporter.spans.map((span) => span.traceId)).size).toBe(1)
  })

  it('of a passed segment are passed, too', async () => {
    await using t = testTracer({ sampling: { rate: 0 } })
    const root = t.tracer.startSpan('root')
    root.end()
    t.tracer.startSpan('late', { parent: root }).end()
    await t.tracer.flush()
    expect(t.exporter.spans).toEqual([])
    expect(t.tracer.stats().spansPassed).toBe(2)
  })

  it('begin a new trace with a link once the segment is stale', async () => {
    const clock = manualClock()
    await using t = testTracer({ clock })
    const root = t.tracer.startSpan('root')
    root.end()
    clock.advance(30_001)
    t.tracer.startSpan('stale', { parent: root }).end()
    await t.tracer.flush()
    const [first, stale] = t.exporter.spans
    expect(stale?.traceId).not.toBe(first?.traceId)
    expect(stale?.parentSpanId).toBeUndefined()
    expect(stale?.links).toMatchObject([{ traceId: first?.traceId, spanId: first?.spanId }])
  })
})

describe('a segment whose root has ended', () => {
  it('takes spans for as long as one of its own is open', async () => {
    const clock = manualClock()
    await using t = testTracer({ clock })
    const root = t.tracer.startSpan('root')
    const open = t.tracer.startSpan('open', { parent: root })
    root.end()
    clock.advance(3_600_000)
    t.tracer.startSpan('late', { parent: root }).end()
    open.end()
    t.tracer.startSpan('stale', { parent: root }).end()
    await t.tracer.flush()
    const traceId = root.spanContext().traceId
    expect(t.exporter.spans.map((span) => [span.name, span.traceId === traceId])).toEqual([
      ['root', true],
      ['late', true],
      ['open', true],
      ['stale', false],
    ])
  })

  it('takes spans for as long as lateMs says', async () => {
    const clock = manualClock()
    await using t = testTracer({ clock, limits: { lateMs: 100 } })
    const root = t.tracer.startSpan('root')
    root.end()
    const isLate = () => t.tracer.startSpan('late', { parent: root }).spanContext().traceId === root.spanContext().traceId
    clock.advance(101)
    expect(isLate()).toBe(false)
    clock.advance(-1)
    expect(isLate()).toBe(true)
  })
})

describe('big segments', () => {
  it('are handed over in parts while they run', async () => {
    await using t = testTracer({ queue: { maxBatchSpans: 5000 } })
    const root = t.tracer.startSpan('root')
    for (let i = 0; i < 1500; i++) t.tracer.startSpan('child', { parent: root }).end()
    expect(t.tracer.stats().queue.spans).toBe(1000)
    root.end()
    await t.tracer.flush()
    expect(t.exporter.spans).toHaveLength(1501)
  })

  it('record beyond the limit only what failed, and the root tells how much is missing', async () => {
    await using t = testTracer({ limits: { spansPerSegment: 10 } })
    const root = t.tracer.startSpan('root')
    for (let i = 0; i < 15; i++) t.tracer.startSpan(`child ${i}`, { parent: root }).end()
    t.tracer.startSpan('failed', { parent: root }).setStatus({ code: 'error' }).end()
    root.end()
    await t.tracer.flush()
    expect(t.exporter.spans).toHaveLength(12)
    expect(t.exporter.spans.at(-1)).toMatchObject({ name: 'root', attributes: { 'clew.dropped_spans': 5 } })
    expect(t.tracer.stats().spansOverLimit).toBe(5)
  })
})

describe('the memory of a segment', () => {
  it('is bounded for failed spans as for others where they will not be kept', async () => {
    const seen: number[] = []
    const when = ({ spans }: SegmentView) => seen.push(spans.length) < 0
    await using t = testTracer({ limits: { spansPerSegment: 10 }, sampling: { rate: 0, keep: { errors: false, when } } })
    const root = t.tracer.startSpan('root')
    for (let i = 0; i < 25; i++) t.tracer.startSpan('failed', { parent: root }).fail(new Error('x')).end()
    root.end()
    expect(seen).toEqual([11])
    expect(t.tracer.stats()).toMatchObject({ spansOverLimit: 15, spansPassed: 11 })
  })

  it('is bounded for calls that were answered with 4xx, which keep nothing', async () => {
    await using t = testTracer({ limits: { spansPerSegment: 10 }, sampling: { rate: 0 } })
    const root = t.tracer.startSpan('root')
    const options = { parent: root, kind: 'client', attributes: { 'http.response.status_code': 404 } } as const
    for (let i = 0; i < 25; i++) t.tracer.startSpan('call', options).setStatus({ code: 'error' }).end()
    root.end()
    expect(t.tracer.stats()).toMatchObject({ spansOverLimit: 15, spansPassed: 11 })
  })
})

describe('long segments', () => {
  it('are handed over when a span ends 30 s after the last time', async () => {
    const clock = manualClock()
    await using t = testTracer({ clock })
    const root = t.tracer.startSpan('root')
    const endChild = () => t.tracer.startSpan('child', { parent: root }).end()
    const waiting = () => t.tracer.stats().queue.spans
    clock.advance(29_999)
    endChild()
    expect(waiting()).toBe(0)
    clock.advance(1)
    endChild()
    expect(waiting()).toBe(2)
    clock.advance(29_999)
    endChild()
    expect(waiting()).toBe(2)
    clock.advance(1)
    endChild()
    expect(waiting()).toBe(4)
  })

  it('go by the clock, not by the times that spans are given', async () => {
    const clock = manualClock()
    await using t = testTracer({ clock })
    const root = t.tracer.startSpan('root')
    const endChild = (at: number) => t.tracer.startSpan('child', { parent: root, startTime: at }).end(at + 5)
    for (let i = 0; i < 5; i++) endChild(clock.now() + 3_600_000)
    expect(t.tracer.stats().queue.spans).toBe(0)
    clock.advance(30_000)
    endChild(clock.now() - 3_600_000)
    expect(t.tracer.stats().queue.spans).toBe(6)
  })

  it('are not handed over while undecided', async () => {
    const clock = manualClock()
    await using t = testTracer({ clock, sampling: { rate: 0 } })
    const root = t.tracer.startSpan('root')
    clock.advance(60_000)
    const child = t.tracer.startSpan('child', { parent: root })
    child.end()
    expect(t.tracer.stats().queue.spans).toBe(0)
    root.keep()
    root.end()
    expect(t.tracer.stats().queue.spans).toBe(2)
  })
})

describe('a clock that jumps', () => {
  it('never lets the spans of one segment run backwards, and is followed by new segments', async () => {
    const clock = manualClock(Date.UTC(2026, 5, 1, 12))
    await using t = testTracer({ clock })
    const root = t.tracer.startSpan('root')
    clock.advance(10)
    clock.setWall(Date.UTC(2026, 5, 1, 11))
    const child = t.tracer.startSpan('child', { parent: root })
    clock.advance(5)
    child.end()
    root.end()
    t.tracer.startSpan('next').end()
    await t.tracer.flush()
    const [inner, outer, next] = t.exporter.spans
    expect(inner!.startTime - outer!.startTime).toBe(10)
    expect([inner?.duration, outer?.duration]).toEqual([5, 15])
    expect(next!.startTime).toBeLessThan(outer!.startTime)
  })
})
