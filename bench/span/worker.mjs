// One variant in a process of its own: node worker.mjs <variant>.
import { answer } from '../child.mjs'
import { measureCpu } from '../loop.mjs'
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

/** Throws where a span did not reach the exporter. */
async function measure() {
  const sync = await measureCpu(TRACES * SPANS, runSync)
  const async = await measureCpu(TRACES * SPANS, runAsync)
  const exported = await finish()
  if (exported !== undefined && exported !== made) throw new Error(`${exported} of ${made} spans were exported`)
  return { sync, async }
}

answer({ measure })
