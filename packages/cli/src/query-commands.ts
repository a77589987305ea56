import type { ErrorsQuery, SlowestQuery, TraceQuery } from '@clew/store'
import { type Command, Option } from 'commander'
import type { ServerAddress } from './api-client.js'
import { parseAttribute, parseDay, readDuration, parseMoment, parseWhole } from './arguments.js'
import type { CommandContext } from './commands.js'
import { listErrors } from './errors.js'
import { searchTraces } from './search.js'
import { listServices } from './services.js'
import { showTrace } from './show.js'
import { listSlowest } from './slow.js'
import type { Terminal } from './terminal.js'

interface CommonOptions {
  readonly server?: string
  readonly token?: string
  readonly json?: boolean
}

interface CommandText {
  readonly name: string
  readonly description: string
  readonly examples: readonly string[]
}

function addQueryCommand(program: Command, { name, description, examples }: CommandText): Command {
  return program
    .command(name)
    .description(description)
    .option('--json', "print the server's answer as JSON")
    .option('--server <url>', 'server to ask (CLEW_SERVER; default: http://localhost:4318)')
    .option('--token <token>', 'token of that server (CLEW_TOKEN)')
    .addHelpText('after', ['', 'Examples:', ...examples.map((example) => `  $ clew ${example}`)].join('\n'))
}

// The named options are the command's own ones; what is left of them is the query.
function splitOptions<T extends CommonOptions>(
  { server, token, json, ...query }: T,
  { env }: Terminal,
): { address: ServerAddress; json: boolean; query: Omit<T, keyof CommonOptions> } {
  const shown = token ?? (env['CLEW_TOKEN'] || undefined)
  const address = { server: server ?? (env['CLEW_SERVER'] || 'http://localhost:4318'), ...(shown === undefined ? {} : { token: shown }) }
  return { address, json: json ?? false, query }
}

/** Adds `clew show`. */
export function addShow(program: Command, { terminal, setExitCode }: CommandContext): void {
  const examples = [
    'show 4bf92f3577b34da6a3ce929d0e0e4736',
    'show abc-123',
    'show --json 4bf92f3577b34da6a3ce929d0e0e4736 | jq .analysis.findings',
  ]
  addQueryCommand(program, { name: 'show', description: 'draw one trace as a waterfall and explain it', examples })
    .argument('<id>', 'trace id in any spelling, or an external id')
    .option('--depth <levels>', 'levels to show below the root (default: all)', parseWhole(0))
    .action(async (id: string, options: CommonOptions & { depth?: number }) => {
      const { address, json, query } = splitOptions(options, terminal)
      setExitCode(await showTrace({ ...address, id, json, ...query }, terminal))
    })
}

/** Adds `clew search`. */
export function addSearch(program: Command, { terminal, setExitCode }: CommandContext): void {
  const examples = [
    'search --status error --since 15m',
    'search --service orders --min 250ms --order slowest',
    'search --attr http.route=/orders/:id --attr user.id=42 --limit 5',
  ]
  addRange(addQueryCommand(program, { name: 'search', description: 'list the traces that match every condition', examples }))
    .option('--service <name>', 'a service that took part')
    .option('--operation <name>', 'name of a span, such as "GET /orders/:id", or its raw path')
    .option('--min <duration>', 'shortest, such as 250ms or 1.5s', readDuration)
    .option('--max <duration>', 'longest', readDuration)
    .addOption(new Option('--status <status>', 'error: a span failed; ok: none did').choices(['error', 'ok']))
    .option('--error-type <type>', 'error.type of a span, such as TimeoutError')
    .option('--attr <name=value>', 'an attribute of a span; may be repeated', parseAttribute)
    .option('--env <name>', 'deployment environment')
    .option('--service-version <version>', 'version of a service')
    .addOption(new Option('--order <order>', 'what comes first').choices(['newest', 'slowest']).default('newest'))
    .option('--limit <number>', 'traces to list, at most', parseWhole(1, 1000), 20)
    .option('--cursor <cursor>', 'goes on where a page ended')
    .action(async (options: SearchOptions) => {
      const { address, json, query } = splitOptions(options, terminal)
      setExitCode(await searchTraces({ ...address, json, query: toTraceQuery(query) }, terminal))
    })
}

interface RangeOptions {
  readonly since?: number
  readonly until?: number
}

interface SearchOptions
  extends CommonOptions, RangeOptions, Pick<TraceQuery, 'service' | 'operation' | 'status' | 'errorType' | 'order' | 'limit' | 'cursor'> {
  readonly min?: number
  readonly max?: number
  readonly attr?: Readonly<Record<string, string>>
  readonly env?: string
  readonly serviceVersion?: string
}

function addRange(command: Command): Command {
  return command
    .option('--since <moment>', 'from when on: 15m, 2h, 1d ago, or an ISO time', (text: string) => parseMoment(text))
    .option('--until <moment>', 'up to when', (text: string) => parseMoment(text))
}

function toTraceQuery({
  since,
  until,
  min,
  max,
  attr,
  env,
  serviceVersion,
  ...query
}: Omit<SearchOptions, keyof CommonOptions>): TraceQuery {
  const renamed = {
    from: since,
    to: until,
    minDuration: min,
    maxDuration: max,
    attributes: attr,
    environment: env,
    version: serviceVersion,
  }
  return { ...query, ...(dropUndefined(renamed) as TraceQuery) }
}

function dropUndefined(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

/** Adds `clew slow`. */
export function addSlow(program: Command, { terminal, setExitCode }: CommandContext): void {
  const examples = ['slow', 'slow --service orders --since 1h', 'slow --operation "GET /orders/:id" --limit 5']
  addRange(addQueryCommand(program, { name: 'slow', description: 'list the slowest traces, slowest first', examples }))
    .option('--service <name>', 'a service that took part')
    .option('--operation <name>', 'name of a span')
    .option('--limit <number>', 'traces to list, at most', parseWhole(1, 100), 20)
    .action(async (options: CommonOptions & RangeOptions & Omit<SlowestQuery, 'from' | 'to'>) => {
      const { address, json, query } = splitOptions(options, terminal)
      const { since, until, ...rest } = query
      setExitCode(await listSlowest({ ...address, json, query: { ...rest, ...dropUndefined({ from: since, to: until }) } }, terminal))
    })
}

/** Adds `clew errors`. */
export function addErrors(program: Command, { terminal, setExitCode }: CommandContext): void {
  const examples = ['errors', 'errors --date 2026-01-31 --service payments', 'errors --json | jq ".items[].traceIds[0]"']
  addQueryCommand(program, { name: 'errors', description: 'list the errors of a day, most frequent first', examples })
    .option('--date <YYYY-MM-DD>', 'a UTC day (default: today)', parseDay)
    .option('--service <name>', 'the service that failed')
    .option('--limit <number>', 'errors to list, at most', parseWhole(1, 100), 20)
    .action(async (options: CommonOptions & ErrorsQuery) => {
      const { address, json, query } = splitOptions(options, terminal)
      setExitCode(await listErrors({ ...address, json, query }, terminal))
    })
}

/** Adds `clew services`. */
export function addServices(program: Command, { terminal, setExitCode }: CommandContext): void {
  const examples = ['services', 'services --server https://traces.example.com']
  addQueryCommand(program, { name: 'services', description: 'list the services that have sent spans', examples }).action(
    async (options: CommonOptions) => {
      const { address, json } = splitOptions(options, terminal)
      setExitCode(await listServices({ ...address, json }, terminal))
    },
  )
}
