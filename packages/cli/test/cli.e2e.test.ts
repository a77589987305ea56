import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createFolder } from './helpers.js'

const BIN = fileURLToPath(new URL('../bin/clew.js', import.meta.url))
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const DEADLINE_MS = 20_000

interface Clew extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams
  /** What it has printed so far. */
  stdout(): string
  stderr(): string
  /** Resolves when it has ended and its output is closed. */
  readonly exitCode: Promise<number | null>
}

function startClew(args: readonly string[], options: { env?: Record<string, string>; node?: readonly string[] } = {}): Clew {
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [...(options.node ?? []), BIN, ...args], { env: { PATH, LANG: 'C.UTF-8', ...options.env } })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  const closed = once(child, 'close')
  return {
    child,
    stdout: () => Buffer.concat(out).toString('utf8'),
    stderr: () => Buffer.concat(err).toString('utf8'),
    exitCode: closed.then(([code]) => code as number | null),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await closed
    },
  }
}

async function runClew(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  await using clew = startClew(args, { env })
  clew.child.stdin.end()
  return { code: await clew.exitCode, stdout: clew.stdout(), stderr: clew.stderr() }
}

/** Waits for the line that tells the address. */
async function readAddress(clew: Clew): Promise<string> {
  const deadline = AbortSignal.timeout(DEADLINE_MS)
  for (;;) {
    const url = /^clew listens on (http:\S+)\n/m.exec(clew.stdout())?.[1]
    if (url !== undefined) return url
    await once(clew.child.stdout, 'data', { signal: deadline })
  }
}

function createPayload(service: string): string {
  const start = BigInt(Date.now()) * 1_000_000n
  const span = { traceId: TRACE, spanId: '00f067aa0ba902b7', name: 'GET /orders/:id', kind: 2 }
  const times = { startTimeUnixNano: String(start), endTimeUnixNano: String(start + 250_000_000n) }
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] }
  return JSON.stringify({
    resourceSpans: [{ resource, scopeSpans: [{ spans: [{ ...span, ...times, status: { code: 2, message: 'out of stock' } }] }] }],
  })
}

test.runIf(existsSync('/dev/full'))('ends with 2 and one line where the disk is full', async () => {
  await using folder = await createFolder({ 'a.log': `{"trace_id":"${TRACE}"}\n` })
  const disk = await open('/dev/full', 'w')
  const child = spawn(process.execPath, [BIN, 'grep', TRACE, folder.path], { stdio: ['ignore', disk.fd, 'pipe'] })
  const stderr = text(child.stderr as Readable)
  const [code] = (await once(child, 'close')) as [number]
  await disk.close()
  expect({ code, stderr: await stderr }).toEqual({
    code: 2,
    stderr: 'clew: cannot write the output: ENOSPC: no space left on device, write\n',
  })
})

test('serves, shows what it was sent, and closes on SIGTERM with exit code 0', async () => {
  await using server = startClew(['--port', '0'])
  const url = await readAddress(server)
  const headers = { 'content-type': 'application/json' }
  const sent = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body: createPayload('orders') })
  expect(sent.status).toBe(200)
  const shown = await runClew(['show', TRACE], { CLEW_SERVER: url })
  expect(shown).toMatchObject({ code: 0, stderr: '' })
  expect(shown.stdout).toContain('orders GET /orders/:id · failed · 250 ms · 1 service · 1 span')
  expect(shown.stdout).toContain('out of stock')
  const errors = await runClew(['errors', '--json'], { CLEW_SERVER: url })
  expect(JSON.parse(errors.stdout)).toMatchObject({ items: [{ service: 'orders', message: 'out of stock', count: 1 }] })
  server.child.kill('SIGTERM')
  expect(await server.exitCode).toBe(0)
  expect(server.stdout()).toBe(`clew keeps traces in memory: they are gone when it stops\nclew listens on ${url}\n`)
  expect(server.stderr()).toBe('')
})

test('closes on SIGINT with exit code 0', async () => {
  await using server = startClew(['serve', '--port', '0'])
  await readAddress(server)
  server.child.kill('SIGINT')
  expect(await server.exitCode).toBe(0)
})

test('asks for the token of CLEW_TOKEN', async () => {
  const env = { CLEW_TOKEN: 'secret-token' }
  await using server = startClew(['serve', '--port', '0'], { env })
  const url = await readAddress(server)
  expect((await fetch(`${url}/api/v1/services`)).status).toBe(401)
  const services = await runClew(['services', '--server', url], env)
  expect(services).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(/^clew: no services found; .*\n$/) })
})

test('ends with 2 and one line where the port is taken or the store unknown', async () => {
  await using server = startClew(['serve', '--port', '0'])
  const url = await readAddress(server)
  const taken = await runClew(['serve', '--port', new URL(url).port])
  expect(taken).toMatchObject({ code: 2, stdout: '' })
  expect(taken.stderr).toMatch(/^clew: Cannot listen on port \d+ of 127\.0\.0\.1: another process listens there already.*\n$/)
  const unknown = await runClew(['serve', '--port', '0', '--store', 'carrier-pigeon://loft'])
  expect(unknown).toMatchObject({ code: 2, stdout: '' })
  expect(unknown.stderr).toMatch(/^clew: .*\n$/)
})

test('greps a pipe of any size within a small heap', async () => {
  const line = `${JSON.stringify({ level: 30, time: 1_763_710_752_100, trace_id: 'ffffffff77b34da6a3ce929d0e0e4736', msg: 'x'.repeat(150) })}\n`
  const own = `{"time":1763710752200,"trace_id":"${TRACE}"}\n`
  const chunk = Buffer.from(line.repeat(1000))
  await using clew = startClew(['grep', '--json', TRACE], { node: ['--max-old-space-size=40'] })
  function* chunks(): Generator<Buffer> {
    for (let index = 0; index < 600; index++) yield index % 100 === 50 ? Buffer.from(own) : chunk
  }
  Readable.from(chunks()).pipe(clew.child.stdin)
  expect({ code: await clew.exitCode, stdout: clew.stdout(), stderr: clew.stderr() }).toEqual({
    code: 0,
    stdout: own.repeat(6),
    stderr: '',
  })
})

test('ends silently where the reader has seen enough', async () => {
  await using folder = await createFolder({ 'a.log': `{"trace_id":"${TRACE}","msg":"${'x'.repeat(200)}"}\n`.repeat(50_000) })
  await using clew = startClew(['grep', TRACE, join(folder.path, 'a.log')])
  await once(clew.child.stdout, 'data')
  clew.child.stdout.destroy()
  expect(await clew.exitCode).toBe(0)
  expect(clew.stderr()).toBe('')
})

test('prints no colours into a pipe, unless FORCE_COLOR asks for them', async () => {
  await using folder = await createFolder({ 'a.log': `{"level":50,"trace_id":"${TRACE}","msg":"boom"}\n` })
  const path = join(folder.path, 'a.log')
  expect((await runClew(['grep', TRACE, path])).stdout).not.toContain('\u001b')
  expect((await runClew(['grep', TRACE, path], { FORCE_COLOR: '1' })).stdout).toContain('\u001b[31merror\u001b[39m')
  expect((await runClew(['grep', TRACE, path], { FORCE_COLOR: '1', NO_COLOR: '1' })).stdout).not.toContain('\u001b')
})
