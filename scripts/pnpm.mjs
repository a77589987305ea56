// Runs pnpm at the one version this repository is built with; nothing assumes a pnpm on PATH.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PNPM = 'pnpm@10.34.9'
const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs `pnpm ...args` at the root of the repository and returns its exit code. */
export function pnpm(args, options = {}) {
  const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx'
  const result = spawnSync(npx, ['-y', PNPM, ...args], { cwd: root, stdio: 'inherit', ...options })
  if (result.error) throw result.error
  return result.status ?? 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = pnpm(process.argv.slice(2))
