import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { TraceError } from '../src/errors.js'
import type { ExportBatch, Exporter, ExportResult } from '../src/exporter.js'
import { MetricSender, type MetricSenderSeed } from '../src/metric-sender.js'
import { Metrics } from '../src/metrics.js'
import { resolveOptions } from '../src/options.js'
import { BUILT_IN } from '../src/redaction.js'
import { buildTracer } from '../src/tracer.js'
import { readClock } from '../src/waiting.js'
import { manualClock } from './support.js'

const OK: ExportResult = { ok: true }
const DOWN: ExportResult = { ok: false, retryable: true, error: new Error('down') }
const REFUSED: ExportResult = { ok: false, retryable: false, error: new Error('HTTP 400') }
const UNSUPPORTED: ExportResult = { ok: false, retryable: false, unsupported: true, error: new Error('HTTP 404') }

type Answer = (call: number, signal: AbortSignal) => ExportResult | Promise<ExportResult>

/** A sender whose exporter answers as it is told. */
function senderOf(answer: Answer, options: Partial<MetricSenderSeed> = {}) {
  const calls: [name: string, count: number][][] = []
  const errors: TraceError[] = []
  const report = (error: TraceError): void => void errors.push(error)
  const clock = manualClock()
  const exporter: Exporter = {
    async export({ spans, metrics }: ExportBatch, { signal }) {
      expect(spans).toEqual([])
      calls.push(metrics.flatMap(({ name, points }) => points.map((point): [string, number] => [name, point.count])))
      return await answer(calls.length, signal)
    },
    close: async () => {},
  }
  const metrics = new Metrics({
    options: { spans: [], maxSeries: 2000, asked: false },
    limits: resolveOptions({}).limits,
    redaction: BUILT_IN,
    clock,
    slowerThanMs: () => 1000,
    report,
  })
  const sender = new MetricSender({
    metrics,
    exporter,
    resource: { attributes: {} },
    exportTimeoutMs: 1000,
    intervalMs: 60_000,
    asked: false,
    spansFail: () => false,
    onError: report,
    ...options,
  })
  const count = (name: string, attributes?: Record<string, unknown>): void => metrics.recordValue(name, 1, attributes)
  return { sender, metrics, clock, calls, errors, count, codes: () => errors.map(({ code }) => code) }
}

const soon = (): number => readClock() + 10_000

async function until(condition: () => boolean): Promise<void> {
  const deadline = readClock() + 10_000
  while (!condition()) {
    if (readClock() > deadline) throw new Error('the condition did not come true')
    await pause(2)
  }
}

