import type { Command } from 'commander'
import { parseWhole } from './arguments.js'
import { CommandError } from './command-error.js'
import { grepLogs } from './grep.js'
import { runServer } from './serve.js'
import type { Terminal } from './terminal.js'

/** What a command works with. */
export interface CommandContext {
  readonly terminal: Terminal
  /** Makes the signal that is aborted when the person or the system wants the program to end; until then, such a wish ends it at once. */
  readonly createEndSignal: () => AbortSignal
  readonly setExitCode: (code: number) => void
}

interface ServeOptions {
  readonly port: number
  readonly host: string
  readonly token?: string
  readonly auth: boolean
  readonly store?: string
}

const SERVE_EXAMPLES = `
Examples:
  $ clew serve
  $ clew serve --port 9000
  $ CLEW_TOKEN=... clew serve --host 0.0.0.0

A token in CLEW_TOKEN, rather than --token, does not stand in the list of processes.`

/** Adds `clew serve`, which also runs where no command is named. */
export function addServe(program: Command, { terminal, createEndSignal, setExitCode }: CommandContext): void {
  program
    .command('serve', { isDefault: true })
    .description('receive traces (OTLP), answer queries, show the page')
    .option('--port <number>', 'port to listen on; 0 takes any that is free', parseWhole(0, 65_535), 4318)
    .option('--host <address>', 'address to listen on; one that other machines reach needs a token', '127.0.0.1')
    .option('--token <token>', 'token that senders and readers must show (CLEW_TOKEN)')
    .option('--no-auth', 'let everybody in who reaches the address')
    .option('--store <url>', 'where traces rest (CLEW_STORE; default: memory:)')
    .allowExcessArguments()
    .addHelpText('after', SERVE_EXAMPLES)
    .action(async (options: ServeOptions, command: Command) => {
      const [unknown] = command.args
      if (unknown !== undefined) throw new CommandError(`unknown command '${unknown}'; clew --help lists them`)
      const token = options.token ?? (terminal.env['CLEW_TOKEN'] || undefined)
      const store = options.store ?? (terminal.env['CLEW_STORE'] || 'memory:')
      setExitCode(await runServer({ ...options, store, ...(token === undefined ? {} : { token }) }, terminal, createEndSignal()))
    })
}

const GREP_EXAMPLES = `
Examples:
  $ clew grep 4bf92f3577b34da6a3ce929d0e0e4736 /var/log/shop
  $ clew grep abc-123 gateway.log orders.log.1 archive/orders.log.2.gz
  $ kubectl logs -l app=orders | clew grep 4bf92f35-77b3-4da6-a3ce-929d0e0e4736
  $ clew grep --json 4bf92f3577b34da6a3ce929d0e0e4736 logs | jq .msg

The id may be 32 hex in any case, a UUID, or the X-Trace-Id that a caller sent. Folders are read to the bottom; gzip is unpacked.`

/** Adds `clew grep`. */
export function addGrep(program: Command, { terminal, setExitCode }: CommandContext): void {
  program
    .command('grep')
    .description('print the log lines of a trace from files, in order of time')
    .argument('<id>', 'trace id in any spelling, or an external id')
    .argument('[paths...]', 'log files and folders; - or none: stdin')
    .option('--json', 'pass the lines through as they are')
    .addHelpText('after', GREP_EXAMPLES)
    .action(async (id: string, paths: string[], options: { json?: boolean }) => {
      setExitCode(await grepLogs({ id, paths, ...options }, terminal))
    })
}
