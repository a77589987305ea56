// The lockfile must install from whatever registry the reader has: it holds versions and digests, and no host.
import { readFileSync } from 'node:fs'
import { inRoot } from '../workspace.mjs'

/** Returns a line per entry that names a host. */
export function checkLockfile() {
  const lines = readFileSync(inRoot('pnpm-lock.yaml'), 'utf8').split('\n')
  return lines.flatMap((line, index) => (/https?:\/\/|git\+|tarball:/.test(line) ? [`pnpm-lock.yaml:${index + 1}: ${line.trim()}`] : []))
}
