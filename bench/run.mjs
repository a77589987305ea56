// `npm run bench -- [request|span|pino|recorder|start ...] [--framework express] [--rounds 5] [--variant clew]`: prints tables; without names, all of them.
import { runAdded } from './added/run.mjs'
import { describeMachine, findNode } from './machine.mjs'
import { readOptions } from './options.mjs'
import { runPino } from './pino/run.mjs'
import { runRecorder } from './recorder/run.mjs'
import { runRequest } from './request/run.mjs'
import { runSpan } from './span/run.mjs'
import { runStart } from './start/run.mjs'

const BENCHES = { added: runAdded, request: runRequest, span: runSpan, pino: runPino, recorder: runRecorder, start: runStart }

async function main() {
  const options = readOptions(process.argv.slice(2), Object.keys(BENCHES))
  const node = findNode()
  console.log(`${describeMachine(node)}\n\nCommand: \`npm run bench${options.given.map((word) => ` ${word}`).join('')}\`\n`)
  for (const name of options.names) await BENCHES[name]({ ...options, node })
}

try {
  await main()
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
