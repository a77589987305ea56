// What one span costs from start to end, active in a callback, by processes that take turns.
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { median, percentile } from '../statistics.mjs'
import { format, formatRange, printTable } from '../table.mjs'
import { takeTurns, withChildren } from '../turns.mjs'

const DEFAULT_ROUNDS = 3
const WARM_UP_BATCHES = 100
/** Of 200 traces; some 10 to 50 ms. */
const TURN_BATCHES = 30
const TURNS = 40
const HEAD = ['variant', 'sync ns/span [rounds]', 'async ns/span [rounds]', "sync of OTel's", "async of OTel's"]
const BEFORE = 'clew (before)'
const TITLES = {
  bare: 'bare (three nested calls)',
  handwritten: 'hand-written, randomBytes ids',
  pooled: 'hand-written, pooled ids',
  otel: 'OpenTelemetry JS',
  clew: 'clew',
}

/** @typedef {Record<'sync' | 'async', number[]>} Figures a value per round */

/** @param {import('../options.mjs').BenchOptions & { node: import('../machine.mjs').NodeBinary }} options */
export async function runSpan(options) {
  const seeds = createSeeds(options)
  /** @type {Map<string, Figures>} */
  const figures = new Map([...seeds.keys()].map((name) => [name, { sync: [], async: [] }]))
  for (let round = 0; round < (options.rounds ?? DEFAULT_ROUNDS); round++)
    await withChildren(seeds, async (children) => {
      for (const kind of /** @type {const} */ (['sync', 'async'])) await measureRound(kind, children, figures)
      for (const child of children.values()) await child.ask('check')
    })
  const rows = [...figures.keys()].map((name) => toRow(name, figures))
  printTable('span, of a trace of three', HEAD, rows)
}

/** @param {import('../options.mjs').BenchOptions & { node: import('../machine.mjs').NodeBinary }} options */
function createSeeds({ node, against, variants }) {
  const toSeed = (/** @type {string} */ base, /** @type {string} */ name) => ({
    file: new URL('worker.mjs', base),
    args: [name],
    node: node.path,
    processor: 0,
  })
  const names = Object.keys(TITLES).filter((name) => variants.length === 0 || variants.includes(name))
  const seeds = new Map(names.map((name) => [name, toSeed(import.meta.url, name)]))
  if (against !== undefined) seeds.set(BEFORE, toSeed(pathToFileURL(resolve(against, 'bench', 'span', 'run.mjs')).href, 'clew'))
  return seeds
}

/**
 * The 25th percentile of the turns, which the noise of a shared machine spares.
 *
 * @param {'sync' | 'async'} kind
 * @param {Map<string, import('../turns.mjs').Child>} children
 * @param {Map<string, Figures>} figures
 */
async function measureRound(kind, children, figures) {
  for (const child of children.values()) await child.ask(kind, WARM_UP_BATCHES)
  const turns = await takeTurns(children, TURNS, (child) => child.ask(kind, TURN_BATCHES))
  for (const [name, own] of turns) figures.get(name)?.[kind].push(percentile(own, 0.25))
}

/**
 * @param {string} name
 * @param {Map<string, Figures>} figures
 */
function toRow(name, figures) {
  const { sync = [], async = [] } = figures.get(name) ?? {}
  const peer = figures.get('otel')
  return [
    TITLES[/** @type {keyof typeof TITLES} */ (name)] ?? name,
    formatRange(median(sync), sync, 0),
    formatRange(median(async), async, 0),
    format(median(sync) / median(peer?.sync ?? []), 2),
    format(median(async) / median(peer?.async ?? []), 2),
  ]
}
