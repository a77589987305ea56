import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A service that runs as a process of its own. */
export interface StartedProcess extends AsyncDisposable {
  /** The address it printed. */
  readonly url: string
  /** The first log line (NDJSON) with this message; waits for it. */
  logLine(message: string): Promise<Readonly<Record<string, unknown>>>
}

const DEADLINE_MS = 20_000

/**
 * Runs a script that serves `PORT` and prints its address. Nothing is exported. Disposing ends the process, and throws where it does not end
 * by SIGTERM alone.
 *
 * @example
 * await using service = await startProcess(new URL('../server.js', import.meta.url))
 * await fetch(service.url)
 */
export async function startProcess(script: URL): Promise<StartedProcess> {
  const env = { ...process.env, PORT: '0', OTEL_TRACES_EXPORTER: 'none' }
  const child = spawn(process.execPath, [script.pathname], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = readLines(child)
  const address = await lines.find((line) => /^http:\S+$/.test(line))
  return {
    url: address,
    async logLine(message) {
      const isWanted = (line: string): boolean => line.startsWith('{') && (JSON.parse(line) as { msg?: string }).msg === message
      return JSON.parse(await lines.find(isWanted)) as Record<string, unknown>
    },
    [Symbol.asyncDispose]: () => stop(child),
  }
}

function readLines(child: ChildProcess): { find(test: (line: string) => boolean): Promise<string> } {
  const lines: string[] = []
  const waiting = new Set<() => void>()
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    waiting.forEach((check) => check())
  })
  return {
    find: (test) =>
      new Promise((resolve, reject) => {
        const fail = (): void => settle(() => reject(new Error(`No such line among:\n${lines.join('\n')}`)))
        const timer = setTimeout(fail, DEADLINE_MS)
        child.once('exit', fail)
        waiting.add(check)
        check()

        function check(): void {
          const line = lines.find(test)
          if (line !== undefined) settle(() => resolve(line))
        }
        function settle(done: () => void): void {
          clearTimeout(timer)
          child.off('exit', fail)
          waiting.delete(check)
          done()
        }
      }),
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) throw new Error(`The process ended by itself, with ${child.exitCode}`)
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>
  const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS)
  child.kill('SIGTERM')
  const [, signal] = await exited
  clearTimeout(deadline)
  if (signal === 'SIGKILL') throw new Error(`The process did not end within ${DEADLINE_MS} ms of SIGTERM`)
}
