import { afterEach, describe, expect, it } from 'vitest'
import { getLogSpan, recordLog } from '../src/adapter.js'
import { keepTrace, startSpan, suppressTracing, withSpan } from '../src/trace-api.js'
import { defaultTestTracer, manualClock } from './support.js'
import { memoryExporter } from '../src/memory-exporter.js'
import { resetDefaultTracer } from '../src/default-tracer.js'
import type { AttributesInput } from '../src/attributes.js'

afterEach(() => resetDefaultTracer())

const DEBUG = 5
const INFO = 9
const ERROR = 17

const takesLog = (severityNumber: number): boolean => getLogSpan()?.takesLog(severityNumber) ?? false

function log(body: string, severityNumber = INFO, attributes: AttributesInput = {}): void {
  recordLog({ severityNumber, severityText: 'some', line: body, read: (line) => ({ body: line, attributes }) })
}

const bodies = (logs: readonly { body: string }[]) => logs.map(({ body }) => body)

describe('recorded log lines', () => {
  it('reach the exporter with a segment that is kept, in order, with the ids and the time of their span', async () => {
    const clock = manualClock()
    await using t = defaultTestTracer({ clock })
    withSpan('root', () => {
      log('one', DEBUG, { n: 1 })
      clock.advance(2)
      withSpan('child', () => log('two'))
    })
    await t.tracer.flush()
    const [child, root] = t.exporter.spans
    expect(t.exporter.logs).toEqual([
      { traceId: root!.traceId, spanId: root!.spanId, time: root!.startTime, severityNumber: DEBUG, severityText: 'some', body: 'one', attributes: { n: 1 } },
      { traceId: root!.traceId, spanId: child!.spanId, time: root!.startTime + 2, severityNumber: INFO, severityText: 'some', body: 'two', attributes: {} },
    ]) // prettier-ignore
    expect(t.tracer.stats()).toMatchObject({ logsRecorded: 2, logsPassed: 0, logsOverLimit: 0, queue: { logs: { exported: 2 } } })
  })

  it('are forgotten with a segment that passes, unread', async () => {
    await using t = defaultTestTracer({ sampling: { rate: 0 } })
    let reads = 0
    withSpan('root', () => recordLog({ severityNumber: INFO, line: 'x', read: (body) => (reads++, { body, attributes: {} }) }))
    await t.tracer.flush()
    expect(t.exporter.logs).toEqual([])
    expect(reads).toBe(0)
    expect(t.tracer.stats()).toMatchObject({ logsRecorded: 1, logsPassed: 1 })
  })

  it('are kept whole where an unsampled segment fails in the end', async () => {
    await using t = defaultTestTracer({ sampling: { rate: 0 } })
    withSpan('root', (span) => {
      log('before', DEBUG)
      span.setStatus({ code: 'error' })
      log('after', DEBUG)
    })
    await t.tracer.flush()
    expect(bodies(t.exporter.logs)).toEqual(['before', 'after'])
  })

  it('follow the verdict after the end of the local root', async () => {
    await using t = defaultTestTracer({ sampling: { sampler: ({ name }) => name === 'kept' }, recorder: false })
    for (const name of ['kept', 'passed']) {
      withSpan(name, (span) => {
        span.end()
        log(`${name} late`)
        expect(takesLog(INFO)).toBe(name === 'kept')
      })
    }
    await t.tracer.flush()
    expect(bodies(t.exporter.logs)).toEqual(['kept late'])
  })

  it('wait in the recorder after the end of a local root that passed, and come with what is kept late', async () => {
    await using t = defaultTestTracer({ sampling: { rate: 0 } })
    const late = withSpan('root', (span) => {
      log('in time', DEBUG)
      const job = startSpan('job')
      span.end()
      expect(takesLog(DEBUG)).toBe(true)
      log('late', DEBUG)
      return job
    })
    await t.tracer.flush()
    expect(t.exporter.logs).toEqual([])
    late.fail(new Error('out of stock')).end()
    await t.tracer.flush()
    expect(bodies(t.exporter.logs)).toEqual(['in time', 'late'])
    expect(t.tracer.stats()).toMatchObject({ logsRecorded: 2, logsPassed: 0 })
  })

  it('are not taken long after the end of a local root that passed', async () => {
    const clock = manualClock()
    await using t = defaultTestTracer({ clock, sampling: { rate: 0 }, limits: { lateMs: 1000 } })
    withSpan('root', (span) => {
      span.end()
      clock.advance(1001)
      log('from a stale context')
      expect(takesLog(ERROR)).toBe(false)
    })
    expect(t.tracer.stats()).toMatchObject({ logsRecorded: 0, logsPassed: 0 })
  })

  it('come late with a trace that another segment of it has kept', async () => {
    await using t = defaultTestTracer({ sampling: { rate: 0 } })
    withSpan('root', (span) => {
      span.end()
      withSpan('sibling', { parent: { ...span.spanContext(), isRemote: true } }, () => keepTrace())
      log('late')
    })
    await t.tracer.flush()
    expect(bodies(t.exporter.logs)).toEqual(['late'])
  })

  it('are not taken outside of a span, inside suppressTracing, and where nobody collects', async () => {
    await using t = defaultTestTracer()
    log('outside')
    expect(takesLog(INFO)).toBe(false)
    withSpan('root', () => suppressTracing(() => (log('suppressed'), expect(takesLog(INFO)).toBe(false))))
    await t.tracer.flush()
    expect(t.exporter.logs).toEqual([])
    await using silent = defaultTestTracer({ exporter: false })
    withSpan('root', () => (log('nobody'), expect(takesLog(INFO)).toBe(false)))
    expect(silent.tracer.stats().logsRecorded).toBe(0)
  })

  it('are bounded in number, trouble having room of its own, and what found none is counted', async () => {
    await using t = defaultTestTracer({ limits: { logsPerSegment: 3 } })
    withSpan('root', () => {
      for (let index = 0; index < 5; index++) log(`info ${index}`)
      expect(takesLog(DEBUG)).toBe(false)
      for (let index = 0; index < 5; index++) log(`error ${index}`, ERROR)
    })
    await t.tracer.flush()
    expect(bodies(t.exporter.logs)).toEqual(['info 0', 'info 1', 'info 2', 'error 0', 'error 1', 'error 2'])
    expect(t.exporter.spans[0]?.attributes['clew.dropped_logs']).toBe(5)
    expect(t.tracer.stats()).toMatchObject({ logsRecorded: 6, logsOverLimit: 5 })
  })

  it('are bounded in characters', async () => {
    await using t = defaultTestTracer({ limits: { logBytesPerSegment: 100 } })
    withSpan('root', () => {
      log('a'.repeat(90))
      log('b'.repeat(20))
      log('c'.repeat(10))
      log('d'.repeat(50), ERROR)
      log('e'.repeat(1000), ERROR)
    })
    await t.tracer.flush()
    expect(bodies(t.exporter.logs).map((body) => body[0])).toEqual(['a', 'c', 'd'])
    expect(t.exporter.spans[0]?.attributes['clew.dropped_logs']).toBe(2)
  })

  it('are masked as spans are, by the tracer\u2019s own rules, too, and cut', async () => {
    await using t = defaultTestTracer({ redact: ['street'], limits: { valueLength: 50, attributes: 3 } })
    withSpan('root', () =>
      log(`mail jo@example.com street=Main ${'x'.repeat(100)}`, INFO, {
        password: 'p',
        street: 'Main',
        nested: { token: 't', street: 's' },
        over: 1,
      }),
    )
    await t.tracer.flush()
    const [record] = t.exporter.logs
    expect(record?.body).toMatch(/^mail \[REDACTED\] street=\[REDACTED\] x+$/)
    expect(record?.attributes).toEqual({
      password: '[REDACTED]',
      street: '[REDACTED]',
      nested: '{"token":"[REDACTED]","street":"[REDACTED]"}',
    })
    expect(record?.droppedAttributes).toBe(1)
  })

  it('cost the one that cannot be read, and no other', async () => {
    await using t = defaultTestTracer()
    withSpan('root', () => {
      recordLog({ severityNumber: INFO, line: 'bad', read: () => { throw new Error('unreadable') } }) // prettier-ignore
      log('good')
    })
    await t.tracer.flush()
    expect(bodies(t.exporter.logs)).toEqual(['good'])
    expect(t.errors.map(({ code }) => code)).toEqual(['INTERNAL'])
  })
})

it.each([
  [1, 0, '1 span was not exported within 0 ms'],
  [2, 0, '2 spans were not exported within 0 ms'],
  [1, 1, '1 span and 1 log line were not exported within 0 ms'],
  [4, 5, '4 spans and 5 log lines were not exported within 0 ms'],
])('a flush that runs out of time with %i spans and %i log lines says so', async (spans, lines, message) => {
  const exporter = { ...memoryExporter(), export: () => new Promise<never>(() => {}) }
  const t = defaultTestTracer({ exporter })
  withSpan('root', () => {
    for (let i = 0; i < lines; i++) log(`line ${i}`)
    for (let i = 1; i < spans; i++) withSpan('child', () => {})
  })
  await t.tracer.flush({ timeoutMs: 0 })
  expect(t.errors).toEqual([expect.objectContaining({ code: 'FLUSH_TIMEOUT', message })])
  await t.tracer.shutdown({ timeoutMs: 0 })
})
