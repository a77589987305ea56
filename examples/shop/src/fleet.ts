import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A process to start. */
interface Launch {
  readonly name: string
  /** Path of its main module. */
  readonly main: string
  readonly args?: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Finds its address in what it prints. Where it is not given, the process tells its port over the channel to its parent. */
  readonly address?: RegExp
}

/** The processes of the demo. None of them outlives it. */
export interface Fleet {
  /** Starts a process and resolves with its address once it is ready. Rejects, with what it printed last, where it ends before. */
  start(launch: Launch): Promise<string>
  /** Rejects when a process ends that nobody has asked to. */
  readonly broken: Promise<never>
  /** Ends the processes: the one that was started first when the others are gone. */
  stop(): Promise<void>
}

interface Member {
  readonly name: string
  readonly child: ChildProcess
  readonly tail: () => string
  readonly ended: Promise<void>
}

const TETHER = new URL('tether.js', import.meta.url).href
const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 5_000
const TAIL_LENGTH = 2_000

/** Starts Node so that it ends when this process does. Its output is ours, or piped. */
export function spawnTethered(
  args: readonly string[],
  { env, output }: { env: NodeJS.ProcessEnv; output: 'inherit' | 'pipe' },
): ChildProcess {
  return spawn(process.execPath, ['--import', TETHER, ...args], { env, stdio: ['ignore', output, output, 'ipc'] })
}

/** Makes a fleet without members. */
export function createFleet(): Fleet {
  const members: Member[] = []
  const { promise: broken, reject } = withReject()
  let stopping = false

  async function start(launch: Launch): Promise<string> {
    if (stopping) return broken
    const member = launchMember(launch)
    members.push(member)
    member.child.once('exit', (code, signal) => {
      if (!stopping) reject(new Error(`${launch.name} ended with ${signal ?? `code ${code}`}${describeTail(member.tail())}`))
    })
    return Promise.race([broken, whenReady(member, launch.address)])
  }

  async function stop(): Promise<void> {
    stopping = true
    // The first one receives what the others send when they end.
    const [first, ...others] = members.splice(0)
    await Promise.all(others.map(end))
    if (first) await end(first)
  }

  return { start, broken, stop }
}

function withReject(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<never>((_resolve, rejectPromise) => (reject = rejectPromise))
  // Whoever waits for it handles it; until somebody does it is no unhandled rejection.
  promise.catch(() => {})
  return { promise, reject }
}

function launchMember({ name, main, args = [], env }: Launch): Member {
  const child = spawnTethered([main, ...args], { env, output: 'pipe' })
  let tail = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (tail = (tail + text).slice(-TAIL_LENGTH)))
  }
  const ended = once(child, 'exit').then(() => {})
  return { name, child, tail: () => tail, ended }
}

function describeTail(tail: string): string {
  return tail.trim() === '' ? '' : `:\n${tail.trim().replaceAll(/^/gm, '  ')}`
}

function whenReady({ name, child, tail }: Member, address: RegExp | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} was not ready within ${START_TIMEOUT_MS / 1000} s`)), START_TIMEOUT_MS)
    const settle = (url: string): void => {
      clearTimeout(timer)
      resolve(url)
    }
    if (address === undefined) child.once('message', (message) => settle(`http://127.0.0.1:${(message as { port?: number }).port ?? 0}`))
    else child.stdout?.on('data', () => (address.test(tail()) ? settle(address.exec(tail())?.[1] ?? '') : undefined))
    child.once('exit', () => clearTimeout(timer))
  })
}

async function end({ child, ended }: Member): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}
