// The versions of Node that tests and benchmarks run on: the one that runs this, and newer ones that npm delivers as packages.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** @typedef {{ readonly version: string, readonly path: string }} FoundNode `path` is the binary */
/** @typedef {{ readonly version: string, readonly reason: string }} MissingNode `reason` says why it cannot be run here */

const PACKAGES = ['node-24', 'node-26']

/**
 * The Node of this process first, then the newer ones of other major versions, oldest first. They are packages for Linux on x64, and
 * optional: whoever asks for them says what is left out where one is missing.
 *
 * @example
 * for (const node of listNodes()) console.log(node.version, 'path' in node ? node.path : node.reason)
 *
 * @returns {(FoundNode | MissingNode)[]}
 */
export function listNodes() {
  const current = { version: process.versions.node, path: process.execPath }
  return [current, ...PACKAGES.map(findNode).filter(({ version }) => majorOf(version) !== majorOf(current.version))]
}

/**
 * @param {string} version
 * @returns {number}
 */
export function majorOf(version) {
  return Number(version.split('.', 1)[0])
}

/**
 * @param {string} name
 * @returns {FoundNode | MissingNode}
 */
function findNode(name) {
  const wanted = readWanted(name)
  const path = findBinary(name)
  if (path === undefined) return { version: wanted, reason: `the optional package ${name} is not installed (it is for linux x64)` }
  const { status, stdout, error } = spawnSync(path, ['--version'], { encoding: 'utf8' })
  if (status !== 0) return { version: wanted, reason: `${name} does not run here: ${error?.message ?? `it ended with code ${status}`}` }
  return { version: stdout.trim().slice(1), path }
}

/** @param {string} name */
function findBinary(name) {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin', 'node')
  } catch {
    return undefined
  }
}

/**
 * The version that the manifest names.
 *
 * @param {string} name
 * @returns {string}
 */
function readWanted(name) {
  const { optionalDependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))
  return optionalDependencies[name].split('@').at(-1)
}
