import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTracer, getDefaultTracer, resetDefaultTracer } from '../src/default-tracer.js'
import type { TraceError } from '../src/errors.js'
import { createRequestTracer } from '../src/server-request.js'
import { memoryExporter } from '../src/memory-exporter.js'
import { onSpanEnd } from '../src/span-listeners.js'
import { withSpan } from '../src/trace-api.js'

afterEach(resetDefaultTracer)

describe('the default tracer', () => {
  it('is the first one made explicitly', () => {
    const first = createTracer({ exporter: false })
    const second = createTracer({ exporter: false })
    expect(getDefaultTracer()).toBe(first)
    expect(second).not.toBe(first)
  })

  it('gives way to the next one made when it has been shut down', async () => {
    const first = createTracer({ exporter: false })
    await first.shutdown()
    expect(getDefaultTracer()).toBe(first)
    expect(createTracer({ exporter: false })).toBe(getDefaultTracer())
  })

  it('is made with the options that an adapter was given, whoever uses it first', () => {
    createRequestTracer({ service: 'gateway' })
    withSpan('early', () => {})
    expect(getDefaultTracer().service).toBe('gateway')
  })

  it('is not one that opted out', () => {
    const out = createTracer({ exporter: false, default: false })
    expect(getDefaultTracer()).not.toBe(out)
  })

  it('is made at first use where none was, and replaced by one made explicitly', () => {
    const lazy = getDefaultTracer()
    expect(getDefaultTracer()).toBe(lazy)
    const explicit = createTracer({ exporter: false })
    expect(getDefaultTracer()).toBe(explicit)
  })

  it('says so where the one replaced had recorded', () => {
    const errors: TraceError[] = []
    withSpan('early', () => {})
    createTracer({ exporter: false, onError: (error) => errors.push(error) })
    expect(errors.map((error) => error.code)).toEqual(['DEFAULT_REPLACED'])
  })

  it('does not fail the host for a bad address in the environment', () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318')
    const errors: TraceError[] = []
    expect(() => withSpan('a', () => {})).not.toThrow()
    createTracer({ default: false, onError: (error) => errors.push(error) })
    vi.unstubAllEnvs()
    expect(errors.map((error) => error.code)).toEqual(['INVALID_ENV'])
  })

  it('gives way, inside a span, to the tracer of that span', async () => {
    const exporter = memoryExporter()
    createTracer({ exporter: false })
    const own = createTracer({ exporter, default: false, flushOnExit: false, service: 'own' })
    own.withSpan('outer', () => withSpan('inner', () => {}))
    await own.flush()
    expect(exporter.spans.map((span) => [span.name, span.service])).toEqual([
      ['inner', 'own'],
      ['outer', 'own'],
    ])
  })
})

describe('a tracer', () => {
  it('without an exporter still makes ids, and keeps nothing', () => {
    const tracer = createTracer({ exporter: false })
    withSpan('a', (span) => expect(span.spanContext().traceId).toMatch(/^[0-9a-f]{32}$/))
    expect(tracer.stats()).toMatchObject({ spansEnded: 1, queue: { spans: 0, maxBytes: 0 } })
  })

  it('takes nothing after its shutdown, closes its exporter once and counts what comes late', async () => {
    let closed = 0
    const tracer = createTracer({ exporter: { ...memoryExporter(), close: async () => void closed++ }, flushOnExit: false })
    await Promise.all([tracer.shutdown(), tracer.shutdown()])
    withSpan('late', () => {})
    expect(closed).toBe(1)
    expect(tracer.stats().queue.dropped).toEqual({ shutdown: 1 })
  })

  it('is shut down at once where it has no exporter to close', async () => {
    const waited = vi.spyOn(globalThis, 'setTimeout')
    await createTracer({ exporter: false, default: false }).shutdown()
    expect(waited).not.toHaveBeenCalled()
    waited.mockRestore()
  })

  it('keeps the deadline of its shutdown, whatever the exporter does', async () => {
    const never = () => new Promise<never>(() => {})
    const tracer = createTracer({ exporter: { export: never, close: never }, flushOnExit: false, onError: () => {} })
    withSpan('stuck', () => {})
    await tracer.shutdown({ timeoutMs: 20 })
    expect(tracer.stats().queue).toMatchObject({ spans: 0, dropped: { shutdown: 1 } })
  })

  it('samples anew after setSampling, which checks its options', async () => {
    const exporter = memoryExporter()
    const tracer = createTracer({ exporter, flushOnExit: false })
    tracer.setSampling({ rate: 0 })
    withSpan('passed', () => {})
    expect(() => tracer.setSampling({ rate: 7 })).toThrow('sampling.rate')
    tracer.setSampling({ rate: 1 })
    withSpan('sampled', () => {})
    await tracer.flush()
    expect(exporter.spans.map((span) => span.name)).toEqual(['sampled'])
  })

  it('shows ended spans to onSpanEnd and to listeners, masked, and survives those that throw', async () => {
    const seen: string[] = []
    const errors: TraceError[] = []
    const stop = onSpanEnd((span) => seen.push(`listener ${String(span.attributes['user.password'])}`))
    createTracer({
      exporter: false,
      onError: (error) => errors.push(error),
      onSpanEnd: (span) => {
        seen.push(`own ${String(span.attributes['user.password'])}`)
        throw new Error('callback')
      },
    })
    withSpan('a', { attributes: { 'user.password': 'hunter2' } }, () => {})
    stop()
    withSpan('b', () => {})
    expect(seen).toEqual(['own [REDACTED]', 'listener [REDACTED]', 'own undefined'])
    expect(errors.map((error) => error.code)).toEqual(['CALLBACK_FAILED', 'CALLBACK_FAILED'])
  })

  it('never lets onError throw into the host', () => {
    createTracer({
      exporter: false,
      onSpanEnd: () => {
        throw new Error('a')
      },
      onError: () => {
        throw new Error('b')
      },
    })
    expect(withSpan('a', () => 1)).toBe(1)
  })
})
