// `npm run bench -- [added|features|request|latency|span|pino|recorder|memory|start ...] [--framework express] [--rounds 5] [--variant clew]`: prints tables; without names, all of them.
import { runAdded } from './added/run.mjs'
import { runFeatures } from './features/run.mjs'
import { runLatency } from './latency/run.mjs'
import { describeMachine, findNode } from './machine.mjs'
import { runMemory } from './memory/run.mjs'
import { readOptions } from './options.mjs'
import { writeTables } from './page.mjs'
import { runPino } from './pino/run.mjs'
import { runRecorder } from './recorder/run.mjs'
import { runRequest } from './request/run.mjs'
import { runSpan } from './span/run.mjs'
import { printed } from './table.mjs'
import { runStart } from './start/run.mjs'

const BENCHES = {
  added: runAdded,
  features: runFeatures,
  request: runRequest,
  latency: runLatency,
  span: runSpan,
  pino: runPino,
  recorder: runRecorder,
  memory: runMemory,
  start: runStart,
}

async function main() {
  const options = readOptions(process.argv.slice(2), Object.keys(BENCHES))
  const node = findNode()
  const source = `${describeMachine(node)}, \`npm run bench${options.given.map((word) => ` ${word}`).join('')}\``
  console.log(`${source}\n`)
  for (const name of options.names) {
    await BENCHES[name]({ ...options, node })
    if (options.write) await writeTables(printed, source)
  }
}

try {
  await main()
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
