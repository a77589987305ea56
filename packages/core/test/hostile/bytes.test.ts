import { describe, expect, it } from 'vitest'
import type { SpanData } from '../../src/span-data.js'
import type { SegmentView } from '../../src/verdict.js'
import { testTracer } from '../support.js'

const MIB = 1024 * 1024
const huge = 'x'.repeat(10_000_000)
const list = Array.from({ length: 128 }, () => huge)
const bytesOf = (value: unknown): number => JSON.stringify(value).length

/** A tracer that asks for a verdict at the end, and is told no. */
function undecided() {
  const views: SegmentView[] = []
  const keep = { when: (view: SegmentView) => (views.push(view), false), slowerThanMs: Infinity }
  return Object.assign(testTracer({ sampling: { rate: 0, keep }, queue: { maxBytes: 4 * MIB } }), { views })
}

describe('10 MB texts and lists of them', () => {
  it('on one span are kept up to a megabyte, and what is not is counted', async () => {
    await using t = testTracer()
    t.tracer.withSpan('a', (span) => {
      for (let index = 0; index < 20; index++) span.setAttribute(`list ${index}`, list).addEvent('e', { list }).setAttribute('same', list)
      span.setAttribute('small', 1)
    })
    await t.tracer.flush()
    const [span] = t.exporter.spans
    expect(bytesOf(span)).toBeLessThan(1.1 * MIB)
    expect(span).toMatchObject({ attributes: { small: 1 }, droppedAttributes: expect.any(Number), droppedEvents: expect.any(Number) })
    expect(t.tracer.stats().attributesDropped).toBe(span?.droppedAttributes)
  })

  it('on a segment that waits for its verdict are kept up to the bytes of the queue; the rest is counted', async () => {
    await using t = undecided()
    t.tracer.withSpan('request', (root) => {
      for (let index = 0; index < 200; index++) t.tracer.withSpan('work', { attributes: { list } }, () => {})
      root.setAttribute('http.response.status_code', 200)
    })
    const [view] = t.views
    expect(bytesOf(view?.spans)).toBeLessThan(5 * MIB)
    expect(view?.spans).toHaveLength(201)
    const whole = view?.spans.filter((span) => span.attributes['list'] !== undefined) ?? []
    expect(t.tracer.stats()).toMatchObject({ spansOverLimit: 0, attributesDropped: 200 - whole.length })
    expect(view?.root.attributes).toMatchObject({ 'http.response.status_code': 200 })
  })

  it('cut small, on 5,000 spans that wait for a verdict, are kept up to the bytes of the queue; the rest is counted', async () => {
    await using t = undecided()
    t.tracer.withSpan('request', () => {
      for (let index = 0; index < 5_000; index++) t.tracer.withSpan('work', { attributes: { text: huge.slice(0, 3_000) } }, () => {})
    })
    const [view] = t.views
    const { spansOverLimit, spansEnded } = t.tracer.stats()
    expect(bytesOf(view?.spans)).toBeLessThan(6 * MIB)
    expect([spansEnded, spansOverLimit + (view?.spans.length ?? 0)]).toEqual([5_001, 5_001])
    expect(view?.root.attributes).toMatchObject({ 'clew.dropped_operations': [`${spansOverLimit} work`] })
  })

  it('on spans that are all open are kept up to the bytes of the queue; spans stay, and say what they lack', async () => {
    const ended: SpanData[] = []
    await using t = testTracer({ queue: { maxBytes: 4 * MIB }, onSpanEnd: (span) => void ended.push(span) })
    const root = t.tracer.startSpan('request')
    const spans = Array.from({ length: 200 }, () => t.tracer.startSpan('work', { parent: root, attributes: { a: 1, list, b: 2 } }))
    spans.forEach((span) => span.fail(new Error('failed')))
    root.setAttribute('http.response.status_code', 200)
    spans.forEach((span) => span.end())
    root.end()
    const whole = ended.filter((span) => span.attributes['list'] !== undefined)
    expect(whole.length).toBeLessThan(10)
    expect(t.tracer.stats().attributesDropped).toBe(200 - whole.length)
    expect(ended.at(-1)?.attributes).toEqual({ 'http.response.status_code': 200 })
    expect(ended).toHaveLength(201)
    for (const span of ended.slice(0, 200)) expect(span).toMatchObject({ status: 'error', attributes: { a: 1, b: 2 } })
  })

  it('of a segment that is kept go out before they pile up', async () => {
    await using t = testTracer()
    t.tracer.withSpan('request', () => {
      for (let index = 0; index < 12; index++) t.tracer.withSpan('work', { attributes: { list } }, () => {})
      expect(t.tracer.stats().queue.spans).toBeGreaterThanOrEqual(10)
    })
    await t.tracer.flush()
    expect(t.exporter.spans).toHaveLength(13)
  })

  it('leave room for others once they are gone', async () => {
    await using t = testTracer({ queue: { maxBytes: 2 * MIB } })
    t.tracer.withSpan('request', () => {
      for (let index = 0; index < 50; index++) {
        const span = t.tracer.startSpan('work', { attributes: { list } })
        span.setAttribute('list', 'short').setAttribute('list', list).setAttribute('list', 'short').end()
      }
    })
    expect(t.tracer.stats()).toMatchObject({ attributesDropped: 0, spansOverLimit: 0 })
  })
})
