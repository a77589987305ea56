// What packages bring onto the disk.
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('..', import.meta.url))
/** What a package of this repository does not publish. */
const UNPUBLISHED = /(?:\.map|\.tsbuildinfo)$/

/**
 * The packages and bytes of these and everything they depend on, peers aside.
 *
 * @param {readonly string[]} names
 */
export function measureInstall(names) {
  /** @type {Map<string, number>} */
  const sizes = new Map()
  names.forEach((name) => addPackage(name, HERE, sizes))
  return { packages: sizes.size, bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0) }
}

/**
 * @param {string} name
 * @param {string} from the folder of the package that asks for it
 * @param {Map<string, number>} sizes
 */
function addPackage(name, from, sizes) {
  const folder = findPackage(name, from)
  if (folder === undefined) throw new Error(`${name} is not installed for ${from}`)
  if (sizes.has(folder)) return
  sizes.set(folder, folder.includes('node_modules') ? sizeOf(folder) : sizeOf(join(folder, 'dist')))
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  for (const dependency of Object.keys(dependencies)) addPackage(dependency, folder, sizes)
}

/**
 * @param {string} name
 * @param {string} from
 * @returns {string | undefined}
 */
function findPackage(name, from) {
  const folder = join(from, 'node_modules', name)
  if (existsSync(join(folder, 'package.json'))) return realpathSync(folder)
  return dirname(from) === from ? undefined : findPackage(name, dirname(from))
}

/**
 * @param {string} folder
 * @returns {number}
 */
function sizeOf(folder) {
  let size = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) size += entry.name === 'node_modules' ? 0 : sizeOf(path)
    else if (entry.isFile() && !isUnpublished(path)) size += statSync(path).size
  }
  return size
}

/** @param {string} path */
function isUnpublished(path) {
  return !path.includes('node_modules') && UNPUBLISHED.test(path)
}
