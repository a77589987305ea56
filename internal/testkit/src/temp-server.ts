import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'

const DEADLINE_MS = 20_000

/** The first executable of this name on PATH or in one of the folders. */
export function findExecutable(name: string, folders: readonly string[] = []): string | undefined {
  return [...(process.env['PATH'] ?? '').split(delimiter), ...folders].map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A port of this machine that nobody listens on now. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** What to run, and the line of its output that says it is ready. */
export interface ServerCommand {
  readonly path: string
  readonly args: readonly string[]
  readonly ready: RegExp
  readonly options?: SpawnOptions
}

/** Runs a server and waits until it is ready. Rejects with its output where it ends before. */
export async function runServer({ path, args, ready, options }: ServerCommand): Promise<ChildProcess> {
  const child = spawn(path, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  await new Promise<void>((resolve, reject) => {
    const fail = (): void => reject(new Error(`${path} did not become ready:\n${output}`))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      fail()
    }, DEADLINE_MS)
    child.once('error', reject)
    child.once('exit', fail)
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', check)

    function check(text: string): void {
      output += text
      if (!ready.test(output)) return
      clearTimeout(timer)
      child.off('exit', fail)
      resolve()
    }
  })
  return child
}

/** Ends a server by a signal, and by force after the deadline. */
export async function stopServer(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS)
  child.kill(signal)
  await exited
  clearTimeout(deadline)
}
