import { runClew, findSlowest, startClew, waitForTraces } from './clew.js'
import type { Fleet } from './fleet.js'
import { EXTERNAL_ID, type Outcome, planVisits, sendVisits } from './load.js'
import { openShop } from './shop.js'

/** What the story is told with. */
export interface StoryOptions {
  readonly fleet: Fleet
  /** Ends by itself rather than staying up. */
  readonly once: boolean
  /** Port of clew. */
  readonly port?: number
  readonly env: NodeJS.ProcessEnv
  /** Folder of the log files. */
  readonly logs: string
}

/** A story on its way. */
export interface Story {
  /** Resolves at the end; does not where the demo stays up. Rejects where a part fails. */
  readonly whole: Promise<undefined>
  /** What is going on, in words that follow "while". */
  part(): string
  /** True once everything has been printed. */
  isTold(): boolean
}

/** With this seed the slow and the failing visits come when the processes have warmed up, and their traces show nothing else. */
const SEED = 20_260_325

/** Said where everything ends with the story: commands and addresses would lead nowhere. */
const HOW_TO_STAY =
  'clew and the shop have ended with this run. In a terminal, "npm run demo" without --once keeps them up until Ctrl-C: for the page,\n' +
  'where each trace can be opened, and for commands such as "npm run clew -- slow" and "npm run clew -- errors".'

/** Opens the shop, sends it requests and prints what clew knows of them. */
export function playStory(options: StoryOptions): Story {
  let part = 'starting'
  let told = false
  const whole = tell(options, (next) => (part = next)).then(() => {
    told = true
    return options.once ? undefined : new Promise<undefined>(() => {})
  })
  return { whole, part: () => part, isTold: () => told }
}

async function tell(options: StoryOptions, begin: (part: string) => void): Promise<void> {
  const { fleet, env, logs, once } = options
  begin('starting clew')
  const clew = await startClew(fleet, { ...options, preferUsual: !once })
  begin('starting the services')
  const { gateway } = await openShop(fleet, { env, clew, logs })
  say('A shop is open: gateway, auth, orders, inventory and payments, each in a process of its own; notifier, a worker behind')
  say('a queue; and between orders and inventory a legacy service that knows nothing of clew and passes X-Trace-ID on.')

  begin('sending requests')
  const startedAt = performance.now()
  const outcomes = await sendVisits(gateway, planVisits(SEED))
  const summary = `${summarize(outcomes)} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s. Their traces have arrived.`
  begin('waiting for the traces')
  await waitForTraces(clew, outcomes)
  say(`\n${summary}`)
  await explain({ ...options, clew, outcomes }, begin)
}

interface Chapters extends StoryOptions {
  readonly clew: string
  readonly outcomes: readonly Outcome[]
}

async function explain({ clew, outcomes, env, logs, once }: Chapters, begin: (part: string) => void): Promise<void> {
  const server = clew.endsWith(':4318') ? [] : ['--server', clew]
  const run = (args: readonly string[]): Promise<void> => {
    say(`$ npm run clew -- ${args.join(' ')}\n`)
    return runClew(args, env)
  }
  const slowest = await findSlowest(clew)
  const failed = outcomes.find(({ visit }) => visit.kind === 'refused checkout')?.traceId ?? ''
  begin('showing the slowest trace')
  title('1. Which service made the slowest request slow?')
  await run(['show', slowest, ...server])
  begin('showing a failing trace')
  title('2. Some checkouts ended in "502 Something went wrong". Where did that begin?')
  await run(['show', failed, ...server])
  begin('searching the log files')
  title('3. What did the services log about that request?')
  await run(['grep', failed, logs])
  title('Look further')
  if (once) return say(HOW_TO_STAY)
  say(`The page: ${clew}/`)
  for (const args of [['slow'], ['errors'], ['show', EXTERNAL_ID]]) say(`npm run clew -- ${[...args, ...server].join(' ')}`)
  say('\nThe demo stays up until Ctrl-C.')
}

function summarize(outcomes: readonly Outcome[]): string {
  const failed = outcomes.filter(({ visit }) => visit.status >= 500).length
  return `Sent ${outcomes.length} requests, of which ${failed} failed,`
}

function title(text: string): void {
  say(`\n${text}\n`)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
