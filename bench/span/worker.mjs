// One variant in a process of its own: node worker.mjs <variant>.
import { answer } from '../child.mjs'
import { TRACERS } from './tracers.mjs'

const TRACES = 200
const SPANS = 3

const { withSpan, finish } = await TRACERS[/** @type {keyof typeof TRACERS} */ (process.argv[2] ?? '')]()
let made = 0

function traceSync() {
  made += SPANS
  return withSpan('root', () => withSpan('middle', () => withSpan('leaf', () => made)))
}

function traceAsync() {
  made += SPANS
  return withSpan('root', async () => withSpan('middle', async () => withSpan('leaf', async () => made)))
}

async function runSync() {
  for (let trace = 0; trace < TRACES; trace++) traceSync()
  await finish()
}

async function runAsync() {
  for (let trace = 0; trace < TRACES; trace++) await traceAsync()
  await finish()
}

/**
 * CPU nanoseconds per span, what runs in the background included: garbage collection, the export of what was made.
 *
 * @param {() => Promise<void>} run
 * @param {number} batches of 200 traces
 */
async function measure(run, batches) {
  const before = process.cpuUsage()
  for (let batch = 0; batch < batches; batch++) await run()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / (batches * TRACES * SPANS)
}

/** Throws where a span did not reach the exporter. */
async function check() {
  const exported = await finish()
  if (exported !== undefined && exported !== made) throw new Error(`${exported} of ${made} spans were exported`)
}

answer({
  sync: (/** @type {number} */ batches) => measure(runSync, batches),
  async: (/** @type {number} */ batches) => measure(runAsync, batches),
  check,
})
