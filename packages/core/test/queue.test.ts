import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Exporter, ExportResult } from '../src/exporter.js'
import type { TraceError } from '../src/errors.js'
import { ExportQueue } from '../src/queue.js'
import type { SpanData } from '../src/span-data.js'

const resource = { attributes: { 'service.name': 'test' } }
const span = (name: string) =>
  ({ name, traceId: 'a', spanId: name, attributes: {}, events: [], links: [], resource }) as unknown as SpanData

interface Receiver extends Exporter {
  readonly batches: string[][]
  readonly all: () => string[]
}

/** A receiver that answers as it is told. */
function receiver(answer: (call: number, signal: AbortSignal) => ExportResult | Promise<ExportResult>): Receiver {
  const batches: string[][] = []
  let calls = 0
  return {
    batches,
    all: () => batches.flat(),
    async export(batch, { signal }) {
      const result = await answer(calls++, signal)
      if (result.ok) batches.push(batch.spans.map((item) => item.name))
      return result
    },
    close: async () => {},
  }
}

function queueOf(
  exporter: Exporter,
  options: Partial<{ maxBytes: number; maxBatchSpans: number; flushIntervalMs: number; exportTimeoutMs: number }> = {},
): { queue: ExportQueue; errors: TraceError[] } {
  const errors: TraceError[] = []
  const queue = new ExportQueue({
    exporter,
    resource,
    options: { maxBytes: 10_000, maxBatchSpans: 3, flushIntervalMs: 5, exportTimeoutMs: 1000, ...options },
    prepare: (item) => item,
    onError: (error) => void errors.push(error),
  })
  return { queue, errors }
}

const OK: ExportResult = { ok: true }
const DOWN: ExportResult = { ok: false, retryable: true, retryAfterMs: 1, error: new Error('down') }
const soon = () => Date.now() + 5000

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition did not come true')
    await sleep(2)
  }
}

describe('export queue', () => {
  it('exports by itself after the interval, and at once when a batch is full', async () => {
    const slow = receiver(() => OK)
    const { queue } = queueOf(slow, { flushIntervalMs: 60_000 })
    queue.add([span('a')], 10, false)
    await sleep(20)
    expect(slow.batches).toEqual([])
    queue.add([span('b'), span('c')], 10, false)
    await until(() => slow.batches.length === 1)
    expect(slow.all()).toEqual(['a', 'b', 'c'])
    const quick = receiver(() => OK)
    queueOf(quick, { flushIntervalMs: 5 }).queue.add([span('a')], 10, false)
    await until(() => quick.batches.length === 1)
  })

  it('has one export under way at a time and keeps segments together', async () => {
    let underWay = 0
    let most = 0
    const exporter = receiver(async () => {
      most = Math.max(most, ++underWay)
      await sleep(2)
      underWay--
      return OK
    })
    const { queue } = queueOf(exporter)
    for (let i = 0; i < 10; i++) queue.add([span(`${i}a`), span(`${i}b`)], 10, false)
    expect(await queue.flush(soon())).toBe(true)
    expect(most).toBe(1)
    expect(exporter.batches.every((batch) => batch.length === 4 || batch.length === 2)).toBe(true)
    expect(exporter.all()).toHaveLength(20)
    expect(queue.stats()).toMatchObject({ spans: 0, bytes: 0, exported: 20, dropped: {} })
  })

  it('tries again what may be repeated, in order and without loss, and says once that the receiver is away', async () => {
    const exporter = receiver((call) => (call < 3 ? DOWN : OK))
    const { queue, errors } = queueOf(exporter)
    for (const name of ['a', 'b', 'c', 'd', 'e']) queue.add([span(name)], 10, false)
    await until(() => exporter.all().length === 5)
    expect(exporter.all()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(errors.map((error) => error.code)).toEqual(['EXPORT_UNREACHABLE'])
    expect(queue.stats().exports).toMatchObject({ failed: 3, retried: 3 })
  })

  it('drops and counts what is refused for good', async () => {
    const { queue, errors } = queueOf(receiver(() => ({ ok: false, retryable: false, error: new Error('bad data') })))
    queue.add([span('a'), span('b')], 10, false)
    expect(await queue.flush(soon())).toBe(true)
    expect(queue.stats()).toMatchObject({ spans: 0, bytes: 0, exported: 0, dropped: { export_failed: 2 } })
    expect(errors.map((error) => [error.code, error.message])).toEqual([['EXPORT_FAILED', 'The exporter refused 2 spans: bad data']])
  })

  it('counts what the receiver rejected of a batch', async () => {
    const { queue } = queueOf(receiver(() => ({ ok: true, rejected: 1 })))
    queue.add([span('a'), span('b')], 10, false)
    await queue.flush(soon())
    expect(queue.stats()).toMatchObject({ exported: 1, dropped: { rejected: 1 } })
  })

  it('drops whole segments over its bound, oldest first, failed ones last', async () => {
    const exporter = receiver(() => OK)
    const { queue, errors } = queueOf(exporter, { maxBytes: 100, flushIntervalMs: 60_000, maxBatchSpans: 1000 })
    queue.add([span('old failed')], 40, true)
    queue.add([span('old'), span('old 2')], 40, false)
    queue.add([span('new')], 40, false)
    expect(queue.stats()).toMatchObject({ spans: 2, bytes: 80, dropped: { queue_full: 2 } })
    queue.add([span('newest failed')], 90, true)
    await queue.flush(soon())
    expect(exporter.all()).toEqual(['newest failed'])
    expect(queue.stats().dropped).toEqual({ queue_full: 4 })
    expect(errors.every((error) => error.code === 'QUEUE_FULL')).toBe(true)
  })

  it('stays within its bound while the receiver is away', async () => {
    const { queue } = queueOf(
      receiver(() => DOWN),
      { maxBytes: 1000 },
    )
    for (let i = 0; i < 1000; i++) {
      queue.add([span(`${i}`)], 10, i % 10 === 0)
      if (i % 50 === 0) await sleep(1)
      expect(queue.stats().bytes).toBeLessThanOrEqual(1000)
    }
    const stats = queue.stats()
    expect(stats.spans + (stats.dropped['queue_full'] ?? 0)).toBe(1000)
    queue.close()
    expect(Object.values(queue.stats().dropped).reduce((sum, n) => sum + n, 0)).toBe(1000)
  })

  it('gives up on an export that hangs, even where it ignores the signal, and repeats it', async () => {
    const exporter = receiver((call) => (call === 0 ? new Promise<never>(() => {}) : OK))
    const { queue } = queueOf(exporter, { exportTimeoutMs: 10 })
    queue.add([span('a')], 10, false)
    await until(() => exporter.all().length === 1)
    expect(queue.stats().exported).toBe(1)
  })

  it('takes an exporter that throws for one that may come back', async () => {
    const exporter = receiver((call) => {
      if (call === 0) throw new Error('bug')
      return OK
    })
    const { queue } = queueOf(exporter)
    queue.add([span('a')], 10, false)
    expect(await queue.flush(soon())).toBe(true)
    expect(exporter.all()).toEqual(['a'])
  })

  it('keeps the deadline of a flush', async () => {
    const { queue } = queueOf(
      receiver(() => new Promise<never>(() => {})),
      { exportTimeoutMs: 60_000 },
    )
    queue.add([span('a')], 10, false)
    const started = Date.now()
    expect(await queue.flush(Date.now() + 30)).toBe(false)
    expect(Date.now() - started).toBeLessThan(5000)
    queue.close()
    expect(queue.stats()).toMatchObject({ spans: 0, dropped: { shutdown: 1 } })
  })
})
