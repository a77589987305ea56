import { describe, expect, it } from 'vitest'
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
