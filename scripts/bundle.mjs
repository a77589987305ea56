// Bundles what a package publishes: one file per entry point, and what entries share in chunks (docs/adr/0005-published-packages-are-bundled.md).
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { rolldown } from 'rolldown'
import { inRoot } from './workspace.mjs'

/** @typedef {import('./workspace.mjs').Room} Room */

const SOURCE = './src/'
/** Entry points that no manifest exports: what `bin/` starts, and what a worker thread runs. */
const PROGRAM = /^(?:main|.+-worker)\.ts$/
const CODE = /\.js(?:\.map)?$/

/**
 * Writes `dist/*.js` of a package; the declarations beside them are tsc's.
 *
 * @param {Room} room
 */
export async function bundle(room) {
  removeCode(room.folder)
  const build = await rolldown({
    cwd: inRoot(room.folder),
    input: listEntries(room),
    // Other packages stay imports, our own included: there must be one copy of core.
    external: (id) => !id.startsWith('.') && !isAbsolute(id),
    platform: 'node',
    transform: { target: 'es2022' },
    treeshake: { moduleSideEffects: false },
  })
  await build.write({
    dir: inRoot(room.folder, 'dist'),
    format: 'esm',
    chunkFileNames: 'shared.js',
    // One chunk and not one for each set of entries: a file more costs a start 0.5 ms.
    codeSplitting: { groups: [{ name: 'shared', minShareCount: 2 }] },
    // The doc blocks stand in the declarations; names stay as they are, so that a stack trace can be read without a source map.
    comments: { legal: true, annotation: true, jsdoc: false },
  })
  await build.close()
}

/**
 * The bundles that a package must have, relative to the root.
 *
 * @param {Room} room
 */
export function listBundles(room) {
  return Object.keys(listEntries(room)).map((name) => `${room.folder}/dist/${name}.js`)
}

/**
 * Sources by the name of the file they become.
 *
 * @param {Room} room
 * @returns {Record<string, string>}
 */
function listEntries({ folder, manifest }) {
  const targets = Object.values(manifest.exports ?? {}).map((target) => Object(target)['@clew/source'])
  const exported = targets.filter((target) => typeof target === 'string').map((target) => target.slice(SOURCE.length))
  const programs = readdirSync(inRoot(folder, 'src')).filter((file) => PROGRAM.test(file))
  return Object.fromEntries([...exported, ...programs].map((file) => [file.replace(/\.ts$/, ''), `${SOURCE}${file}`]))
}

/**
 * An earlier bundle may have left chunks that this one does not write.
 *
 * @param {string} folder
 */
function removeCode(folder) {
  const dist = inRoot(folder, 'dist')
  if (!existsSync(dist)) return
  for (const file of readdirSync(dist)) if (CODE.test(file)) rmSync(`${dist}/${file}`)
}
