import { setImmediate as tick, setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { collectGarbage } from './garbage.js'
import type { ExportBatch, Exporter, ExportResult, LogRecord } from '../src/exporter.js'
import type { PendingLog } from '../src/log-records.js'
import type { TraceError } from '../src/errors.js'
import { ExportQueue } from '../src/queue.js'
import type { SpanData } from '../src/span-data.js'

const resource = { attributes: { 'service.name': 'test' } }
const span = (name: string) =>
  ({ name, traceId: 'a', spanId: name, attributes: {}, events: [], links: [], resource }) as unknown as SpanData

const line = (text: string): PendingLog => ({
  traceId: 'a',
  spanId: 'b',
  time: 1,
  log: { severityNumber: 9, line: text, read: (body) => ({ body, attributes: {} }) },
})
const prepareLog = ({ log, ...record }: PendingLog) =>
  ({ ...record, severityNumber: log.severityNumber, ...log.read(log.line) }) as LogRecord
const part = (spans: SpanData[], size: number, failed: boolean, logs: PendingLog[] = []) => ({ spans, logs, size, failed })

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
    prepareLog,
    onError: (error) => void errors.push(error),
  })
  return { queue, errors }
}

const OK: ExportResult = { ok: true }
const MIB = 2 ** 20

/** A span with texts that the application cut out of one of 200 KB. */
function spanOfSlices(index: number): SpanData {
  const body = `${index} ${Buffer.alloc(200_000, 'x').toString('latin1')}`
  const cut = (): string => body.slice(1, 40)
  const event = { name: 'e', time: 1, attributes: { text: cut() } }
  return { ...span('slices'), name: cut(), statusMessage: cut(), attributes: { text: cut(), list: [cut()] }, events: [event] }
}
const DOWN: ExportResult = { ok: false, retryable: true, retryAfterMs: 1, error: new Error('down') }
const soon = () => performance.now() + 5000

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition did not come true')
    await pause(2)
  }
}

