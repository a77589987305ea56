import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MARK, listProcesses, signal } from '../../../scripts/processes.mjs'

/** A process with all that it starts, ended by force when the test is over. */
export interface TestProcess extends AsyncDisposable {
  readonly pid: number
  readonly child: ChildProcess
  /** What it has written so far, stdout and stderr as they came. */
  output(): string
  /** Resolves with the match once its output has one; rejects where it ends before, or after a minute. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>
  /** Resolves with the exit code (or the signal) and its whole output. */
  readonly ended: Promise<{ readonly code: number | string; readonly output: string }>
  /** Names and ids of what it started and what still runs. */
  listAlive(): readonly string[]
}

/** How a test process is started. */
export interface TestProcessOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly ipc?: boolean
}

const DEADLINE_MS = 60_000
const POLL_MS = 25

/** Starts a process in a group of its own, without this one's environment but for `PATH`. */
export function startProcess(command: string, args: readonly string[], { env = {}, ipc = false }: TestProcessOptions = {}): TestProcess {
  const mark = randomUUID()
  const { PATH = '' } = process.env
  const child = spawn(command, args, {
    env: { PATH, LANG: 'C.UTF-8', ...env, [MARK]: mark },
    stdio: ['pipe', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
    detached: true,
  })
  const pid = child.pid ?? 0
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (output += text))
  const ended = once(child, 'close').then(([code, name]) => ({ code: (code ?? name) as number | string, output }))
  const listAlive = (): string[] => listProcesses(pid, mark).map((found) => `${found.name} (${found.pid})`)
  return {
    pid,
    child,
    output: () => output,
    waitFor: (pattern) => waitUntil(`${pattern} in the output`, () => pattern.exec(output) ?? failIfEnded(child, output)),
    ended,
    listAlive,
    async [Symbol.asyncDispose]() {
      for (const found of listProcesses(pid, mark)) signal(found.pid, 'SIGKILL')
      await ended
    },
  }
}

function failIfEnded(child: ChildProcess, output: string): undefined {
  if (child.exitCode !== null || child.signalCode !== null) throw new Error(`The process has ended:\n${output}`)
}

/** Asks until the answer is neither undefined, null nor false. Throws after a minute, which means "hung". */
export async function waitUntil<T>(what: string, ask: () => T | Promise<T>): Promise<Exclude<T, undefined | null | false>> {
  const deadline = performance.now() + DEADLINE_MS
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== null && answer !== false) return answer as Exclude<T, undefined | null | false>
    if (performance.now() > deadline) throw new Error(`Waited for a minute in vain: ${what}`)
    await sleep(POLL_MS)
  }
}

/** A folder that is removed at the end. */
export interface TestFolder extends AsyncDisposable {
  readonly path: string
  /** Names of what lies in it. */
  list(): Promise<string[]>
}

/** Makes a folder. */
export async function createFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'clew-shop-test-'))
  return { path, list: () => readdir(path), [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
