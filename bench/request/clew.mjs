// clew's adapter with everything on.
import { withSpan } from '@clew/core'
import { createDiscardingTracer } from '../clew.mjs'

/** @type {Readonly<Record<string, () => Promise<any>>>} */
const MIDDLEWARES = {
  express: async () => (await import('@clew/express')).expressTracing(),
  koa: async () => (await import('@clew/koa')).koaTracing(),
  hono: async () => (await import('@clew/hono')).honoTracing(),
}

/** @param {string} framework */
export async function createMiddleware(framework) {
  return MIDDLEWARES[framework]?.()
}

/**
 * @param {string} framework
 * @param {number} rate
 * @returns {Promise<import('./variants.mjs').Variant>}
 */
export async function createClew(framework, rate) {
  const { tracer, count } = createDiscardingTracer(rate)
  return {
    middlewares: [await createMiddleware(framework)],
    withSpan,
    async finish() {
      await tracer.flush()
      const { dropped } = tracer.stats().queue
      return { exported: count(), dropped: Object.values(dropped).reduce((sum, spans) => sum + spans, 0) }
    },
  }
}
