// OpenTelemetry JS with the instrumentations of its documents: http and the framework's; on Hono the middleware of @hono/otel.
import { createRequire } from 'node:module'
import { createWithSpan, registerOtel } from '../otel.mjs'

const require = createRequire(import.meta.url)

/** @type {Readonly<Record<string, () => any[]>>} */
const INSTRUMENTATIONS = {
  express: () => [createHttp(), new (require('@opentelemetry/instrumentation-express').ExpressInstrumentation)()],
  koa: () => [createHttp(), new (require('@opentelemetry/instrumentation-koa').KoaInstrumentation)()],
  // Its middleware makes the server span; with the http instrumentation beside it there would be two.
  hono: () => [],
}

function createHttp() {
  return new (require('@opentelemetry/instrumentation-http').HttpInstrumentation)()
}

/**
 * @param {string} framework
 * @param {number} rate
 * @returns {Promise<import('./variants.mjs').Variant>}
 */
export async function createOtel(framework, rate) {
  const { provider, tracer, count } = registerOtel(rate)
  const instrumentations = INSTRUMENTATIONS[framework]?.() ?? []
  require('@opentelemetry/instrumentation').registerInstrumentations({ instrumentations, tracerProvider: provider })
  return {
    middlewares: framework === 'hono' ? [(await import('@hono/otel')).httpInstrumentationMiddleware()] : [],
    withSpan: createWithSpan(tracer),
    async finish() {
      await provider.forceFlush()
      return { exported: count(), dropped: 0 }
    },
  }
}
