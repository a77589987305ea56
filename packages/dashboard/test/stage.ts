import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SpanData } from '@clew/core'
import { serve } from '@clew/server'
import type { RunningServer } from '@clew/server'
import { memoryStore } from '@clew/store'
import type { TraceStore } from '@clew/store'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { toBatches } from './shop-spans.js'

/** A server with traces in its store, and a page of a browser that looks at it. */
export interface Stage extends AsyncDisposable {
  readonly page: Page
  readonly server: RunningServer
  readonly store: TraceStore
  /** What must not happen: requests to other places, errors on the console (breaches of the content security policy are such) and exceptions. */
  readonly problems: readonly string[]
}

/** How the page is looked at, and what the server asks for. */
export interface StageOptions extends BrowserContextOptions {
  readonly token?: string
}

/** Stores the traces, starts the server and opens a page. */
export async function openStage(
  browser: Browser,
  traces: readonly (readonly SpanData[])[],
  { token, ...look }: StageOptions = {},
): Promise<Stage> {
  const store = memoryStore()
  for (const spans of traces) await storeSpans(store, spans)
  const server = await serve({ store, port: 0, ...(token === undefined ? {} : { auth: { token } }) })
  const context = await browser.newContext({ viewport: { width: 1_280, height: 800 }, ...look, baseURL: server.url })
  const page = await context.newPage()
  const problems = watch(page)
  const close = async (): Promise<void> => {
    await context.close()
    await server.close()
    await store.close()
  }
  return { page, server, store, problems, [Symbol.asyncDispose]: close }
}

/** Exports spans as the services that recorded them would. */
async function storeSpans(store: TraceStore, spans: readonly SpanData[]): Promise<void> {
  for (const batch of toBatches(spans)) {
    const result = await store.export(batch, { signal: AbortSignal.timeout(10_000) })
    if (!result.ok) throw new Error('The store refused a batch', { cause: result.error })
  }
}

/** A reverse proxy that serves `target` below `prefix`, which it cuts off. */
export async function startProxy(target: RunningServer, prefix: string): Promise<AsyncDisposable & { readonly url: string }> {
  const proxy = createServer((req, res) => {
    const path = req.url?.startsWith(`${prefix}/`) ? req.url.slice(prefix.length) : undefined
    if (path === undefined) {
      res.writeHead(404).end()
      return
    }
    const onward = request({ port: target.port, host: '127.0.0.1', path, method: req.method, headers: req.headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(res)
    })
    req.pipe(onward)
  })
  await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve))
  const close = async (): Promise<void> => {
    proxy.closeAllConnections()
    await new Promise((resolve) => void proxy.close(resolve))
  }
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${prefix}`, [Symbol.asyncDispose]: close }
}

function watch(page: Page): string[] {
  const problems: string[] = []
  page.on('request', (sent) => {
    const { protocol, hostname } = new URL(sent.url())
    if (protocol !== 'http:' || hostname !== '127.0.0.1') problems.push(`request to ${sent.url()}`)
  })
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => problems.push(`exception: ${error.stack ?? error.message}`))
  return problems
}
