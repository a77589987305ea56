// Brings a checkout into a state where its commands run: installs, then builds, only what is out of date, and is silent when nothing is.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { pnpm } from './pnpm.mjs'
import { ROOT, digestContents, inRoot, listRooms } from './workspace.mjs'

const STAMP = inRoot('node_modules', '.clew-install')
/** What pnpm notes about an install; JSON in spite of its name. */
const MODULES = inRoot('node_modules', '.modules.yaml')
const OLDEST_NODE = [20, 19]

/** What tests and benchmarks alone need, more than half a gigabyte of it: other versions of Node, the libraries of the peers. */
const FOR_CHECKS = ['bench', 'internal/contexts', 'internal/nodes']

/** @typedef {'usual' | 'everything'} Scope what is installed; `usual` leaves out the packages in `FOR_CHECKS` */

/**
 * Installs the dependencies where `node_modules` does not match the lockfile. Throws where that fails.
 *
 * @param {Scope} [scope]
 */
export function ensureInstalled(scope = 'usual') {
  requireNode()
  const wanted = describeInstall()
  if (isInstalled(wanted, scope)) return
  say('installing dependencies')
  rmSync(STAMP, { force: true })
  forgetSkipped()
  const filters = scope === 'everything' ? [] : FOR_CHECKS.map((folder) => `--filter=!./${folder}`)
  const args = ['install', '--frozen-lockfile', '--config.confirmModulesPurge=false', ...filters]
  const code = pnpm(args, { stdio: ['ignore', 2, 2] })
  if (code !== 0) throw new Error(`pnpm install ended with code ${code}`)
  writeFileSync(STAMP, `${wanted}${scope}\n`)
}

/**
 * What pnpm has once skipped, as it was only needed for another platform, it would leave out ever after, although a package needs it that is
 * installed since.
 */
function forgetSkipped() {
  if (!existsSync(MODULES)) return
  try {
    const modules = JSON.parse(readFileSync(MODULES, 'utf8'))
    writeFileSync(MODULES, JSON.stringify({ ...modules, skipped: [] }, undefined, 2))
  } catch {
    // Of another version of pnpm, which makes its own.
  }
}

/**
 * Makes the checkout ready: installs and builds what is out of date, or ends the process with one line that says why it cannot.
 *
 * @param {Scope} [scope]
 */
export async function setUp(scope) {
  try {
    ensureInstalled(scope)
    // Only now: it uses what has just been installed.
    const { build } = await import('./build.mjs')
    await build(say)
  } catch (error) {
    console.error(`clew: ${error instanceof Error ? error.message : String(error)}`)
    process.exit(1)
  }
}

/** @param {string} text */
function say(text) {
  console.error(`clew: ${text} ...`)
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE
  const fits = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
  if (!fits) throw new Error(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}`)
}

/** What an install depends on: the lockfile, every manifest, and the platform that native modules were chosen for. */
function describeInstall() {
  const manifests = listRooms().map((room) => `${room.folder}/package.json`)
  const digest = digestContents(['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...manifests])
  return `${digest} ${process.platform} ${process.arch} ${process.versions.modules}\n`
}

/**
 * What has been installed for the checks is enough for everything else.
 *
 * @param {string} wanted
 * @param {Scope} scope
 */
function isInstalled(wanted, scope) {
  const stamp = existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : ''
  if (stamp !== `${wanted}everything\n` && (scope === 'everything' || stamp !== `${wanted}usual\n`)) return false
  const rooms = listRooms().filter(({ folder }) => scope === 'everything' || !FOR_CHECKS.includes(folder))
  return rooms.every(({ folder, manifest }) => {
    const needed = { ...manifest.dependencies, ...manifest.devDependencies }
    return Object.keys(needed).length === 0 || existsSync(inRoot(folder, 'node_modules'))
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(ROOT)
  await setUp()
}
