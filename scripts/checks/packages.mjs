// Checks what users would install: the packed tarballs, looked at from outside and then used.
import { makeTempFolder } from '../temp-folder.mjs'
import { checkConsumers } from './consumers.mjs'
import { mapSome } from './map-some.mjs'
import { addUp, judge } from './outcome.mjs'
import { checkContents, packAll } from './tarballs.mjs'
import { runTool } from './tools.mjs'

/** @typedef {import('./tarballs.mjs').Tarball} Tarball */

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
