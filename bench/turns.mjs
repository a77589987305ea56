// Processes that take turns: all are alive at once and one works at a time, so that a change of the machine's pace meets all of them.
import { startChild } from './child.mjs'

/** @typedef {Awaited<ReturnType<typeof startChild>>} Child */

/**
 * Starts one process per name, hands them to `use` and ends them.
 *
 * @template T
 * @param {Map<string, import('./child.mjs').ChildSeed>} seeds by name
 * @param {(children: Map<string, Child>) => Promise<T>} use
 */
export async function withChildren(seeds, use) {
  /** @type {Map<string, Child>} */
  const children = new Map()
  try {
    for (const [name, seed] of seeds) children.set(name, await startChild(seed))
    return await use(children)
  } finally {
    await Promise.all([...children.values()].map((child) => child.stop()))
  }
}

/**
 * What each process answered, turn by turn. Every other turn the order is the reverse, so that what drifts cancels out.
 *
 * @template T
 * @param {Map<string, Child>} children
 * @param {number} turns
 * @param {(child: Child) => Promise<T>} work
 * @returns {Promise<Map<string, T[]>>}
 */
export async function takeTurns(children, turns, work) {
  /** @type {Map<string, T[]>} */
  const answers = new Map([...children.keys()].map((name) => [name, []]))
  for (let turn = 0; turn < turns; turn++) {
    const order = turn % 2 === 0 ? [...children] : [...children].toReversed()
    for (const [name, child] of order) answers.get(name)?.push(await work(child))
  }
  return answers
}

/**
 * The differences turn by turn, two neighbouring turns (there and back) taken together.
 *
 * @param {readonly number[]} own
 * @param {readonly number[]} base
 */
export function pairDifferences(own, base) {
  const pairs = []
  for (let turn = 0; turn + 1 < own.length; turn += 2)
    pairs.push((at(own, turn) - at(base, turn) + at(own, turn + 1) - at(base, turn + 1)) / 2)
  return pairs
}

/**
 * @param {readonly number[]} values
 * @param {number} index
 */
function at(values, index) {
  return values[index] ?? Number.NaN
}
