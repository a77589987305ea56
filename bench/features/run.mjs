// What each part of clew takes of a request: the difference to a server that has it switched off.
import { median } from '../statistics.mjs'
import { formatRange, printTable } from '../table.mjs'
import { pairDifferences, takeTurns, withChildren } from '../turns.mjs'
import { FEATURES } from './variants.mjs'

const DEFAULT_ROUNDS = 3
const WARM_UP_REQUESTS = 30_000
const TURN_REQUESTS = 1_000
const TURNS = 60
const HEAD = ['what', 'us/request [rounds]']

/** @typedef {import('../turns.mjs').Child} Child */

/** @param {import('../options.mjs').BenchOptions & { node: import('../machine.mjs').NodeBinary }} options */
export async function runFeatures({ frameworks, node, rounds = DEFAULT_ROUNDS }) {
  for (const framework of frameworks) {
    const seeds = new Map(['bare', ...Object.keys(FEATURES)].map((name) => [name, createSeed(framework, name, node.path)]))
    /** @type {Map<string, number[]>[]} */
    const results = []
    for (let round = 0; round < rounds; round++) results.push(await withChildren(seeds, measureRound))
    printTable(
      `features, ${framework}`,
      HEAD,
      Object.keys(FEATURES).map((name) => toRow(name, results)),
    )
  }
}

/**
 * @param {string} framework
 * @param {string} name
 * @param {string} node
 */
function createSeed(framework, name, node) {
  return { file: new URL('../added/server.mjs', import.meta.url), args: [framework, name], node, processor: 0 }
}

/**
 * @param {Map<string, Child>} children
 * @returns {Promise<Map<string, number[]>>}
 */
async function measureRound(children) {
  for (const child of children.values()) await child.ask('turn', WARM_UP_REQUESTS)
  const turns = await takeTurns(children, TURNS, (child) => child.ask('turn', TURN_REQUESTS))
  for (const [name, child] of children) check(name, await child.ask('finish'))
  return turns
}

/**
 * Throws where spans are missing.
 *
 * @param {string} name
 * @param {{ requests: number, exported: number, dropped: number }} counts
 */
function check(name, { requests, exported, dropped }) {
  const expected = name === 'bare' ? 0 : requests * (FEATURES[name]?.withoutSpans ? 1 : 3)
  if (exported !== expected || dropped > 0) throw new Error(`${name} ended ${exported} of ${expected} spans and dropped ${dropped}`)
}

/**
 * @param {string} name
 * @param {Map<string, number[]>[]} results
 */
function toRow(name, results) {
  const { title = name, than = 'bare' } = FEATURES[name] ?? {}
  const [more, less] = than === 'bare' ? [name, 'bare'] : [than, name]
  const values = results.map((round) => median(pairDifferences(round.get(more) ?? [], round.get(less) ?? [])))
  return [title, formatRange(median(values), values, 2)]
}
