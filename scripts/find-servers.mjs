// The servers that tests start for themselves: Redis and PostgreSQL, found where they usually are, installed where that can be done.
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { canInstall, installWithApt } from './apt.mjs'

const DEBIAN_POSTGRES = '/usr/lib/postgresql'

/** What `internal/testkit` looks for, and Debian's name of it. */
const SERVERS = { 'redis-server': 'redis-server', postgres: 'postgresql' }

/**
 * Returns why a server cannot be had, a line each.
 *
 * @param {(text: string) => void} say is told before something is installed
 */
export async function ensureServers(say) {
  const missing = Object.entries(SERVERS).filter(([name]) => !isThere(name))
  if (missing.length === 0) return []
  const packages = missing.map(([, name]) => name)
  if (!canInstall()) return packages.map((name) => `no ${name} here: \`apt-get install ${name}\``)
  say(`installing ${packages.join(' and ')} with apt-get`)
  const output = await installWithApt(packages)
  return missing.filter(([name]) => !isThere(name)).map(([name]) => `no ${name} here (apt-get: ${output})`)
}

/** @param {string} name */
function isThere(name) {
  if (name === 'redis-server' && process.env.CLEW_REDIS_SERVER) return true
  const debian = existsSync(DEBIAN_POSTGRES) ? readdirSync(DEBIAN_POSTGRES).map((version) => join(DEBIAN_POSTGRES, version, 'bin')) : []
  return [...(process.env.PATH ?? '').split(delimiter), ...debian].some((folder) => existsSync(join(folder, name)))
}
