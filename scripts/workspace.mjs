// The rooms of this repository and the files in them.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {boolean} [private]
 * @property {Record<string, unknown>} [exports]
 * @property {Record<string, string>} [bin]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, string>} [devDependencies]
 */

/** @typedef {{ folder: string, manifest: Manifest }} Room */

/** The root folder of the repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))

const MADE = new Set(['node_modules', 'dist', '.git', '.cache', 'coverage', 'assets'])

/**
 * The path inside the repository.
 *
 * @param {...string} parts
 */
export function inRoot(...parts) {
  return join(ROOT, ...parts)
}

/**
 * Every package, private ones included, by its folder relative to the root.
 *
 * @returns {Room[]}
 */
export function listRooms() {
  const folders = ['packages', 'internal', 'examples'].flatMap((parent) => listFolders(parent).map((name) => `${parent}/${name}`))
  return [...folders, 'bench']
    .filter((folder) => existsSync(inRoot(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: readJson(folder, 'package.json') }))
}

/** The packages that are published. */
export function listPublicRooms() {
  return listRooms().filter((room) => !room.manifest.private)
}

/** @param {...string} parts */
export function readJson(...parts) {
  return JSON.parse(readFileSync(inRoot(...parts), 'utf8'))
}

/**
 * Every file below a folder that is not installed or generated, relative to the root, with `/`.
 *
 * @param {string} [folder]
 * @returns {string[]}
 */
export function listFiles(folder = '.') {
  if (!existsSync(inRoot(folder))) return []
  return readdirSync(inRoot(folder), { withFileTypes: true }).flatMap((entry) => {
    // In a second worktree `.git` is a file.
    if (MADE.has(entry.name)) return []
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return listFiles(path)
    return entry.isFile() && !entry.name.endsWith('.tsbuildinfo') && !entry.name.endsWith('.log') ? [path.split(sep).join('/')] : []
  })
}

/**
 * A digest of what the files hold; changes when one is added, edited, renamed or removed.
 *
 * @param {string[]} files relative to the root
 */
export function digestContents(files) {
  const hash = createHash('sha256')
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(inRoot(file)))
      .update('\0')
  return hash.digest('hex')
}

/**
 * As `digestContents`, by size and time of change: for many files.
 *
 * @param {string[]} files relative to the root
 */
export function digestTimes(files) {
  const hash = createHash('sha256')
  for (const file of files) {
    const { size, mtimeMs } = statSync(inRoot(file))
    hash.update(`${file}\0${size}\0${mtimeMs}\0`)
  }
  return hash.digest('hex')
}

/** @param {string} parent */
function listFolders(parent) {
  if (!existsSync(inRoot(parent))) return []
  const entries = readdirSync(inRoot(parent), { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
}
