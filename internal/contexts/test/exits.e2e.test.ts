import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const host = fileURLToPath(new URL('../src/exit-host.mjs', import.meta.url))

/** How a service ended that did a deed in a handler. Spans go to a port where nobody listens. */
async function end(...args: readonly string[]) {
  const env = { PATH: process.env['PATH'], OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
  const child = spawn(process.execPath, [host, ...args], { env, timeout: 30_000, killSignal: 'SIGABRT' })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (data) => (stdout += String(data)))
  child.stderr.on('data', (data) => (stderr += String(data)))
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, stdout, stderr: stderr.replaceAll(/^clew: .*\n/gm, '') }
}

describe.each(['express', 'koa', 'hono'])('a process under %s ends as it would without tracing', (framework) => {
  it.each<[string, { code: number | null; signal?: string; stdout?: string }]>([
    ['process.exit', { code: 3, stdout: '' }],
    ['process.exit after the answer', { code: 4, stdout: '200 ok\n' }],
    ['SIGTERM', { code: null, signal: 'SIGTERM' }],
    ['SIGKILL', { code: null, signal: 'SIGKILL' }],
    ['an uncaught exception', { code: 1 }],
    ['an uncaught exception of a listener of the host', { code: 5 }],
    ['an unhandled rejection', { code: 1 }],
    ['an unhandled rejection that is no error', { code: 1 }],
    ['an exit code that is set', { code: 6, stdout: '200 ok\n' }],
  ])('by %s in a handler', async (what, expected) => {
    const [plain, traced] = await Promise.all([end(framework, what, 'plain'), end(framework, what, 'traced')])
    expect(plain).toMatchObject(expected)
    expect({ code: traced.code, signal: traced.signal, stderr: traced.stderr }).toEqual({
      code: plain.code,
      signal: plain.signal,
      stderr: plain.stderr,
    })
    // Whether an answer gets through is a matter of microseconds, but for signals: spans are flushed first.
    if (expected.stdout !== undefined) expect(traced.stdout).toBe(plain.stdout)
  })
})
