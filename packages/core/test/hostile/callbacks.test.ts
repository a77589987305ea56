import { describe, expect, it } from 'vitest'
import type { Exporter, ExportResult } from '../../src/exporter.js'
import type { TracerOptions } from '../../src/options.js'
import { startSpan, withSpan } from '../../src/trace-api.js'
import { defaultTestTracer, testTracer } from '../support.js'

const refuse = (): never => {
  throw new RangeError('refused')
}
const DEEDS: Record<string, () => unknown> = {
  throws: refuse,
  rejects: () => Promise.reject(new RangeError('refused')),
  hangs: () => new Promise(() => {}),
  'traces itself': () => withSpan('inside', () => startSpan('deeper').end()),
  'throws nothing at all': () => {
    throw undefined
  },
  'answers with garbage': () => Symbol('garbage'),
  'answers with a proxy': () => new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse }),
}

describe('a function of the host that', () => {
  it.each(Object.entries(DEEDS))('%s changes no answer and loses no span', async (name, deed) => {
    let depth = 0
    const once = (): never => {
      // Whoever traces in a callback is called again for that.
      if (name === 'traces itself' && depth > 2) return undefined as never
      depth++
      try {
        return deed() as never
      } finally {
        depth--
      }
    }
    const options: TracerOptions = { onSpanEnd: once, onError: once, sampling: { sampler: once, keep: { when: once } } }
    await using t = defaultTestTracer(options)
    expect(withSpan('a', () => 'answer')).toBe('answer')
    expect(await withSpan('b', async () => 'later')).toBe('later')
    expect(() => withSpan('c', refuse)).toThrow('refused')
    await t.tracer.flush()
    const { spansStarted, spansEnded } = t.tracer.stats()
    expect(spansEnded).toBe(spansStarted)
    expect(t.exporter.spans.map((span) => span.name)).toEqual(expect.arrayContaining(['a', 'b', 'c']))
  })
})

describe('an exporter that', () => {
  it.each<[string, Exporter['export']]>([
    ['throws', refuse],
    [
      'throws nothing at all',
      (): never => {
        throw undefined
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('refused'))],
    ['hangs', () => new Promise(() => {})],
    ['answers with nothing', () => undefined as never],
    ['answers with text', async () => 'ok' as never],
    [
      'answers with a proxy',
      async () => new Proxy({}, { get: (_target, name) => (name === 'then' ? undefined : refuse()) }) as ExportResult,
    ],
    ['answers with no number', async () => ({ ok: true, rejected: Number.NaN })],
    ['refuses more than there was', async () => ({ ok: true, rejected: 1e9 })],
    ['refuses less than nothing', async () => ({ ok: true, rejected: -5 })],
    ['wants to be asked never again', async () => ({ ok: false, retryable: true, retryAfterMs: Infinity, error: undefined })],
    ['eats the batch', async (batch) => (((batch.spans as unknown[]).length = 0), { ok: true })],
  ])('%s is counted, and neither flush nor shutdown rejects or hangs', async (_name, send) => {
    const t = testTracer({ exporter: { export: send, close: refuse, flush: refuse }, queue: { exportTimeoutMs: 20 } })
    for (let index = 0; index < 10; index++) t.tracer.withSpan('a', () => {})
    await t.tracer.flush({ timeoutMs: 50 })
    await t.tracer.shutdown({ timeoutMs: 50 })
    const { exported, dropped, spans, bytes } = t.tracer.stats().queue
    const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0)
    expect({ sum: exported + lost, spans, bytes }).toEqual({ sum: 10, spans: 0, bytes: 0 })
  })
})

describe('spans in odd order', () => {
  it('ended twice, never, after their root, and after shutdown are counted once or not at all', async () => {
    const t = testTracer()
    const root = t.tracer.startSpan('root')
    const child = t.tracer.startSpan('child', { parent: root })
    const never = t.tracer.startSpan('never', { parent: root })
    root.end()
    root.end()
    child.end()
    await t.tracer.shutdown()
    never.setAttribute('a', 1).end()
    t.tracer.startSpan('after').end()
    expect(t.tracer.stats()).toMatchObject({ spansStarted: 4, spansEnded: 4, queue: { exported: 2, dropped: { shutdown: 2 } } })
  })

  it('100,000 in one request stay within the bounds, and what is lost is counted', async () => {
    const waiting: (() => void)[] = []
    const exporter: Exporter = { export: () => new Promise((resolve) => waiting.push(() => resolve({ ok: true }))), close: async () => {} }
    const t = testTracer({ exporter, queue: { maxBytes: 1_000_000 } })
    t.tracer.withSpan('request', () => {
      for (let index = 0; index < 100_000; index++) t.tracer.withSpan(`work ${index % 7}`, { attributes: { index } }, () => {})
      expect(t.tracer.stats().queue.bytes).toBeLessThanOrEqual(1_200_000)
    })
    const { spansOverLimit, queue, spansEnded } = t.tracer.stats()
    const lost = Object.values(queue.dropped).reduce((sum, count) => sum + count, 0)
    expect(spansEnded).toBe(100_001)
    expect(spansOverLimit + lost + queue.spans + queue.exported).toBe(100_001)
    await t.tracer.shutdown({ timeoutMs: 10 })
  })
})
