// The CPU that tracing adds to one request.
import { startChild } from '../child.mjs'
import { checkCounts } from './counts.mjs'
import { printRequestTable } from './report.mjs'
import { VARIANTS } from './variants.mjs'

const DEFAULT_ROUNDS = 5
/** By number, not by time: on a busy machine the compiler would still be at work, and it counts as CPU of the process. */
const WARM_UP_REQUESTS = 30_000
const SERVER_PROCESSOR = 0
const LOAD_PROCESSOR = 1

/**
 * @typedef {object} Result one variant in one round
 * @property {string} variant
 * @property {number} round
 * @property {import('./server.mjs').Sample[]} samples
 * @property {number} requestsPerSecond
 * @property {number} rssBytes
 */

/** @typedef {import('../options.mjs').BenchOptions & { node: import('../machine.mjs').NodeBinary }} RequestOptions */

/**
 * Prints one table per framework; throws where spans are missing.
 *
 * @param {RequestOptions} options
 */
export async function runRequest(options) {
  const load = await startChild({ file: new URL('load.mjs', import.meta.url), node: options.node.path, processor: LOAD_PROCESSOR })
  try {
    for (const framework of options.frameworks) printRequestTable(framework, await measure(framework, options, load))
  } finally {
    await load.stop()
  }
}

/**
 * Every variant once per round, each time in a new process.
 *
 * @param {string} framework
 * @param {RequestOptions} options
 * @param {Awaited<ReturnType<typeof startChild>>} load
 */
async function measure(framework, { node, rounds = DEFAULT_ROUNDS, seconds, variants }, load) {
  const names = Object.keys(VARIANTS).filter((name) => name === 'bare' || variants.length === 0 || variants.includes(name))
  /** @type {Result[]} */
  const results = []
  for (let round = 0; round < rounds; round++)
    for (const variant of names)
      results.push({ variant, round, ...(await measureOnce({ framework, variant, node: node.path, seconds }, load)) })
  return results
}

/**
 * @param {{ framework: string, variant: string, node: string, seconds: number }} seed
 * @param {Awaited<ReturnType<typeof startChild>>} load
 */
async function measureOnce({ framework, variant, node, seconds }, load) {
  const file = new URL('server.mjs', import.meta.url)
  const server = await startChild({ file, args: [framework, variant], node, processor: SERVER_PROCESSOR })
  try {
    const url = `http://127.0.0.1:${await server.ask('port')}/orders/42`
    await load.ask('load', { url, amount: WARM_UP_REQUESTS })
    await server.ask('startSampling')
    const { requestsPerSecond } = await load.ask('load', { url, seconds })
    const samples = await server.ask('stopSampling')
    const counts = await server.ask('finish')
    checkCounts(`${framework}/${variant}`, VARIANTS[variant]?.rate, counts)
    return { samples, requestsPerSecond, rssBytes: counts.rssBytes }
  } finally {
    await server.stop()
  }
}
