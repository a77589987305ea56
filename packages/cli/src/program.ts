import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { CommandError, EXIT_FAILED, EXIT_FOUND } from './command-error.js'
import { addGrep, addServe, type CommandContext } from './commands.js'
import { addErrors, addSearch, addServices, addShow, addSlow } from './query-commands.js'
import { write } from './terminal.js'
import { escapeControls } from './text.js'

/** What a run of the program works with. */
export type ProgramContext = Omit<CommandContext, 'setExitCode'>

/**
 * Runs `clew` with the arguments behind the program's name. Resolves with the exit code: 0 found, 1 nothing matched, 2 failed or used
 * wrongly, which has been said on stderr in one line.
 */
export async function runProgram(args: readonly string[], context: ProgramContext): Promise<number> {
  const { terminal } = context
  let code = EXIT_FOUND
  const program = createProgram({ ...context, setExitCode: (next) => (code = next) })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_FOUND : EXIT_FAILED
    await write(terminal.stderr, describeFailure(error))
    return EXIT_FAILED
  }
}

// What we throw ourselves is told in one line; anything else is a fault of ours, and its stack helps to mend it.
function describeFailure(error: unknown): string {
  if (error instanceof CommandError || (error instanceof Error && error.name === 'TraceError'))
    return `clew: ${escapeControls(error.message)}\n`
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `clew failed unexpectedly: ${stack.split('\n').map(escapeControls).join('\n')}\n`
}

const EXAMPLES = `
Examples:
  $ clew                                     receive traces on http://127.0.0.1:4318
  $ clew slow --since 1h                     the slowest requests of the last hour
  $ clew show 4bf92f3577b34da6a3ce929d0e0e4736
  $ clew grep 4bf92f3577b34da6a3ce929d0e0e4736 /var/log/shop

Exit codes: 0 found, 1 nothing matched, 2 failed or used wrongly.`

function createProgram(context: CommandContext): Command {
  const { stdout, stderr } = context.terminal
  const program = new Command('clew')
    .description('Follow one request through every service. Without a command: clew serve.')
    .version(readVersion(), '-v, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      getOutHelpWidth: () => context.terminal.width,
      getErrHelpWidth: () => context.terminal.width,
      outputError: (text, writeError) =>
        writeError(
          `${escapeControls(text.trim())
            .replace(/^error: /, 'clew: ')
            .replaceAll('\\n', ' ')}\n`,
        ),
    })
    .addHelpText('after', EXAMPLES)
  for (const add of [addServe, addShow, addSearch, addSlow, addErrors, addServices, addGrep]) add(program, context)
  return program
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return (manifest as { version: string }).version
}
