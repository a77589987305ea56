import { describe, expect, it, vi } from 'vitest'
import { createReporter } from '../src/report.js'
import { TraceError } from '../src/errors.js'
import { continueTrace, getTraceId, suppressTracing, withSpan } from '../src/trace-api.js'
import { contextStorage } from '../src/context.js'
import { testTracer } from './support.js'

const SOME_ERROR = new TraceError('INTERNAL', 'failed')

describe('onError', () => {
  it('runs outside of the request in which the error came up', async () => {
    const seen: unknown[] = []
    await using test = testTracer({ onError: ({ code }) => void seen.push([code, getTraceId()]) })
    test.tracer.withSpan('innocent', () => {
      const own = getTraceId()
      test.tracer.recordValue('price', Number.NaN, undefined)
      expect(getTraceId()).toBe(own)
    })
    expect(seen).toEqual([['INVALID_MEASUREMENT', undefined]])
  })

  it('carries neither baggage nor ids on, also into what it starts', async () => {
    const report = createReporter(async () => {
      await Promise.resolve()
      withSpan('told', (span) => seen.push(span.spanContext().traceId))
    })
    const seen: string[] = []
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await continueTrace({ traceparent }, 'request', async () => {
      report(SOME_ERROR)
      await new Promise(setImmediate)
    })
    expect(seen).toHaveLength(1)
    expect(seen[0]).not.toBe('0af7651916cd43dd8448eb211c80319c')
  })

  it('stays untraced where what failed was', () => {
    const seen: unknown[] = []
    const report = createReporter(() => void seen.push(contextStorage.getStore()?.suppressed))
    suppressTracing(() => report(SOME_ERROR))
    report(SOME_ERROR)
    expect(seen).toEqual([true, undefined])
  })
})

describe('without onError', () => {
  it('one line tells what failed and why, once per code and minute, without secrets', () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    try {
      const report = createReporter(undefined)
      const cause = new TypeError('no socket for jo@example.com\nat the second line')
      report(new TraceError('INTERNAL', 'A request could not be traced', { cause }))
      report(new TraceError('INTERNAL', 'Another one'))
      report(new TraceError('EXPORT_FAILED', 'Refused: 401', { cause: new Error('401') }))
      expect(write.mock.calls.map(([line]) => line)).toEqual([
        'clew: A request could not be traced: no socket for [REDACTED] (INTERNAL)\n',
        'clew: Refused: 401 (EXPORT_FAILED)\n',
      ])
    } finally {
      write.mockRestore()
    }
  })
})
