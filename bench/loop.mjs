// CPU time of short operations.
import { percentile } from './statistics.mjs'

const BATCHES = 200
const WARM_UP_BATCHES = 60

/**
 * CPU nanoseconds per operation, what runs in the background included (garbage collection, the export of what was made): the 25th
 * percentile of the batches after the warm-up, which the noise of a shared machine spares.
 *
 * @param {number} operations per batch
 * @param {() => unknown} run does that many operations, and waits for what they left behind
 */
export async function measureCpu(operations, run) {
  const batches = []
  for (let batch = 0; batch < BATCHES; batch++) {
    const before = process.cpuUsage()
    await run()
    const { user, system } = process.cpuUsage(before)
    batches.push(((user + system) * 1000) / operations)
  }
  return percentile(batches.slice(WARM_UP_BATCHES), 0.25)
}
