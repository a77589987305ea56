// Runs pnpm at the one version this repository is built with; nothing assumes a pnpm on PATH.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PNPM = 'pnpm@10.34.9'
const root = fileURLToPath(new URL('..', import.meta.url))

/** The command and the leading arguments that start pnpm. */
export const PNPM_COMMAND = [process.platform === 'win32' ? 'npx.cmd' : 'npx', '-y', PNPM]

/**
 * Runs `pnpm ...args` at the root of the repository and returns its exit code.
 *
 * @param {string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 * @returns {number}
 */
export function pnpm(args, options = {}) {
  const [npx = 'npx', ...before] = PNPM_COMMAND
  const result = spawnSync(npx, [...before, ...args], { cwd: root, stdio: 'inherit', shell: process.platform === 'win32', ...options })
  if (result.error) throw result.error
  return result.status ?? 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = pnpm(process.argv.slice(2))
