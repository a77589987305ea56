// `npm run test:soak`: what takes too long for `npm test`. Each campaign prints what it counted and fails where something grew.
import { execFileSync } from 'node:child_process'
import { setUp } from './setup.mjs'
import { inRoot } from './workspace.mjs'

const CALLS = 100_000
/** A leaked span is a thousand bytes and more. */
const BYTES_PER_CALL = 20

await setUp('everything')
const program = inRoot('packages', 'core', 'test', 'hostile', 'fetch-memory.mjs')
/** @type {{ grown: Record<string, number> }} */
const { grown } = JSON.parse(execFileSync(process.execPath, ['--expose-gc', program, String(CALLS)], { encoding: 'utf8' }))
const allowed = Math.max(grown['fetch'] ?? 0, 0) + CALLS * BYTES_PER_CALL
for (const [name, bytes] of Object.entries(grown)) {
  const failed = bytes > allowed
  if (failed) process.exitCode = 1
  console.log(`${failed ? 'FAIL' : 'ok  '} ${name}: the heap grew by ${(bytes / 1024).toFixed(0)} KiB over ${CALLS} calls`)
}
