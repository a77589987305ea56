import { EXIT_FAILED, EXIT_FOUND } from './command-error.js'
import { createTerminal } from './terminal.js'
import { runProgram } from './program.js'

// Only a server closes in order; anything else ends at once, as the system does by itself. A second signal always does.
function createEndSignal(): AbortSignal {
  const ending = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort())
  return ending.signal
}

// The reader of our output may have seen enough (`clew slow | head -3`); anything else is a failure, such as a full disk.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT_FOUND)
  process.stderr.write(`clew: cannot write the output: ${error.message}\n`)
  process.exit(EXIT_FAILED)
})
// Where stderr cannot be written, there is nowhere to say so.
process.stderr.on('error', () => process.exit(EXIT_FAILED))

process.exitCode = await runProgram(process.argv.slice(2), { terminal: createTerminal(process), createEndSignal })
