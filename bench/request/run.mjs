// The CPU that tracing adds to one request, over the network: servers that take turns under load from another process.
import { startChild } from '../child.mjs'
import { takeTurns, withChildren } from '../turns.mjs'
import { checkCounts } from './counts.mjs'
import { printRequestTable } from './report.mjs'
import { VARIANTS } from './variants.mjs'

const DEFAULT_ROUNDS = 3
const DEFAULT_SECONDS = 6
/** By number, not by time: on a busy machine the compiler would still be at work, and it counts as CPU of the process. */
const WARM_UP_REQUESTS = 30_000
/** Some 0.2 seconds. */
const TURN_REQUESTS = 5_000
const TURNS_PER_SECOND = 4
const SERVER_PROCESSOR = 0
const LOAD_PROCESSOR = 1

/** @typedef {Awaited<ReturnType<typeof startChild>>} Child */

/**
 * @typedef {object} Turn
 * @property {number} cpuMicros per request
 * @property {number} requestsPerSecond
 * @property {number} busy the part of a processor that the server had
 */

/**
 * @typedef {object} Result one variant in one round
 * @property {string} variant
 * @property {number} round
 * @property {Turn[]} turns
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
 * @param {string} framework
 * @param {RequestOptions} options
 * @param {Child} load
 */
async function measure(framework, { node, rounds = DEFAULT_ROUNDS, seconds = DEFAULT_SECONDS, variants }, load) {
  const names = Object.keys(VARIANTS).filter((name) => name === 'bare' || variants.length === 0 || variants.includes(name))
  const file = new URL('server.mjs', import.meta.url)
  const seeds = new Map(names.map((name) => [name, { file, args: [framework, name], node: node.path, processor: SERVER_PROCESSOR }]))
  /** @type {Result[]} */
  const results = []
  for (let round = 0; round < rounds; round++)
    results.push(...(await withChildren(seeds, (servers) => measureRound({ framework, round, seconds, servers, load }))))
  return results
}

/** @param {{ framework: string, round: number, seconds: number, servers: Map<string, Child>, load: Child }} seed */
async function measureRound({ framework, round, seconds, servers, load }) {
  /** @type {Map<Child, number>} */
  const ports = new Map()
  for (const server of servers.values()) {
    ports.set(server, await server.ask('port'))
    await load.ask('load', { port: ports.get(server), amount: WARM_UP_REQUESTS })
  }
  const turns = await takeTurns(servers, seconds * TURNS_PER_SECOND, async (server) => takeTurn(server, ports.get(server), load))
  /** @type {Result[]} */
  const results = []
  for (const [variant, server] of servers) {
    const counts = await server.ask('finish')
    checkCounts(`${framework}/${variant}`, VARIANTS[variant]?.rate, counts)
    results.push({ variant, round, turns: turns.get(variant) ?? [], rssBytes: counts.rssBytes })
  }
  return results
}

/**
 * @param {Child} server
 * @param {number | undefined} port
 * @param {Child} load
 * @returns {Promise<Turn>}
 */
async function takeTurn(server, port, load) {
  await server.ask('spent')
  const { seconds } = await load.ask('load', { port, amount: TURN_REQUESTS })
  const micros = await server.ask('spent')
  return { cpuMicros: micros / TURN_REQUESTS, requestsPerSecond: TURN_REQUESTS / seconds, busy: micros / 1e6 / seconds }
}