describe('export queue', () => {
  it('exports by itself after the interval, and at once when a batch is full', async () => {
    const slow = receiver(() => OK)
    const { queue } = queueOf(slow, { flushIntervalMs: 60_000 })
    queue.add(part([span('a')], 10, false))
    expect(slow.batches).toEqual([])
    queue.add(part([span('b'), span('c')], 10, false))
    await until(() => slow.batches.length === 1)
    expect(slow.all()).toEqual(['a', 'b', 'c'])
    const quick = receiver(() => OK)
    queueOf(quick, { flushIntervalMs: 5 }).queue.add(part([span('a')], 10, false))
    await until(() => quick.batches.length === 1)
  })

  it('keeps up with hundreds of requests that end in each turn of the event loop, where the receiver is quick', async () => {
    const target = receiver(() => OK)
    const { queue } = queueOf(target, { maxBatchSpans: 256, maxBytes: 3_000 * 100 })
    for (let turn = 0; turn < 50; turn++) {
      for (let request = 0; request < 200; request++) queue.add(part([span('a'), span('b'), span('c')], 300, false))
      await pause(2)
    }
    expect(await queue.flush(soon())).toBe(true)
    expect(queue.stats()).toMatchObject({ exported: 30_000, dropped: {} })
  })

  it('lets the event loop turn while it catches up', async () => {
    const target = receiver(() => OK)
    const { queue } = queueOf(target, { maxBytes: 1_000_000 })
    for (let index = 0; index < 3_000; index++) queue.add(part([span('a')], 100, false))
    while (target.batches.length === 0) await tick()
    expect(queue.stats().spans).toBeGreaterThan(0)
  })

  it('has one export under way at a time and keeps segments together', async () => {
    let underWay = 0
    let most = 0
    const exporter = receiver(async () => {
      most = Math.max(most, ++underWay)
      await tick()
      underWay--
      return OK
    })
    const { queue } = queueOf(exporter)
    for (let i = 0; i < 10; i++) queue.add(part([span(`${i}a`), span(`${i}b`)], 10, false))
    expect(await queue.flush(soon())).toBe(true)
    expect(most).toBe(1)
    expect(exporter.batches.every((batch) => batch.length === 4 || batch.length === 2)).toBe(true)
    expect(exporter.all()).toHaveLength(20)
    expect(queue.stats()).toMatchObject({ spans: 0, bytes: 0, exported: 20, dropped: {} })
  })

  it('tries again what may be repeated, in order and without loss, and says once that the receiver is away', async () => {
    const exporter = receiver((call) => (call < 3 ? DOWN : OK))
    const { queue, errors } = queueOf(exporter)
    for (const name of ['a', 'b', 'c', 'd', 'e']) queue.add(part([span(name)], 10, false))
    await until(() => exporter.all().length === 5)
    expect(exporter.all()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(errors.map((error) => error.code)).toEqual(['EXPORT_UNREACHABLE'])
    expect(queue.stats().exports).toMatchObject({ failed: 3, retried: 3 })
  })

  it('drops and counts what is refused for good', async () => {
    const { queue, errors } = queueOf(receiver(() => ({ ok: false, retryable: false, error: new Error('bad data') })))
    queue.add(part([span('a'), span('b')], 10, false))
    expect(await queue.flush(soon())).toBe(true)
    expect(queue.stats()).toMatchObject({ spans: 0, bytes: 0, exported: 0, dropped: { export_failed: 2 } })
    expect(errors.map((error) => [error.code, error.message])).toEqual([['EXPORT_FAILED', 'The exporter refused 2 spans: bad data']])
  })

  it('counts what the receiver rejected of a batch', async () => {
    const { queue } = queueOf(receiver(() => ({ ok: true, rejected: 1 })))
    queue.add(part([span('a'), span('b')], 10, false))
    await queue.flush(soon())
    expect(queue.stats()).toMatchObject({ exported: 1, dropped: { rejected: 1 } })
  })

  it('drops whole segments over its bound, oldest first, failed ones last', async () => {
    const exporter = receiver(() => OK)
    const { queue, errors } = queueOf(exporter, { maxBytes: 100, flushIntervalMs: 60_000, maxBatchSpans: 1000 })
    queue.add(part([span('old failed')], 40, true))
    queue.add(part([span('old'), span('old 2')], 40, false))
    queue.add(part([span('new')], 40, false))
    expect(queue.stats()).toMatchObject({ spans: 2, bytes: 80, dropped: { queue_full: 2 } })
    queue.add(part([span('newest failed')], 90, true))
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
      queue.add(part([span(`${i}`)], 10, i % 10 === 0))
      if (i % 50 === 0) await tick()
      expect(queue.stats().bytes).toBeLessThanOrEqual(1000)
    }
    const stats = queue.stats()
    expect(stats.spans + (stats.dropped['queue_full'] ?? 0)).toBe(1000)
    await queue.close()
    expect(Object.values(queue.stats().dropped).reduce((sum, n) => sum + n, 0)).toBe(1000)
  })

  it.each(['hangs', 'fails'])('weighs what it says where an export %s: nothing of what texts were cut out of', async (how) => {
    const answer = how === 'fails' ? ({ ok: false, retryable: true, error: new Error('down') } as const) : new Promise<never>(() => {})
    const { queue } = queueOf(
      receiver(() => answer),
      { maxBytes: 10 * MIB, maxBatchSpans: 100, exportTimeoutMs: 60_000 },
    )
    const before = process.memoryUsage().heapUsed
    for (let index = 0; index < 100; index++) queue.add(part([spanOfSlices(index)], 500, false))
    await pause(50)
    for (let index = 0; index < 500; index++) queue.add(part([spanOfSlices(index)], 500, false))
    collectGarbage()
    // Six hundred of them are 114 MiB; a hundred are under way where the export hangs.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan((how === 'fails' ? 10 : 30) * MIB)
    expect(queue.stats().spans).toBe(600)
    await queue.close()
  })

  it('gives up on an export that hangs, even where it ignores the signal, and repeats it', async () => {
    const exporter = receiver((call) => (call === 0 ? new Promise<never>(() => {}) : OK))
    const { queue } = queueOf(exporter, { exportTimeoutMs: 10 })
    queue.add(part([span('a')], 10, false))
    await until(() => exporter.all().length === 1)
    expect(queue.stats().exported).toBe(1)
  })

  it('takes an exporter that throws for one that may come back', async () => {
    const exporter = receiver((call) => {
      if (call === 0) throw new Error('bug')
      return OK
    })
    const { queue } = queueOf(exporter)
    queue.add(part([span('a')], 10, false))
    expect(await queue.flush(soon())).toBe(true)
    expect(exporter.all()).toEqual(['a'])
  })

  it('keeps the deadline of a flush', async () => {
    const { queue } = queueOf(
      receiver(() => new Promise<never>(() => {})),
      { exportTimeoutMs: 60_000 },
    )
    queue.add(part([span('a')], 10, false))
    const started = Date.now()
    expect(await queue.flush(performance.now() + 30)).toBe(false)
    expect(Date.now() - started).toBeLessThan(5000)
    await queue.close()
    expect(queue.stats()).toMatchObject({ spans: 0, dropped: { shutdown: 1 } })
  })

  it('waits in a flush for what was there, not for what comes after', async () => {
    const exporter = receiver(() => OK)
    const { queue } = queueOf(
      {
        ...exporter,
        export: async (batch, options) => {
          queue.add(part([span('later')], 10, false))
          return exporter.export(batch, options)
        },
      },
      { maxBatchSpans: 1 },
    )
    queue.add(part([span('a')], 10, false))
    queue.add(part([span('b')], 10, false))
    expect(await queue.flush(soon())).toBe(true)
    expect(exporter.all().filter((name) => name !== 'later')).toEqual(['a', 'b'])
    expect(queue.stats().spans).toBeGreaterThan(0)
    await queue.close()
  })

  it('sends a big segment in batches, and drops it whole', async () => {
    const exporter = receiver(() => OK)
    const big = Array.from({ length: 10 }, (_, i) => span(`big ${i}`))
    const sliced = queueOf(exporter, { maxBatchSpans: 4 })
    sliced.queue.add(part(big, 100, false))
    expect(await sliced.queue.flush(soon())).toBe(true)
    expect(exporter.batches.map((batch) => batch.length)).toEqual([4, 4, 2])
    const { queue } = queueOf(exporter, { maxBatchSpans: 4, maxBytes: 120, flushIntervalMs: 60_000 })
    queue.add(part(big, 100, false))
    queue.add(part([span('next')], 30, false))
    expect(queue.stats()).toMatchObject({ spans: 1, bytes: 30, dropped: { queue_full: 10 } })
    await queue.close()
  })

  it('tells once that it is full, until there has been room', async () => {
    let isUp = false
    const { queue, errors } = queueOf(
      receiver(() => (isUp ? OK : DOWN)),
      { maxBytes: 100 },
    )
    const fill = (): void => Array.from({ length: 50 }).forEach(() => queue.add(part([span('a')], 10, false)))
    fill()
    isUp = true
    expect(await queue.flush(soon())).toBe(true)
    fill()
    expect(errors.filter((error) => error.code === 'QUEUE_FULL')).toHaveLength(2)
    await queue.close()
  })

  it.each([
    ['resolves with nothing', undefined],
    ['resolves with nonsense', { fine: true }],
  ])('counts as lost what an exporter took that %s', async (_name, result) => {
    const { queue, errors } = queueOf(receiver(() => result as never))
    const exporter = { export: async () => result as never, close: async () => {} }
    const broken = queueOf(exporter)
    broken.queue.add(part([span('a')], 10, false))
    expect(await broken.queue.flush(soon())).toBe(true)
    expect(broken.queue.stats()).toMatchObject({ spans: 0, bytes: 0, dropped: { export_failed: 1 } })
    expect(broken.errors.map((error) => error.code)).toEqual(['EXPORT_FAILED'])
    expect([queue.stats().spans, errors.length]).toEqual([0, 0])
  })

  it('comes again when the receiver says so, within reason', async () => {
    for (const retryAfterMs of [4e9, Number.NaN, -1, Infinity]) {
      let tries = 0
      const { queue } = queueOf(
        receiver(() => {
          tries++
          return { ok: false, retryable: true, retryAfterMs, error: new Error('busy') }
        }),
      )
      queue.add(part([span('a')], 10, false))
      await until(() => tries === 1)
      for (let i = 0; i < 20; i++) await tick()
      expect(tries).toBe(1)
      await queue.close()
    }
  })

  it('takes infinite times for very long ones', async () => {
    const exporter = receiver(() => OK)
    const { queue } = queueOf(exporter, { exportTimeoutMs: Infinity, flushIntervalMs: Infinity })
    queue.add(part([span('a')], 10, false))
    expect(await queue.flush(Infinity)).toBe(true)
    expect(exporter.all()).toEqual(['a'])
  })

  it('counts a batch once that is under way when it closes', async () => {
    const { queue } = queueOf(
      receiver(() => new Promise<never>(() => {})),
      { flushIntervalMs: 1 },
    )
    queue.add(part([span('under way')], 10, false))
    await until(() => queue.stats().spans === 1)
    queue.add(part([span('waiting')], 10, false))
    await queue.close()
    queue.add(part([span('late')], 10, false))
    expect(queue.stats()).toMatchObject({ spans: 0, bytes: 0, exported: 0, dropped: { shutdown: 3 } })
  })

  it('loses a span that cannot be masked, and that one alone', async () => {
    const exporter = receiver(() => OK)
    const errors: TraceError[] = []
    const prepare = (item: SpanData): SpanData => {
      if (item.name === 'bad') throw new Error('mask')
      return item
    }
    const options = { maxBytes: 10_000, maxBatchSpans: 3, flushIntervalMs: 5, exportTimeoutMs: 1000 }
    const queue = new ExportQueue({ exporter, resource, options, prepare, prepareLog, onError: (error) => void errors.push(error) })
    queue.add(part([span('a'), span('bad'), span('b')], 10, false))
    expect(await queue.flush(soon())).toBe(true)
    expect(exporter.all()).toEqual(['a', 'b'])
    expect(errors.map((error) => error.code)).toEqual(['INTERNAL'])
  })
})

