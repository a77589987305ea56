// Rounds of one worker process per variant, each variant once per round.
import { startChild } from './child.mjs'

/**
 * @typedef {object} WorkerSeed
 * @property {URL} file a module that answers `measure` with an object of numbers; it is given the variant's name
 * @property {readonly string[]} variants
 * @property {string} node
 * @property {number} rounds
 */

/**
 * What each variant measured, a value per round, by the names of the numbers.
 *
 * @param {WorkerSeed} seed
 * @returns {Promise<Map<string, Record<string, number[]>>>}
 */
export async function measureRounds({ file, variants, node, rounds }) {
  /** @type {Map<string, Record<string, number[]>>} */
  const results = new Map(variants.map((variant) => [variant, {}]))
  for (let round = 0; round < rounds; round++) {
    for (const variant of variants) {
      const figures = results.get(variant) ?? {}
      for (const [name, value] of Object.entries(await measureOnce({ file, variant, node }))) (figures[name] ??= []).push(value)
    }
  }
  return results
}

/**
 * @param {{ file: URL, variant: string, node: string }} seed
 * @returns {Promise<Record<string, number>>}
 */
async function measureOnce({ file, variant, node }) {
  const child = await startChild({ file, args: [variant], node, processor: 0 })
  try {
    return await child.ask('measure')
  } finally {
    await child.stop()
  }
}
