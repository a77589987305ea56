// OpenTelemetry JS as its documents set it up, with an exporter that throws everything away.
import { createRequire } from 'node:module'

// Instrumentations patch what is loaded with `require`, and only after they were registered.
const require = createRequire(import.meta.url)

/**
 * Registers a provider with a batch processor.
 *
 * @param {number} rate the part of the traces that is sampled
 */
export function registerOtel(rate) {
  const { NodeTracerProvider, BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler } = require('@opentelemetry/sdk-trace-node')
  let exported = 0
  const processor = new BatchSpanProcessor({
    export(/** @type {unknown[]} */ spans, /** @type {(result: { code: number }) => void} */ done) {
      exported += spans.length
      done({ code: 0 })
    },
    shutdown: async () => {},
  })
  const sampler = rate < 1 ? { sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(rate) }) } : {}
  const provider = new NodeTracerProvider({ spanProcessors: [processor], ...sampler })
  provider.register()
  const tracer = require('@opentelemetry/api').trace.getTracer('bench')
  return { provider, tracer, count: () => exported }
}

/**
 * The `withSpan` that OpenTelemetry's users write around `startActiveSpan`.
 *
 * @param {import('@opentelemetry/api').Tracer} tracer
 * @returns {import('./request/order.mjs').WithSpan}
 */
export function createWithSpan(tracer) {
  return (name, fn) => tracer.startActiveSpan(name, (span) => endAfter(span, fn))
}

/**
 * @param {import('@opentelemetry/api').Span} span
 * @param {() => any} fn
 */
function endAfter(span, fn) {
  let result
  try {
    result = fn()
  } catch (error) {
    fail(span, error)
    throw error
  }
  if (result instanceof Promise) return endWith(span, result)
  span.end()
  return result
}

/**
 * @param {import('@opentelemetry/api').Span} span
 * @param {Promise<unknown>} promise
 */
async function endWith(span, promise) {
  try {
    const value = await promise
    span.end()
    return value
  } catch (error) {
    fail(span, error)
    throw error
  }
}

/**
 * @param {import('@opentelemetry/api').Span} span
 * @param {unknown} error
 */
function fail(span, error) {
  span.recordException(/** @type {Error} */ (error))
  span.setStatus({ code: 2 })
  span.end()
}
