// The CPU that tracing adds to one request, without network: servers that take turns answering requests out of memory.
import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'
import { checkCounts } from '../request/counts.mjs'
import { VARIANTS } from '../request/variants.mjs'
import { median } from '../statistics.mjs'
import { format, formatRange, printTable } from '../table.mjs'
import { pairDifferences, takeTurns, withChildren } from '../turns.mjs'

const DEFAULT_ROUNDS = 3
const WARM_UP_REQUESTS = 30_000
/** Some 20 to 60 ms. */
const TURN_REQUESTS = 1_000
const TURNS = 60
const BEFORE = ' (before)'
const HEAD = ['variant', 'CPU us/req', '+us [rounds]', "of OTel's"]

/** @typedef {import('../options.mjs').BenchOptions & { node: import('../machine.mjs').NodeBinary }} AddedOptions */
/** @typedef {{ cpu: number, added: number }} Round */

/** @param {AddedOptions} options */
export async function runAdded(options) {
  for (const framework of options.frameworks) {
    const rounds = await measure(framework, options)
    printTable(
      `added, ${framework}`,
      HEAD,
      [...rounds.keys()].map((name) => toRow(name, rounds)),
    )
  }
}

/**
 * @param {string} framework
 * @param {AddedOptions} options
 */
async function measure(framework, options) {
  /** @type {Map<string, Round[]>} */
  const rounds = new Map()
  for (let round = 0; round < (options.rounds ?? DEFAULT_ROUNDS); round++) {
    const turns = await withChildren(createSeeds(framework, options), (children) => measureRound(framework, children))
    const bare = turns.get('bare') ?? []
    for (const [name, own] of turns) {
      if (round === 0) rounds.set(name, [])
      rounds.get(name)?.push({ cpu: median(own), added: median(pairDifferences(own, bare)) })
    }
  }
  return rounds
}

/**
 * @param {string} framework
 * @param {AddedOptions} options
 */
function createSeeds(framework, { node, variants, against }) {
  const names = Object.keys(VARIANTS).filter((name) => name === 'bare' || variants.length === 0 || variants.includes(name))
  const seeds = names.map((name) => /** @type {const} */ ([name, createSeed(import.meta.url, framework, name, node.path)]))
  if (against === undefined) return new Map(seeds)
  const other = pathToFileURL(resolve(against, 'bench', 'added', 'run.mjs')).href
  const before = names.filter((name) => name.startsWith('clew'))
  return new Map([...seeds, ...before.map((name) => /** @type {const} */ ([name + BEFORE, createSeed(other, framework, name, node.path)]))])
}

/**
 * @param {string} base
 * @param {string} framework
 * @param {string} variant
 * @param {string} node
 */
function createSeed(base, framework, variant, node) {
  return { file: new URL('server.mjs', base), args: [framework, variant], node, processor: 0 }
}

/**
 * @param {string} framework
 * @param {Map<string, import('../turns.mjs').Child>} children
 */
async function measureRound(framework, children) {
  for (const child of children.values()) await child.ask('turn', WARM_UP_REQUESTS)
  const turns = await takeTurns(children, TURNS, (child) => child.ask('turn', TURN_REQUESTS))
  for (const [name, child] of children)
    checkCounts(`${framework}/${name}`, VARIANTS[name.replace(BEFORE, '')]?.rate, await child.ask('finish'))
  return turns
}

/**
 * @param {string} name
 * @param {Map<string, Round[]>} rounds
 */
function toRow(name, rounds) {
  const variant = name.replace(BEFORE, '')
  const own = rounds.get(name) ?? []
  const added = own.map((round) => round.added)
  const peer = (rounds.get(variant.endsWith('-1') ? 'otel-1' : 'otel') ?? []).map((round) => round.added)
  return [
    `${VARIANTS[variant]?.title}${name === variant ? '' : BEFORE}`,
    format(median(own.map((round) => round.cpu)), 1),
    name === 'bare' ? '-' : formatRange(median(added), added),
    name === 'bare' ? '-' : format(median(added) / median(peer), 2),
  ]
}
