// Installs Debian's packages where this is Debian and this process may do so.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { run } from './run.mjs'

export function canInstall() {
  return process.platform === 'linux' && process.getuid?.() === 0 && isDebian() && spawnSync('apt-get', ['--version']).status === 0
}

/** Ubuntu's packages are others: its Chromium only leads to snap, which containers do not have. */
function isDebian() {
  return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))
}

/**
 * Returns the last line of what apt-get said. Services are installed, not started.
 *
 * @param {string[]} packages
 */
export async function installWithApt(packages) {
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const install = ['install', '-y', '--no-install-recommends', ...packages]
  const first = await run('apt-get', install, { env })
  if (first.code === 0) return lastLine(first.output)
  await run('apt-get', ['update'], { env })
  return lastLine((await run('apt-get', install, { env })).output)
}

/** @param {string} text */
function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? ''
}
