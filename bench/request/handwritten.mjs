// The hand-written tracer as a middleware of each framework.
import { HandwrittenTracer } from '../handwritten.mjs'

/** @type {Readonly<Record<string, (tracer: HandwrittenTracer) => any>>} */
const MIDDLEWARES = {
  express: (tracer) => (/** @type {any} */ req, /** @type {any} */ res, /** @type {() => void} */ next) => {
    const span = startServerSpan(tracer, req)
    res.setHeader('X-Trace-Id', span.traceId)
    res.on('finish', () => endServerSpan(tracer, span, { route: req.route?.path, status: res.statusCode }))
    tracer.storage.run(span, next)
  },
  koa: (tracer) => (/** @type {any} */ ctx, /** @type {() => Promise<void>} */ next) => {
    const span = startServerSpan(tracer, ctx.req)
    ctx.set('X-Trace-Id', span.traceId)
    ctx.res.on('finish', () => endServerSpan(tracer, span, { route: ctx._matchedRoute, status: ctx.res.statusCode }))
    return tracer.storage.run(span, next)
  },
  hono: (tracer) => (/** @type {any} */ c, /** @type {() => Promise<void>} */ next) => {
    const { incoming, outgoing } = c.env
    const span = startServerSpan(tracer, incoming)
    c.header('X-Trace-Id', span.traceId)
    outgoing.on('finish', () => endServerSpan(tracer, span, { route: '/orders/:id', status: outgoing.statusCode }))
    return tracer.storage.run(span, next)
  },
}

/**
 * @param {HandwrittenTracer} tracer
 * @param {import('node:http').IncomingMessage} req
 */
function startServerSpan(tracer, req) {
  const span = tracer.startSpan(`${req.method} ${req.url}`, /** @type {string | undefined} */ (req.headers['x-trace-id']))
  span.attributes = { method: req.method, url: req.url, agent: req.headers['user-agent'] }
  return span
}

/**
 * @param {HandwrittenTracer} tracer
 * @param {ReturnType<HandwrittenTracer['startSpan']>} span
 * @param {{ route: string | undefined, status: number }} end
 */
function endServerSpan(tracer, span, { route, status }) {
  span.attributes = { ...span.attributes, route, status }
  tracer.endSpan(span)
}

/**
 * @param {string} framework
 * @param {import('../handwritten.mjs').IdSource} ids
 * @returns {import('./variants.mjs').Variant}
 */
export function createHandwritten(framework, ids) {
  const tracer = new HandwrittenTracer(ids)
  return {
    middlewares: [MIDDLEWARES[framework]?.(tracer)],
    withSpan: tracer.withSpan,
    finish: async () => ({ exported: tracer.exported, dropped: 0 }),
  }
}
