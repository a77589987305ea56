// Checks what users would install: the packed tarballs, looked at from outside and then used.
import { makeTempFolder } from '../temp-folder.mjs'
import { checkConsumers } from './consumers.mjs'
import { addUp, judge } from './outcome.mjs'
import { checkContents, packAll } from './tarballs.mjs'
import { runTool } from './tools.mjs'

/** @typedef {import('./tarballs.mjs').Tarball} Tarball */

const AT_ONCE = 2

/** @returns {Promise<import('./outcome.mjs').Outcome>} */
export async function checkPackages() {
  const folder = makeTempFolder('packages')
  const tarballs = await packAll(folder)
  const looks = await mapSome(tarballs, lookAt)
  return addUp([...looks, await checkConsumers(folder, tarballs)])
}

/** @param {Tarball} tarball */
async function lookAt(tarball) {
  const { file, manifest } = tarball
  return addUp([
    judge(`${manifest.name}: contents`, checkContents(tarball)),
    judge(`${manifest.name}: publint`, await runTool('publint', ['run', file, '--strict'])),
    judge(`${manifest.name}: attw`, await runTool('attw', [file, '--profile', 'esm-only', '--no-emoji'])),
  ])
}

/**
 * @template T, R
 * @param {T[]} items
 * @param {(item: T) => Promise<R>} fn
 * @returns {Promise<R[]>}
 */
async function mapSome(items, fn) {
  /** @type {R[]} */
  const results = []
  const queue = [...items.entries()]
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await fn(next[1])
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return results
}
