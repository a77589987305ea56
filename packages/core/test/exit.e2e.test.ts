import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const core = fileURLToPath(new URL('../dist/index.js', import.meta.url))

/** A collector that counts the spans it gets. */
async function startCollector() {
  let spans = 0
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as { resourceSpans: { scopeSpans: { spans: unknown[] }[] }[] }
    spans += resourceSpans.flatMap((resource) => resource.scopeSpans.flatMap((scope) => scope.spans)).length
    res.setHeader('content-type', 'application/json').end('{}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    spans: () => spans,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Runs a program that has core at hand; resolves with how it ended. */
async function run(program: string, endpoint: string, signal?: NodeJS.Signals) {
  const code = `import { createTracer, withSpan } from ${JSON.stringify(core)}\n${program}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env: { PATH: process.env['PATH'], OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: 'exit' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (data) => (stderr += String(data)))
  if (signal) child.stdout.once('data', () => child.kill(signal))
  const [exitCode, exitSignal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { exitCode, exitSignal, stderr }
}

const STAY = `setInterval(() => {}, 1000); console.log('ready')`

describe('at the end of the process', () => {
  it('spans are flushed when there is nothing left to do', async () => {
    await using collector = await startCollector()
    expect(await run(`withSpan('a', () => {})`, collector.url)).toMatchObject({ exitCode: 0, stderr: '' })
    expect(collector.spans()).toBe(1)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('spans are flushed at %s, which then ends the process as it would have', async (signal) => {
    await using collector = await startCollector()
    expect(await run(`withSpan('a', () => {}); ${STAY}`, collector.url, signal)).toMatchObject({ exitCode: null, exitSignal: signal })
    expect(collector.spans()).toBe(1)
  })

  it('a listener of the host decides alone', async () => {
    await using collector = await startCollector()
    const program = `const tracer = createTracer(); process.on('SIGTERM', async () => { await tracer.shutdown(); process.exit(7) }); withSpan('a', () => {}); ${STAY}`
    expect(await run(program, collector.url, 'SIGTERM')).toMatchObject({ exitCode: 7 })
    expect(collector.spans()).toBe(1)
  })

  it('a listener of the host that is called once decides, too', async () => {
    await using collector = await startCollector()
    const program = `const tracer = createTracer(); process.once('SIGTERM', () => setTimeout(async () => { await tracer.shutdown(); process.exit(7) }, 100)); withSpan('a', () => {}); ${STAY}`
    expect(await run(program, collector.url, 'SIGTERM')).toMatchObject({ exitCode: 7 })
    expect(collector.spans()).toBe(1)
  })

  it('flushOnExit: false leaves signals and exit alone', async () => {
    await using collector = await startCollector()
    expect(await run(`createTracer({ flushOnExit: false }); withSpan('a', () => {}); ${STAY}`, collector.url, 'SIGTERM')).toMatchObject({
      exitSignal: 'SIGTERM',
    })
    expect(collector.spans()).toBe(0)
  })

  it('nothing hangs where nobody listens, and one line says so', async () => {
    const result = await run(`for (let i = 0; i < 5; i++) withSpan('a', () => {})`, 'http://127.0.0.1:9')
    expect(result.exitCode).toBe(0)
    expect(result.stderr.match(/EXPORT_UNREACHABLE/g)).toHaveLength(1)
  })

  it('process.exit in the middle of a span is not held up', async () => {
    await using collector = await startCollector()
    expect(await run(`withSpan('a', () => process.exit(3))`, collector.url)).toMatchObject({ exitCode: 3 })
  })

  it('process.exit in the handler of a request, with another one in flight, ends the process at once and says nothing', async () => {
    await using collector = await startCollector()
    const program = `
      import { createServer, get } from 'node:http'
      const server = createServer((req, res) => withSpan(req.url, () => (req.url === '/exit' ? process.exit(4) : new Promise(() => {}))))
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address()
        for (const path of ['/open', '/exit']) get({ port, path, host: '127.0.0.1' }).on('error', () => {})
      })`
    expect(await run(program, collector.url)).toMatchObject({ exitCode: 4, stderr: '' })
  })

  it('spans that begin and end after the process began to exit harm nothing and change no exit code', async () => {
    await using collector = await startCollector()
    const program = `
      const tracer = createTracer()
      const open = tracer.startSpan('open')
      process.on('exit', () => {
        open.fail(new Error('late')).end()
        withSpan('after', () => {})
        console.error(JSON.stringify([tracer.stats().spansEnded, tracer.stats().queue.spans]))
      })
      process.exitCode = 5`
    expect(await run(program, collector.url)).toMatchObject({ exitCode: 5, stderr: '[2,2]\n' })
  })
})
