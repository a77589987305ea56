import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'

const PACKAGE = fileURLToPath(new URL('..', import.meta.url))
const CORE = pathToFileURL(join(PACKAGE, 'dist/index.js')).href

interface Received {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly pid: string
  readonly instance: string
}

interface OtlpResource {
  resource: { attributes: { key: string; value: { stringValue?: string; intValue?: string | number } }[] }
  scopeSpans: { spans: Received[] }[]
}

/** A collector that keeps the spans, each with the process it came from. */
async function startCollector() {
  const spans: Received[] = []
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    const body = JSON.parse(Buffer.concat(chunks).toString()) as { resourceSpans?: OtlpResource[] }
    for (const { resource, scopeSpans } of body.resourceSpans ?? []) {
      const read = (name: string): string => {
        const value = resource.attributes.find(({ key }) => key === name)?.value
        return String(value?.stringValue ?? value?.intValue)
      }
      const process = { pid: read('process.pid'), instance: read('service.instance.id') }
      spans.push(...scopeSpans.flatMap((scope) => scope.spans).map((span) => ({ ...span, ...process })))
    }
    res.setHeader('content-type', 'application/json').end('{}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    named: (name: string) => spans.filter((span) => span.name === name),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Runs modules in a folder of their own, the first of them first; `core` in them is the build. */
async function run(files: Record<string, string>, endpoint: string) {
  const folder = mkdtempSync(join(tmpdir(), 'clew-processes-'))
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text.replaceAll("'core'", `'${CORE}'`))
    const [main = ''] = Object.keys(files)
    const child = spawn(process.execPath, [join(folder, main)], {
      cwd: folder,
      env: { PATH: process.env['PATH'], OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: 'processes', CORE_PACKAGE: PACKAGE },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, output }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('several processes and threads', () => {
  it('a forked process continues a trace by the ids in a message, flushes at its end and is a resource of its own', async () => {
    await using collector = await startCollector()
    const parent = `
      import { fork } from 'node:child_process'
      import { getTraceHeaders, withSpan } from 'core'
      await withSpan('parent', () => new Promise((resolve) => {
        const child = fork('./child.mjs')
        child.send(getTraceHeaders())
        child.on('exit', resolve)
      }))`
    const child = `
      import { continueTrace } from 'core'
      process.once('message', (headers) => {
        continueTrace(headers, 'child', () => {})
        setImmediate(() => process.disconnect())
      })`
    expect(await run({ 'parent.mjs': parent, 'child.mjs': child }, collector.url)).toEqual({ code: 0, output: '' })
    const [outer] = collector.named('parent')
    const [inner] = collector.named('child')
    expect(inner).toMatchObject({ traceId: outer?.traceId, parentSpanId: outer?.spanId })
    expect(inner?.pid).not.toBe(outer?.pid)
    expect(inner?.instance).not.toBe(outer?.instance)
  })

  it('workers of a cluster have traces and resources of their own, and flush when they are disconnected', async () => {
    await using collector = await startCollector()
    const main = `
      import cluster from 'node:cluster'
      import { createServer, get } from 'node:http'
      import { getTraceId, startSpan, withSpan } from 'core'
      if (cluster.isPrimary) {
        const workers = [cluster.fork(), cluster.fork()]
        const ports = await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('listening', ({ port }) => resolve(port)))))
        for (let n = 0; n < 8; n++)
          await new Promise((resolve) => get({ port: ports[0], host: '127.0.0.1', agent: false }, (res) => res.resume().on('end', resolve)))
        cluster.disconnect()
      } else {
        createServer((req, res) => withSpan('request', () => res.end())).listen(0, '127.0.0.1')
      }`
    expect(await run({ 'main.mjs': main }, collector.url)).toEqual({ code: 0, output: '' })
    const spans = collector.named('request')
    expect(spans).toHaveLength(8)
    expect(new Set(spans.map((span) => span.traceId)).size).toBe(8)
    expect(new Set(spans.map((span) => span.spanId)).size).toBe(8)
    expect(new Set(spans.map((span) => span.pid)).size).toBe(2)
    expect(new Set(spans.map((span) => span.instance)).size).toBe(2)
  })

  it('a worker thread begins outside of every trace, continues one by the ids it is given, and flushes at its end', async () => {
    await using collector = await startCollector()
    const main = `
      import { Worker } from 'node:worker_threads'
      import { getTraceHeaders, withSpan } from 'core'
      await withSpan('main', () => new Promise((resolve, reject) => {
        const worker = new Worker('./worker.mjs', { workerData: getTraceHeaders() })
        worker.on('error', reject)
        worker.on('exit', resolve)
      }))`
    const worker = `
      import { workerData } from 'node:worker_threads'
      import { continueTrace, getTraceId, withSpan } from 'core'
      if (getTraceId() !== undefined) throw new Error('The context has crossed')
      withSpan('alone', () => {})
      continueTrace(workerData, 'worker', () => {})`
    expect(await run({ 'main.mjs': main, 'worker.mjs': worker }, collector.url)).toEqual({ code: 0, output: '' })
    const [outer] = collector.named('main')
    const [inner] = collector.named('worker')
    expect(inner).toMatchObject({ traceId: outer?.traceId, parentSpanId: outer?.spanId, pid: outer?.pid })
    expect(inner?.instance).not.toBe(outer?.instance)
    expect(collector.named('alone')[0]?.traceId).not.toBe(outer?.traceId)
  })
})

describe('two copies of the package in one process', () => {
  it('share context and default tracer, take each other’s spans as parents, and flush once', async () => {
    await using collector = await startCollector()
    const copy = mkdtempSync(join(tmpdir(), 'clew-copy-'))
    cpSync(join(PACKAGE, 'dist'), join(copy, 'dist'), { recursive: true })
    cpSync(join(PACKAGE, 'package.json'), join(copy, 'package.json'))
    const main = `
      import * as one from 'core'
      import * as two from '${pathToFileURL(join(copy, 'dist/index.js')).href}'
      if (one.withSpan === two.withSpan) throw new Error('There is one copy')
      one.withSpan('outer', (outer) => {
        outer.setAttribute('copy', 1)
        two.withSpan('inner', (inner) => {
          two.getActiveSpan().setAttribute('copy', 2)
          if (one.getActiveSpan() !== inner) throw new Error('The context is not shared')
          one.startSpan('by option', { parent: inner }).end()
          const bound = one.bind(() => two.getSpanId())
          if (two.withSpan('elsewhere', { parent: null }, bound) !== inner.spanContext().spanId) throw new Error('bind does not cross')
          inner.fail(new Error('on purpose'))
        })
        two.runWithSpan(outer, () => one.withSpan('innermost', () => {}))
        one.keepTrace('because')
        two.keepTrace('because')
      })`
    try {
      expect(await run({ 'main.mjs': main }, collector.url)).toEqual({ code: 0, output: '' })
    } finally {
      rmSync(copy, { recursive: true, force: true })
    }
    const [outer] = collector.named('outer')
    const [inner] = collector.named('inner')
    expect(inner).toMatchObject({ traceId: outer?.traceId, parentSpanId: outer?.spanId })
    expect(collector.named('by option')).toMatchObject([{ traceId: outer?.traceId, parentSpanId: inner?.spanId }])
    expect(collector.named('innermost')).toMatchObject([{ traceId: outer?.traceId, parentSpanId: outer?.spanId }])
    expect(collector.named('elsewhere')).toHaveLength(1)
  })
})