describe('log lines in the export queue', () => {
  /** What each batch held, spans before lines. */
  function recorder(answer: (call: number) => ExportResult): { exporter: Exporter; batches: string[][] } {
    const batches: string[][] = []
    let calls = 0
    const names = ({ spans, logs }: ExportBatch) => [...spans.map(({ name }) => name), ...logs.map(({ body }) => body)]
    return { batches, exporter: { export: async (batch) => (batches.push(names(batch)), answer(calls++)), close: async () => {} } }
  }

  it('count as records of a batch, in order, sliced where a segment has more than fit', async () => {
    const { exporter, batches } = recorder(() => OK)
    const { queue } = queueOf(exporter)
    queue.add(part([span('a'), span('b')], 60, false, ['1', '2', '3', '4'].map(line)))
    queue.add(part([], 10, false, [line('late')]))
    expect(queue.stats()).toMatchObject({ spans: 2, bytes: 70, logs: { waiting: 5, exported: 0, dropped: 0 } })
    expect(await queue.flush(soon())).toBe(true)
    expect(batches).toEqual([['a', 'b', '1'], ['2', '3', '4'], ['late']])
    expect(queue.stats()).toMatchObject({ spans: 0, bytes: 0, exported: 2, logs: { waiting: 0, exported: 5, dropped: 0 } })
    await queue.close()
  })

  it('go out by themselves where they come alone', async () => {
    const { exporter, batches } = recorder(() => OK)
    const { queue } = queueOf(exporter)
    queue.add(part([], 10, false, [line('late')]))
    await until(() => batches.length === 1)
    expect(batches).toEqual([['late']])
    await queue.close()
  })

  it('are sent again without the spans where those were taken', async () => {
    const { exporter, batches } = recorder((call) => (call === 0 ? ({ ...DOWN, spansTaken: true, rejected: 1 } as ExportResult) : OK))
    const { queue, errors } = queueOf(exporter)
    queue.add(part([span('a'), span('b')], 30, false, [line('1')]))
    expect(await queue.flush(soon())).toBe(true)
    expect(batches).toEqual([['a', 'b', '1'], ['1']])
    expect(queue.stats()).toMatchObject({ bytes: 0, exported: 1, dropped: { rejected: 1 }, logs: { waiting: 0, exported: 1, dropped: 0 } })
    expect(errors.map(({ code }) => code)).toEqual(['EXPORT_REJECTED', 'EXPORT_UNREACHABLE'])
    await queue.close()
  })

  it('are dropped alone where they are refused for good, and with their segment where there is no room', async () => {
    const { exporter } = recorder(() => ({ ok: false, retryable: false, spansTaken: true, error: new Error('no logs here') }))
    const { queue, errors } = queueOf(exporter, { maxBytes: 50, flushIntervalMs: 60_000 })
    queue.add(part([span('a')], 40, false, [line('1'), line('2')]))
    queue.add(part([span('b')], 40, false, [line('3')]))
    expect(queue.stats()).toMatchObject({ spans: 1, dropped: { queue_full: 1 }, logs: { waiting: 1, dropped: 2 } })
    expect(await queue.flush(soon())).toBe(true)
    expect(queue.stats()).toMatchObject({ exported: 1, dropped: { queue_full: 1 }, logs: { waiting: 0, exported: 0, dropped: 3 } })
    expect(errors.at(-1)?.message).toBe('The exporter refused 1 log line: no logs here')
    queue.add(part([], 10, false, [line('4')]))
    await queue.close()
    expect(queue.stats().logs).toEqual({ waiting: 0, exported: 0, dropped: 4 })
  })

  it('are dropped where the receiver has no place for them: told once, while spans go on', async () => {
    const refused: ExportResult = { ok: false, retryable: false, unsupported: true, spansTaken: true, error: new Error('HTTP 404') }
    const { exporter } = recorder((call) => (call === 2 ? { ok: true, rejectedLogs: 1 } : refused))
    const { queue, errors } = queueOf(exporter)
    for (const name of ['a', 'b', 'c', 'd']) {
      queue.add(part([span(name)], 40, false, [line('1'), line('2')]))
      expect(await queue.flush(soon())).toBe(true)
    }
    expect(queue.stats()).toMatchObject({
      exported: 4,
      dropped: {},
      logs: { waiting: 0, exported: 1, dropped: 7 },
      exports: { ok: 4, failed: 0 },
    })
    expect(errors.map(({ code }) => code)).toEqual(['LOGS_UNSUPPORTED', 'LOGS_UNSUPPORTED'])
    expect(errors[0]?.message).toBe('Recorded log lines are dropped: HTTP 404')
    await queue.close()
  })
})
