// clew with one thing switched off at a time, by its own options.

/**
 * @typedef {object} Feature
 * @property {string} title what the difference to `than` is made of
 * @property {string} than the variant that has it
 * @property {import('@clew/core').TracerOptions} [tracer]
 * @property {object} [adapter]
 * @property {boolean} [withoutSpans] the handler makes no spans of its own
 */

/** @type {Readonly<Record<string, Feature>>} */
export const FEATURES = {
  all: { title: 'everything: server span and two children, sampled', than: 'bare' },
  'no-spans': { title: 'two child spans, active in callbacks', than: 'all', withoutSpans: true },
  'no-header': { title: "the answer's X-Trace-Id", than: 'all', adapter: { responseHeaders: [] } },
  'no-extract': { title: 'reading ids from headers', than: 'all', tracer: { propagation: { extract: [] } } },
  'no-metrics': { title: 'histogram with exemplars', than: 'all', tracer: { metrics: false } },
  'no-exporter': { title: 'segment, verdict, queue, masking, histogram', than: 'all', tracer: { exporter: false } },
  passed: {
    title: 'everything, nothing sampled: flight recorder in place of queue and masking',
    than: 'bare',
    tracer: { sampling: { rate: 0 } },
  },
  'no-recorder': { title: 'flight recorder', than: 'passed', tracer: { sampling: { rate: 0 }, recorder: false } },
}

/** @type {Readonly<Record<string, (options: object) => Promise<any>>>} */
const MIDDLEWARES = {
  express: async (options) => (await import('@clew/express')).expressTracing(options),
  koa: async (options) => (await import('@clew/koa')).koaTracing(options),
  hono: async (options) => (await import('@clew/hono')).honoTracing(options),
}

/**
 * @param {string} name
 * @param {string} framework
 * @returns {Promise<import('../request/variants.mjs').Variant>}
 */
export async function createFeature(name, framework) {
  const { createTracer, withSpan } = await import('@clew/core')
  const { tracer: options, adapter = {}, withoutSpans = false } = FEATURES[name] ?? {}
  const exporter = { export: async () => /** @type {const} */ ({ ok: true }), close: async () => {} }
  const tracer = createTracer({ service: 'bench', exporter, ...options, sampling: { maxTracesPerSecond: Infinity, ...options?.sampling } })
  return {
    middlewares: [await MIDDLEWARES[framework]?.(adapter)],
    withSpan: withoutSpans ? (_name, fn) => fn() : withSpan,
    async finish() {
      await tracer.flush()
      const { queue, spansEnded } = tracer.stats()
      return { exported: spansEnded, dropped: Object.values(queue.dropped).reduce((sum, spans) => sum + spans, 0) }
    },
  }
}
