// `npm run demo`: a shop of five services, a worker and a legacy hop, and what clew says about the requests that went through them.
import { mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createFleet } from './fleet.js'
import { playStory, type StoryOptions } from './story.js'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
type Signal = (typeof SIGNALS)[number]

/** How long the end of a process may take to be noticed after its connections broke. */
const EXIT_NOTICE_MS = 300

process.exit(await runDemo(process.argv.slice(2)))

async function runDemo(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (options === undefined) return 2
  const fleet = createFleet()
  const logs = mkdtempSync(join(tmpdir(), 'clew-shop-'))
  // Whatever ends this process: the folder goes with it, and the other processes end because it has.
  process.once('exit', () => rmSync(logs, { recursive: true, force: true }))
  const story = playStory({ ...options, fleet, logs, env: createEnvironment() })
  try {
    const signal = await Promise.race([story.whole, fleet.broken, whenSignalled()])
    return signal === undefined || (signal === 'SIGINT' && story.isTold()) ? 0 : 128 + constants.signals[signal]
  } catch (error) {
    // Where a process has ended, that is why, whatever was noticed first.
    const reason: unknown = await Promise.race([fleet.broken.catch((broken: unknown) => broken), sleep(EXIT_NOTICE_MS, error)])
    process.stderr.write(`\nThe demo failed while ${story.part()}: ${describe(reason)}\n`)
    return 1
  } finally {
    await fleet.stop()
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}

function readOptions(args: readonly string[]): Pick<StoryOptions, 'once' | 'port'> | undefined {
  try {
    const { values } = parseArgs({ args: [...args], options: { once: { type: 'boolean' }, port: { type: 'string' } } })
    const port = values.port === undefined ? undefined : Number(values.port)
    if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) throw new Error('--port must be a port number')
    return { once: values.once === true || !process.stdout.isTTY, ...(port === undefined ? {} : { port }) }
  } catch (error) {
    process.stderr.write(`${describe(error)}\nnpm run demo -- [--once] [--port <number of clew's port>]\n`)
    return undefined
  }
}

/** The surroundings without what would make clew or the services behave differently from what the demo tells. */
function createEnvironment(): NodeJS.ProcessEnv {
  const others = /^(OTEL_.*|CLEW_(TOKEN|STORE|SERVER|SAMPLE_RATE)|SERVICE_NAME|NODE_ENV|VITEST.*)$/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !others.test(name)))
}

/** The first signal ends the demo in order, a second one at once. */
function whenSignalled(): Promise<Signal> {
  return new Promise((resolve) => {
    for (const name of SIGNALS) {
      process.once(name, () => {
        resolve(name)
        process.once(name, () => process.exit(128 + constants.signals[name]))
      })
    }
  })
}
