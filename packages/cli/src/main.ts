import { createTerminal } from './terminal.js'
import { runProgram } from './program.js'

// Only a server closes in order; anything else ends at once, as the system does by itself. A second signal always does.
function createEndSignal(): AbortSignal {
  const ending = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort())
  return ending.signal
}

// The reader of our output may have seen enough (`clew slow | head -3`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await runProgram(process.argv.slice(2), { terminal: createTerminal(process), createEndSignal })
