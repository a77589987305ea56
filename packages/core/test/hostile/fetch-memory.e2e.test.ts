import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const program = fileURLToPath(new URL('fetch-memory.mjs', import.meta.url))
const CALLS = 5_000
/** A leaked span is a thousand bytes and more; what settles in caches is far below. */
const BYTES_PER_CALL = 300

it(`${CALLS} calls of tracedFetch leave nothing behind beyond what fetch leaves`, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, String(CALLS)])
  const { grown, stats } = JSON.parse(stdout) as { grown: Record<string, number>; stats: { spansStarted: number; spansEnded: number } }
  expect(stats.spansEnded).toBe(stats.spansStarted)
  const allowed = Math.max(grown['fetch'] ?? 0, 0) + CALLS * BYTES_PER_CALL
  expect(grown['tracedFetch']).toBeLessThan(allowed)
  expect(grown['tracedFetch of a Request']).toBeLessThan(allowed)
})
