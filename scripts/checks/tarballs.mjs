// Packs every public package as `pnpm publish` would, and says what is wrong with what the tarballs hold.
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { PNPM_COMMAND } from '../pnpm.mjs'
import { run } from '../run.mjs'
import { ROOT, listPublicRooms } from '../workspace.mjs'

/** @typedef {{ file: string, folder: string, manifest: import('../workspace.mjs').Manifest }} Tarball `folder` holds it unpacked */

const UNWANTED = /\.map$|\.tsbuildinfo$|\.test\.|(?:^|\/)(?:test|src|node_modules)\//
const PROTOCOL = /^(?:workspace|catalog|link|file):/

/**
 * @param {string} folder where they are put
 * @returns {Promise<Tarball[]>}
 */
export async function packAll(folder) {
  const [npx = 'npx', ...before] = PNPM_COMMAND
  const filters = listPublicRooms().flatMap(({ folder: room }) => ['--filter', `./${room}`])
  const { code, output } = await run(npx, [...before, '-r', ...filters, 'pack', '--pack-destination', folder], { cwd: ROOT })
  if (code !== 0) throw new Error(`pnpm pack ended with code ${code}\n${output}`)
  const files = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  return Promise.all(files.map((name) => unpack(join(folder, name))))
}

/**
 * @param {string} file
 * @returns {Promise<Tarball>}
 */
async function unpack(file) {
  const folder = file.replace(/\.tgz$/, '')
  mkdirSync(folder)
  const { code, output } = await run('tar', ['-xzf', file, '-C', folder, '--strip-components=1'])
  if (code !== 0) throw new Error(`tar ended with code ${code}\n${output}`)
  return { file, folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }
}

/**
 * @param {Tarball} tarball
 * @returns {string[]}
 */
export function checkContents({ folder, manifest }) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  const unwanted = files.filter((file) => UNWANTED.test(file)).map((file) => `holds ${file}`)
  const missing = ['README.md', 'LICENSE', ...listTargets(manifest)].filter((file) => !existsSync(join(folder, file)))
  const ranges = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })
  const unresolved = ranges.filter(([, range]) => PROTOCOL.test(range)).map(([name, range]) => `depends on ${name}@${range}`)
  const sources = JSON.stringify(manifest.exports ?? {}).includes('@clew/source')
    ? ['its exports lead to sources that it does not hold']
    : []
  return [...unwanted, ...missing.map((file) => `lacks ${file}`), ...unresolved, ...sources]
}

/**
 * Every file that the manifest promises.
 *
 * @param {import('../workspace.mjs').Manifest} manifest
 * @returns {string[]}
 */
function listTargets({ exports = {}, bin = {} }) {
  const targets = Object.values(exports).flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target ?? {})))
  return [...targets, ...Object.values(bin)].map(String)
}
