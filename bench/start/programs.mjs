// What each variant installs beside its framework.

const OTEL = ['@opentelemetry/api', '@opentelemetry/sdk-trace-node', '@opentelemetry/instrumentation']

/** @type {Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>} */
export const PACKAGES = {
  express: {
    clew: ['@clew/express'],
    otel: [...OTEL, '@opentelemetry/instrumentation-http', '@opentelemetry/instrumentation-express'],
  },
  koa: { clew: ['@clew/koa'], otel: [...OTEL, '@opentelemetry/instrumentation-http', '@opentelemetry/instrumentation-koa'] },
  hono: { clew: ['@clew/hono'], otel: [...OTEL, '@hono/otel'] },
}
