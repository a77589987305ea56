// Bun and Deno, which npm delivers as packages too.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** @typedef {{ readonly name: string, readonly version: string, readonly command: readonly string[] }} FoundRuntime `command` takes the file to run */
/** @typedef {{ readonly name: string, readonly version: string, readonly reason: string }} MissingRuntime `reason` says why it cannot be run here */

const RUNTIMES = [
  { name: 'Bun', package: 'bun', binary: 'bin/bun', args: [] },
  { name: 'Deno', package: 'deno', binary: 'deno', args: ['run', '--allow-all', '--quiet'] },
]

/**
 * The runtimes that are not Node. They are packages for Linux on x64, and optional: whoever asks for them says what is left out where one is missing.
 *
 * @example
 * for (const runtime of listRuntimes()) console.log(runtime.name, 'command' in runtime ? runtime.command : runtime.reason)
 *
 * @returns {(FoundRuntime | MissingRuntime)[]}
 */
export function listRuntimes() {
  return RUNTIMES.map(findRuntime)
}

/**
 * @param {typeof RUNTIMES[number]} runtime
 * @returns {FoundRuntime | MissingRuntime}
 */
function findRuntime(runtime) {
  const { name } = runtime
  const version = readWanted(runtime.package)
  const path = findBinary(runtime)
  if (path === undefined) return { name, version, reason: `the optional package ${runtime.package} is not installed (it is for linux x64)` }
  const { status, error } = spawnSync(path, ['--version'])
  if (status !== 0) return { name, version, reason: `${name} does not run here: ${error?.message ?? `it ended with code ${status}`}` }
  return { name, version, command: [path, ...runtime.args] }
}

/** @param {typeof RUNTIMES[number]} runtime */
function findBinary({ package: name, binary }) {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), binary)
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
