// The ways to make a span, each loaded only by the process that measures it.

/**
 * @typedef {object} SpanTracer
 * @property {(name: string, fn: () => any) => any} withSpan
 * @property {() => Promise<number | undefined>} finish waits for the export and tells how many spans it was; undefined where nothing is exported
 */

/** @type {Readonly<Record<string, () => Promise<SpanTracer>>>} */
export const TRACERS = {
  bare: async () => ({ withSpan: (_name, fn) => fn(), finish: async () => undefined }),
  handwritten: () => createHandwritten('randomBytes'),
  pooled: () => createHandwritten('pooled'),
  otel: createOtel,
  clew: createClew,
}

/**
 * @param {import('../handwritten.mjs').IdSource} ids
 * @returns {Promise<SpanTracer>}
 */
async function createHandwritten(ids) {
  const { HandwrittenTracer } = await import('../handwritten.mjs')
  const tracer = new HandwrittenTracer(ids)
  return { withSpan: tracer.withSpan, finish: async () => tracer.exported }
}

/** @returns {Promise<SpanTracer>} */
async function createOtel() {
  const { createWithSpan, registerOtel } = await import('../otel.mjs')
  const { provider, tracer, count } = registerOtel(1)
  return { withSpan: createWithSpan(tracer), finish: () => provider.forceFlush().then(count) }
}

/** @returns {Promise<SpanTracer>} */
async function createClew() {
  const { withSpan } = await import('@clew/core')
  const { createDiscardingTracer } = await import('../clew.mjs')
  const { tracer, count } = createDiscardingTracer(1)
  return { withSpan, finish: () => tracer.flush().then(count) }
}
