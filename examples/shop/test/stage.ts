import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Trace, TraceAnalysis } from '@clew/analysis'
import { createFolder, startProcess, type TestProcess, waitUntil } from './processes.js'

/** A log line as pino writes it. */
export type LogLine = Readonly<Record<string, unknown>>

/** A trace as the server tells it. */
interface ShownTrace {
  readonly trace: Trace
  readonly analysis: TraceAnalysis
}

/** What a test plays on: clew, a folder of log files, and the services it starts. */
export interface Stage extends AsyncDisposable {
  /** Address of clew. */
  readonly clew: string
  readonly logs: string
  /** Starts a fixture and resolves with its address. Its log is named after it. */
  startApp(fixture: string, env?: Readonly<Record<string, string>>): Promise<string>
  /** Runs a command of clew; those that ask the server are told its address. */
  runClew(...args: readonly string[]): Promise<{ readonly code: number | string; readonly output: string }>
  /** The lines of a fixture's log. */
  readLog(name: string): Promise<readonly LogLine[]>
  /** Resolves with the trace once it is there and `isWhole`. */
  waitForTrace(id: string, isWhole: (trace: Trace) => boolean): Promise<ShownTrace>
}

const BIN = fileURLToPath(new URL('bin/clew.js', import.meta.resolve('clew/package.json')))

/** Starts clew, and makes a folder for logs. */
export async function setStage(): Promise<Stage> {
  const folder = await createFolder()
  const processes: TestProcess[] = []
  const server = startProcess(process.execPath, [BIN, 'serve', '--port', '0'])
  processes.push(server)
  const [, clew = ''] = await server.waitFor(/^clew listens on (\S+)\n/m)

  async function startApp(fixture: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const main = fileURLToPath(new URL(`fixtures/${fixture}.js`, import.meta.url))
    const LOG_FILE = join(folder.path, `${env['SERVICE'] ?? fixture}.log`)
    const surroundings = { LOG_FILE, OTEL_EXPORTER_OTLP_ENDPOINT: clew, OTEL_TRACES_SAMPLER: 'parentbased_always_on', ...env }
    const app = startProcess(process.execPath, [main], { env: surroundings, ipc: true })
    processes.push(app)
    const ended = app.ended.then(({ output }) => {
      throw new Error(`${fixture} ended:\n${output}`)
    })
    const [address] = (await Promise.race([once(app.child, 'message'), ended])) as [AddressInfo]
    ended.catch(() => {})
    return `http://127.0.0.1:${address.port}`
  }

  return {
    clew,
    logs: folder.path,
    startApp,
    async runClew(...args) {
      await using command = startProcess(process.execPath, [BIN, ...args], { env: { CLEW_SERVER: clew } })
      return await command.ended
    },
    readLog: async (name) => parseLines(await readFile(join(folder.path, `${name}.log`), 'utf8')),
    waitForTrace: (id, isWhole) => waitUntil(`trace ${id}`, () => readTrace(clew, id, isWhole)),
    async [Symbol.asyncDispose]() {
      for (const started of processes.toReversed()) await started[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

function parseLines(text: string): LogLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine)
}

async function readTrace(clew: string, id: string, isWhole: (trace: Trace) => boolean): Promise<ShownTrace | undefined> {
  const response = await fetch(`${clew}/api/v1/traces/${id}`)
  if (response.status === 404) return undefined
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)
  const shown = (await response.json()) as ShownTrace
  return isWhole(shown.trace) ? shown : undefined
}
