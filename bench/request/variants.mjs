// The ways to trace that are compared; each is loaded only by the process that runs it.

/**
 * @typedef {object} Variant
 * @property {any[]} middlewares in the form of the framework
 * @property {import('./order.mjs').WithSpan} withSpan
 * @property {() => Promise<Counts>} finish waits until everything is exported
 */

/**
 * @typedef {object} Counts
 * @property {number} exported spans the exporter was given
 * @property {number} dropped spans that a queue lost
 */

/**
 * @typedef {object} VariantSeed
 * @property {string} title as it stands in the table
 * @property {number | undefined} rate the part of the requests that is exported; undefined where nothing is
 * @property {(framework: string) => Promise<Variant>} create
 */

/** @type {Readonly<Record<string, VariantSeed>>} */
export const VARIANTS = {
  bare: { title: 'bare', rate: undefined, create: createBare },
  handwritten: { title: 'hand-written, randomBytes ids', rate: 1, create: (framework) => createHandwritten(framework, 'randomBytes') },
  pooled: { title: 'hand-written, pooled ids', rate: 1, create: (framework) => createHandwritten(framework, 'pooled') },
  otel: { title: 'OpenTelemetry JS', rate: 1, create: (framework) => createOtel(framework, 1) },
  clew: { title: 'clew', rate: 1, create: (framework) => createClew(framework, 1) },
  'otel-1': { title: 'OpenTelemetry JS, 1 % sampled', rate: 0.01, create: (framework) => createOtel(framework, 0.01) },
  'clew-1': { title: 'clew, 1 % sampled', rate: 0.01, create: (framework) => createClew(framework, 0.01) },
}

/** @returns {Promise<Variant>} */
async function createBare() {
  return { middlewares: [], withSpan: (_name, fn) => fn(), finish: async () => ({ exported: 0, dropped: 0 }) }
}

/**
 * @param {string} framework
 * @param {'randomBytes' | 'pooled'} ids
 */
async function createHandwritten(framework, ids) {
  return (await import('./handwritten.mjs')).createHandwritten(framework, ids)
}

/**
 * @param {string} framework
 * @param {number} rate
 */
async function createOtel(framework, rate) {
  return (await import('./otel.mjs')).createOtel(framework, rate)
}

/**
 * @param {string} framework
 * @param {number} rate
 */
async function createClew(framework, rate) {
  return (await import('./clew.mjs')).createClew(framework, rate)
}
