import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import type { QueueStats } from '../../src/queue.js'

const program = fileURLToPath(new URL('small-heap.mjs', import.meta.url))
const SECONDS = 6

interface Told {
  readonly served: number
  readonly failed: number
  readonly heap: number
  readonly spansEnded: number
  readonly queue: QueueStats
  readonly errors: readonly string[]
}

it('with 64 MB of memory, under load and with a receiver that never answers, no request fails and every lost span is counted', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--max-old-space-size=64', program, String(SECONDS)])
  const { served, failed, heap, spansEnded, queue, errors } = JSON.parse(stdout) as Told
  expect(stderr).toBe('')
  expect(failed).toBe(0)
  expect(served).toBeGreaterThan(100)
  expect(heap).toBeLessThan(100 * 1024 * 1024)
  expect(queue.bytes).toBeLessThanOrEqual(queue.maxBytes)
  const lost = Object.values(queue.dropped).reduce((sum, count) => sum + count, 0)
  expect(queue.exported + lost + queue.spans).toBe(spansEnded)
  expect(lost).toBeGreaterThan(0)
  expect(errors.toSorted()).toEqual(['EXPORT_UNREACHABLE', 'QUEUE_FULL'])
})