describe('sender of metrics', () => {
  it('sends what has changed after the interval, though nothing else is exported, and then is quiet', async () => {
    const test = senderOf(() => OK, { intervalMs: 5 })
    test.count('a')
    test.count('b')
    await until(() => test.calls.length === 1)
    await pause(30)
    expect(test.calls).toEqual([[['a', 1], ['b', 1]]]) // prettier-ignore
    test.count('b')
    await until(() => test.calls.length === 2)
    expect(test.calls[1]).toEqual([['b', 2]])
    expect(test.sender.backlog()).toBe(0)
    await test.sender.close()
  })

  it('sends with what has changed all the rest once a minute, as receivers forget what they do not hear of', async () => {
    const test = senderOf((call) => (call === 4 ? DOWN : OK))
    const round = async (...names: string[]): Promise<unknown> => {
      for (const name of names) test.count(name)
      await test.sender.flush(soon())
      return test.calls.at(-1)
    }
    expect(await round('a', 'b')).toEqual([['a', 1], ['b', 1]]) // prettier-ignore
    test.clock.advance(59_999)
    expect(await round('b')).toEqual([['b', 2]])
    test.clock.advance(1)
    expect(await round('b')).toEqual([['a', 1], ['b', 3]]) // prettier-ignore
    test.clock.advance(60_000)
    expect(await round('b')).toEqual([['a', 1], ['b', 4]]) // prettier-ignore
    expect(await round('b')).toEqual([['b', 5]])
    // What is quiet stays quiet.
    test.clock.advance(600_000)
    expect(test.sender.backlog()).toBe(0)
    expect(test.calls).toHaveLength(6)
    await test.sender.close()
  })

  it('has nothing to flush where nothing changed', async () => {
    const test = senderOf(() => OK)
    expect(test.sender.backlog()).toBe(0)
    await test.sender.flush(soon())
    test.count('a')
    expect(test.sender.backlog()).toBeGreaterThan(0)
    await test.sender.flush(soon())
    await test.sender.flush(soon())
    expect(test.calls).toHaveLength(1)
    await test.sender.close()
  })

  it('loses nothing by exports that fail: the next one contains it', async () => {
    const test = senderOf((call) => (call < 4 ? DOWN : OK))
    test.count('a')
    await test.sender.flush(soon())
    expect(test.calls).toEqual([[['a', 1]], [['a', 1]], [['a', 1]]])
    test.count('a')
    test.count('b')
    await test.sender.flush(soon())
    expect(test.calls.at(-1)).toEqual([['a', 2], ['b', 1]]) // prettier-ignore
    expect(test.codes()).toEqual(['EXPORT_UNREACHABLE'])
    expect(test.sender.backlog()).toBe(0)
    await test.sender.close()
  })

  it('sends again what was counted while an export was under way', async () => {
    const test = senderOf((call) => {
      if (call === 1) test.count('a')
      return OK
    })
    test.count('a')
    await test.sender.flush(soon())
    await test.sender.flush(soon())
    expect(test.calls).toEqual([[['a', 1]], [['a', 2]]])
    await test.sender.close()
  })

  it('sends many series in parts, one after the other, and after a failure those that are left', async () => {
    let underWay = 0
    const test = senderOf(async (call) => {
      expect(++underWay).toBe(1)
      await pause(1)
      underWay--
      return call === 2 ? DOWN : OK
    })
    for (let id = 0; id < 600; id++) test.count('a', { id })
    await test.sender.flush(soon())
    expect(test.calls.map((call) => call.length)).toEqual([256, 256, 256, 88])
    await test.sender.close()
  })

  it.each([
    [false, []],
    [true, ['METRICS_UNSUPPORTED']],
  ])('leaves a receiver in peace that takes no metrics, and says so to who asked for them: %s', async (asked, codes) => {
    const test = senderOf(() => UNSUPPORTED, { asked, intervalMs: 1 })
    test.count('a')
    await until(() => test.calls.length === 1)
    test.count('a')
    await test.sender.flush(soon())
    await pause(20)
    expect(test.calls).toHaveLength(1)
    expect(test.codes()).toEqual(codes)
    expect(test.sender.backlog()).toBe(0)
    await test.sender.close()
  })

  it('says why an exporter refuses, and does not insist', async () => {
    const test = senderOf(() => REFUSED)
    test.count('a')
    await test.sender.flush(soon())
    test.count('a')
    await test.sender.flush(soon())
    expect(test.calls).toHaveLength(1)
    expect(test.errors.map(({ message }) => message)).toEqual(['The exporter refused metrics and is asked again in 10 minutes: HTTP 400'])
    await test.sender.close()
  })

  it('comes again when the receiver says', async () => {
    const test = senderOf((call) => (call === 1 ? { ...DOWN, retryAfterMs: 300 } : OK))
    test.count('a')
    const before = readClock()
    await test.sender.flush(soon())
    expect(readClock() - before).toBeGreaterThan(290)
    expect(test.calls).toHaveLength(2)
    await test.sender.close()
  })

  it('is silent about what has been told of the spans', async () => {
    const test = senderOf(() => DOWN, { spansFail: () => true })
    test.count('a')
    await test.sender.flush(soon())
    expect(test.errors).toEqual([])
    await test.sender.close()
  })

  it('keeps the deadline of a flush, and that of an export, whatever the exporter does', async () => {
    const test = senderOf(() => new Promise(() => {}), { exportTimeoutMs: 50 })
    test.count('a')
    const before = readClock()
    await test.sender.flush(before + 100)
    expect(readClock() - before).toBeLessThan(2000)
    await until(() => test.errors.length === 1)
    expect(test.errors[0]?.message).toBe('Metrics cannot be delivered, trying again: no answer within 50 ms')
    await test.sender.close()
  })

  it('ends an export that is under way when it is closed, and begins no other', async () => {
    const test = senderOf((_call, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(DOWN))))
    test.count('a')
    const flushed = test.sender.flush(soon())
    await until(() => test.calls.length === 1)
    await test.sender.close()
    await flushed
    test.count('a')
    await test.sender.flush(soon())
    expect(test.calls).toHaveLength(1)
    expect(test.errors).toEqual([])
  })
})

describe('metrics beside spans', () => {
  it('fail without the spans being sent twice, and arrive with the shutdown', async () => {
    const spans: string[] = []
    const counts: number[] = []
    let refusals = 2
    const exporter: Exporter = {
      export: async (batch) => {
        spans.push(...batch.spans.map(({ name }) => name))
        if (batch.metrics.length > 0 && refusals-- > 0) return DOWN
        counts.push(...batch.metrics.flatMap(({ points }) => points.map(({ count }) => count)))
        return OK
      },
      close: async () => {},
    }
    const tracer = buildTracer({ exporter, flushOnExit: false, onError: () => {} })
    tracer.startSpan('a', { metric: true }).end()
    await tracer.flush()
    tracer.startSpan('a', { metric: true }).end()
    await tracer.shutdown()
    expect({ spans, counts }).toEqual({ spans: ['a', 'a'], counts: [1, 2] })
  })

  it('are a reason to flush at the end of the process, where no span is', () => {
    const exporter: Exporter = { export: async () => OK, close: async () => {} }
    const tracer = buildTracer({ exporter, flushOnExit: false, sampling: { rate: 0 } })
    expect(tracer.backlog()).toBe(0)
    tracer.startSpan('a', { metric: true }).end()
    expect(tracer.backlog()).toBeGreaterThan(0)
  })

  it('rest where they belong before the exporter is flushed', async () => {
    const order: string[] = []
    const exporter: Exporter = {
      export: async ({ metrics }) => {
        await pause(metrics.length > 0 ? 30 : 1)
        order.push(metrics.length > 0 ? 'metrics' : 'spans')
        return OK
      },
      flush: async () => void order.push('flush'),
      close: async () => void order.push('close'),
    }
    const tracer = buildTracer({ exporter, flushOnExit: false })
    tracer.startSpan('a', { metric: true }).end()
    await tracer.shutdown()
    expect(order).toEqual(['spans', 'metrics', 'flush', 'close'])
  })
})
