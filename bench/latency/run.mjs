// What a caller waits longer where 200 requests are under way at once, each of which waits 100 ms for something else.
import { startChild } from '../child.mjs'
import { checkCounts } from '../request/counts.mjs'
import { VARIANTS } from '../request/variants.mjs'
import { median } from '../statistics.mjs'
import { format, formatRange, printTable } from '../table.mjs'
import { pairDifferences, takeTurns, withChildren } from '../turns.mjs'

const DEFAULT_ROUNDS = 2
const DEFAULT_SECONDS = 12
/** 2,000 requests a second. */
const TURN_SECONDS = 2
const TURN_REQUESTS = 4_000
const WARM_UP_REQUESTS = 30_000
const SERVER_PROCESSOR = 0
const LOAD_PROCESSOR = 1
const HEAD = ['variant', 'p50 ms', 'p99 ms', '+ms p50 [rounds]', '+ms p99 [rounds]']
/** What makes its spans in the same way at 1 % is not measured again. */
const NAMES = ['bare', 'handwritten', 'otel', 'clew']

/** @typedef {Awaited<ReturnType<typeof startChild>>} Child */
/** @typedef {{ p50: number, p99: number }} Turn */
/** @typedef {Map<string, Turn[]>} Round */
/** @typedef {import('../options.mjs').BenchOptions & { node: import('../machine.mjs').NodeBinary }} LatencyOptions */

/** @param {LatencyOptions} options */
export async function runLatency(options) {
  const load = await startChild({ file: new URL('load.mjs', import.meta.url), node: options.node.path, processor: LOAD_PROCESSOR })
  try {
    for (const framework of options.frameworks) printLatencyTable(framework, await measure(framework, options, load))
  } finally {
    await load.stop()
  }
}

/**
 * @param {string} framework
 * @param {LatencyOptions} options
 * @param {Child} load
 */
async function measure(framework, { node, rounds = DEFAULT_ROUNDS, seconds = DEFAULT_SECONDS, variants }, load) {
  const names = NAMES.filter((name) => name === 'bare' || variants.length === 0 || variants.includes(name))
  const file = new URL('../request/server.mjs', import.meta.url)
  const seeds = new Map(names.map((name) => [name, { file, args: [framework, name], node: node.path, processor: SERVER_PROCESSOR }]))
  /** @type {Round[]} */
  const results = []
  for (let round = 0; round < rounds; round++)
    results.push(await withChildren(seeds, (servers) => measureRound({ framework, seconds, servers, load })))
  return results
}

/**
 * @param {{ framework: string, seconds: number, servers: Map<string, Child>, load: Child }} seed
 * @returns {Promise<Round>}
 */
async function measureRound({ framework, seconds, servers, load }) {
  for (const server of servers.values()) await load.ask('warmUp', { port: await server.ask('port'), amount: WARM_UP_REQUESTS })
  const work = async (/** @type {Child} */ server) => load.ask('measure', { port: await server.ask('port'), amount: TURN_REQUESTS })
  const turns = await takeTurns(servers, Math.max(2, Math.ceil(seconds / TURN_SECONDS)), work)
  for (const [name, server] of servers) checkCounts(`${framework}/${name}`, VARIANTS[name]?.rate, await server.ask('finish'))
  return turns
}

/**
 * @param {string} framework
 * @param {Round[]} results
 */
function printLatencyTable(framework, results) {
  const rows = [...(results[0]?.keys() ?? [])].map((name) => toRow(name, results))
  printTable(`latency, ${framework}, 200 requests under way`, HEAD, rows)
}

/**
 * @param {string} name
 * @param {Round[]} results
 */
function toRow(name, results) {
  const all = (/** @type {'p50' | 'p99'} */ figure) => median(results.flatMap((round) => figuresOf(round, name, figure)))
  const added = (/** @type {'p50' | 'p99'} */ figure) => {
    const values = results.map((round) => median(pairDifferences(figuresOf(round, name, figure), figuresOf(round, 'bare', figure))))
    return name === 'bare' ? '-' : formatRange(median(values), values, 2)
  }
  return [VARIANTS[name]?.title ?? name, format(all('p50'), 2), format(all('p99'), 2), added('p50'), added('p99')]
}

/**
 * @param {Round} round
 * @param {string} name
 * @param {'p50' | 'p99'} figure
 */
function figuresOf(round, name, figure) {
  return (round.get(name) ?? []).map((turn) => turn[figure])
}
