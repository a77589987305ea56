import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve, type RunningServer } from '@clew/server'
import { memoryStore, type TraceSummary } from '@clew/store'
import { expect, test } from 'vitest'
import { formatTraces } from '../src/trace-table.js'
import { runProgram } from '../src/program.js'
import { captureTerminal } from './helpers.js'
import { createSpan, failure, failingCheckout, slowCheckout, T0, TRACE_ID } from './traces.js'
import type { SpanData } from '@clew/core'

const LATE = 'spans may still be on their way: services that could not send them try again within 30 s'
const SLOW_ID = '11112f3577b34da6a3ce929d0e0e4736'

interface Shop extends AsyncDisposable {
  readonly server: RunningServer
}

/** A server that holds a failing checkout (`TRACE_ID`) and a slow one (`SLOW_ID`), a minute younger. */
async function startShop(options: { token?: string } = {}): Promise<Shop> {
  const store = memoryStore({ clock: () => T0 + 300_000 })
  const failing = failingCheckout().trace.spans.map((span, index) => (index === 0 ? withExternalId(span) : span))
  const slow = slowCheckout().trace.spans.map((span) => ({ ...span, traceId: SLOW_ID, startTime: span.startTime + 60_000 }))
  for (const spans of [failing, slow]) {
    for (const span of spans) {
      const batch = { resource: span.resource, spans: [span], logs: [], metrics: [] }
      expect(await store.export(batch, { signal: AbortSignal.timeout(5000) })).toEqual({ ok: true })
    }
  }
  const server = await serve({
    store,
    clock: () => T0 + 300_000,
    ...(options.token === undefined ? {} : { auth: { token: options.token } }),
  })
  return {
    server,
    async [Symbol.asyncDispose]() {
      await server.close()
      await store.close()
    },
  }
}

function withExternalId(span: SpanData): SpanData {
  return { ...span, attributes: { ...span.attributes, 'trace.external_id': 'abc-123' } }
}

async function run(args: readonly string[], options: Parameters<typeof captureTerminal>[0] = {}) {
  const captured = captureTerminal(options)
  const code = await runProgram(args, { terminal: captured.terminal, createEndSignal: () => AbortSignal.timeout(10_000) })
  return { code, stdout: captured.stdout(), stderr: captured.stderr() }
}

test('shows a trace by its id, as a UUID and by its external id', async () => {
  await using shop = await startShop()
  const env = { CLEW_SERVER: shop.server.url }
  const shown = await run(['show', TRACE_ID], { env })
  expect(shown.stdout).toContain(`trace ${TRACE_ID}\nexternal id abc-123\ngateway POST /checkout · 502 failed · 120 ms`)
  expect(shown.stdout).toMatch(/charge card +▕█ CardError: card declined/)
  expect({ code: shown.code, stderr: shown.stderr }).toEqual({ code: 0, stderr: '' })
  expect(await run(['show', 'abc-123'], { env })).toEqual(shown)
  expect(await run(['show', '4BF92F35-77B3-4DA6-A3CE-929D0E0E4736', '--server', shop.server.url])).toEqual(shown)
})

test('marks what the analysis of the server found', async () => {
  await using shop = await startShop()
  const { stdout } = await run(['show', SLOW_ID, '--server', shop.server.url])
  expect(stdout).toMatch(/^◀ orders: .*SELECT orders/m)
  expect(stdout).toMatch(/SELECT orders .*2,412 ms ◀$/m)
})

test('prints trace and analysis as JSON', async () => {
  await using shop = await startShop()
  const { code, stdout } = await run(['show', '--json', TRACE_ID, '--server', shop.server.url])
  const answer = JSON.parse(stdout) as { trace: { spans: unknown[] }; analysis: { findings: unknown[] } }
  expect(Object.keys(answer)).toEqual(['trace', 'analysis'])
  expect([answer.trace.spans.length, answer.analysis.findings.length > 0, code]).toEqual([5, true, 0])
})

test('lists traces as a table that fits', async () => {
  await using shop = await startShop()
  const env = { CLEW_SERVER: shop.server.url }
  expect(`\n${(await run(['search'], { env })).stdout}`).toMatchInlineSnapshot(`
    "
    TRACE                             STARTED (UTC)   DURATION  STATUS  SERVICE  REQUEST           SPANS
    11112f3577b34da6a3ce929d0e0e4736  11-21 07:40:12  2,565 ms  200     gateway  POST /checkout        8
    4bf92f3577b34da6a3ce929d0e0e4736  11-21 07:39:12    120 ms  502     gateway  ✗ POST /checkout      5
    "
  `)
  expect(`\n${(await run(['slow'], { env: { ...env, COLUMNS: '60' } })).stdout}`).toMatchInlineSnapshot(`
    "
    TRACE                             DURATION  REQUEST
    11112f3577b34da6a3ce929d0e0e4736  2,565 ms  POST /checkout
    4bf92f3577b34da6a3ce929d0e0e4736    120 ms  ✗ POST /checkout
    "
  `)
  expect(`\n${(await run(['errors', '--date', '2025-11-21'], { env })).stdout}`).toMatchInlineSnapshot(`
    "
    COUNT  LAST (UTC)  SERVICE   OPERATION    ERROR                     NEWEST TRACE
        1  07:39:12    payments  charge card  CardError: card declined  4bf92f3577b34da6a3ce929d0e0e4736
    "
  `)
  expect(`\n${(await run(['services'], { env })).stdout}`).toMatchInlineSnapshot(`
    "
    SERVICE   TRACES  SPANS  ERRORS  LAST SEEN (UTC)          VERSIONS
    auth           1      1       0  2025-11-21 07:40:12.103
    gateway        2      5       2  2025-11-21 07:40:12.113
    notifier       1      1       0  2025-11-21 07:39:12.250
    orders         1      3       0  2025-11-21 07:40:14.560
    payments       2      3       2  2025-11-21 07:40:14.616
    "
  `)
})

test('leaves other columns out before it cuts the request, and never shows a count of errors at some widths only', async () => {
  const trace: TraceSummary = {
    traceId: TRACE_ID,
    rootName: 'POST /customers/:customerId/orders/:orderId/refunds',
    rootService: 'gateway',
    startTime: T0,
    duration: 12_565,
    totalDuration: 12_565,
    spanCount: 8,
    errorCount: 2,
    services: ['gateway'],
    state: 'completed',
  }
  const draw = (columns: number): string[] => formatTraces([trace], captureTerminal({ columns }).terminal)
  expect([60, 80, 100, 120, 160].map((width) => draw(width).join('\n')).join('\n\n')).toMatchInlineSnapshot(`
    "TRACE                              DURATION  REQUEST
    4bf92f3577b34da6a3ce929d0e0e4736  12,565 ms  ! POST /custom…

    TRACE                              DURATION  STATUS     REQUEST
    4bf92f3577b34da6a3ce929d0e0e4736  12,565 ms  completed  ! POST /customers/:cust…

    TRACE                             STARTED (UTC)    DURATION  STATUS     REQUEST
    4bf92f3577b34da6a3ce929d0e0e4736  11-21 07:39:12  12,565 ms  completed  ! POST /customers/:customer…

    TRACE                             STARTED (UTC)    DURATION  STATUS     SERVICE  REQUEST                           SPANS
    4bf92f3577b34da6a3ce929d0e0e4736  11-21 07:39:12  12,565 ms  completed  gateway  ! POST /customers/:customerId/o…      8

    TRACE                             STARTED (UTC)    DURATION  STATUS     SERVICE  REQUEST                                                SPANS
    4bf92f3577b34da6a3ce929d0e0e4736  11-21 07:39:12  12,565 ms  completed  gateway  ! POST /customers/:customerId/orders/:orderId/refunds      8"
  `)
  for (let width = 60; width <= 160; width++) {
    const [titles = '', row = ''] = draw(width)
    expect(row.length).toBeLessThanOrEqual(width)
    expect(titles).not.toContain('ERRORS')
    if (width >= 100) expect(/! .*?(?= {2}|$)/.exec(row)?.[0].length).toBeGreaterThanOrEqual(28)
  }
})

test('marks a failed request in lists, and otherwise one with errors inside', async () => {
  const store = memoryStore({ clock: () => T0 })
  const root = createSpan(['1', '', 'gateway', 'GET /stock', 0, 9], { kind: 'server' })
  const spans = [root, createSpan(['2', '1', 'gateway', 'read cache', 1, 1], failure('not there'))]
  await store.export({ resource: root.resource, spans, logs: [], metrics: [] }, { signal: AbortSignal.timeout(5000) })
  await using server = await serve({ store, clock: () => T0 })
  const { stdout } = await run(['search', '--server', server.url])
  expect(stdout).toMatch(/completed  gateway  ! GET \/stock      2\n$/)
  await store.close()
})

const searches: [string[], string[]][] = [
  [['--status', 'error'], [TRACE_ID]],
  [['--status', 'ok'], [SLOW_ID]],
  [
    ['--service', 'payments'],
    [SLOW_ID, TRACE_ID],
  ],
  [['--service', 'notifier'], [TRACE_ID]],
  [['--operation', 'POST /orders', '--service', 'orders'], [SLOW_ID]],
  [['--min', '1.5s'], [SLOW_ID]],
  [['--max', '250ms'], [TRACE_ID]],
  [['--error-type', 'CardError'], [TRACE_ID]],
  [['--attr', 'db.query.summary=SELECT orders', '--attr', 'db.system.name=postgresql'], [SLOW_ID]],
  [['--since', '2025-11-21T07:40:00Z'], [SLOW_ID]],
  [['--until', '2025-11-21T07:40:00Z'], [TRACE_ID]],
  [['--order', 'slowest', '--limit', '1'], [SLOW_ID]],
]
for (const [args, ids] of searches) {
  test(`searches with ${args.join(' ')}`, async () => {
    await using shop = await startShop()
    const { stdout } = await run(['search', '--json', '--server', shop.server.url, ...args])
    const { items } = JSON.parse(stdout) as { items: { traceId: string }[] }
    expect(items.map((item) => item.traceId)).toEqual(ids)
  })
}

test('says how to see the next page', async () => {
  await using shop = await startShop()
  const env = { CLEW_SERVER: shop.server.url }
  const first = await run(['search', '--limit', '1'], { env })
  const cursor = /--cursor (\S+)\n$/.exec(first.stdout)?.[1] ?? ''
  const second = await run(['search', '--limit', '1', '--cursor', cursor], { env })
  expect(second.stdout).toContain(TRACE_ID)
  expect(second.stdout).not.toContain('--cursor')
})

test('says how to see the next page so that it works later, too', async () => {
  await using shop = await startShop()
  const args = ['search', '--server', shop.server.url, '--limit', '1', '--since', '9000d', '--until', '2200-01-31']
  const { stdout } = await run(args)
  const more = /\nThere are more: repeat the command with (.*)\n$/.exec(stdout)?.[1]?.split(' ') ?? []
  expect(more).toEqual([
    '--since',
    expect.stringMatching(/^\d{4}-.*Z$/),
    '--until',
    '2200-01-31T00:00:00.000Z',
    '--cursor',
    expect.any(String),
  ])
  const second = await run([...args, ...more])
  expect({ code: second.code, stderr: second.stderr }).toEqual({ code: 0, stderr: '' })
  expect(second.stdout).toContain(TRACE_ID)
})

test('shows what a server sends besides its rows instead of obeying it', async () => {
  const evil = "x\u001b[2J'$(reboot)"
  const answer = { date: evil, items: [], nextCursor: evil }
  await using stranger = await startStranger(answer)
  const errors = await run(['errors', '--server', stranger.url])
  expect(errors.stderr).toBe(`clew: no errors of x\\x1b[2J'$(reboot) (UTC) found; ${LATE}\n`)
  const search = await run(['search', '--server', stranger.url])
  expect(search.stdout).toBe("\nThere are more: repeat the command with --cursor 'x\\x1b[2J'\\''$(reboot)'\n")
})

test('ends with 1 and an empty stdout where nothing matches', async () => {
  await using shop = await startShop()
  const env = { CLEW_SERVER: shop.server.url }
  expect(await run(['search', '--service', 'nobody'], { env })).toEqual({ code: 1, stdout: '', stderr: `clew: no traces found; ${LATE}\n` })
  expect(await run(['slow', '--service', 'nobody'], { env })).toEqual({ code: 1, stdout: '', stderr: `clew: no traces found; ${LATE}\n` })
  expect(await run(['errors', '--date', '2020-01-31'], { env })).toEqual({
    code: 1,
    stdout: '',
    stderr: 'clew: no errors of 2020-01-31 (UTC) found\n',
  })
})

test('ends with 2 and one line on stderr for an unknown id', async () => {
  await using shop = await startShop()
  const { code, stdout, stderr } = await run(['show', 'no\u001bwhere', '--server', shop.server.url])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^clew: There is no trace \P{Cc}*\n$/u)
})

test('tells what a short id may be where there is no such trace', async () => {
  await using shop = await startShop()
  const hint = '; a trace id has 32 characters, and what clew grep prints before the message is the beginning of a span id\n'
  const isHinted = async (id: string): Promise<boolean> => {
    const { code, stderr } = await run(['show', id, '--server', shop.server.url])
    expect({ code, lines: stderr.match(/\n/g)?.length }).toEqual({ code: 2, lines: 1 })
    return stderr.endsWith(hint)
  }
  for (const id of ['594a', '594AD286', ' 594ad286 ', '00f067aa0ba902b7', SLOW_ID.slice(0, 31)])
    expect([id, await isHinted(id)]).toEqual([id, true])
  for (const id of ['594', 'abc-123-4', 'ffff2f3577b34da6a3ce929d0e0e4736']) expect([id, await isHinted(id)]).toEqual([id, false])
})

test('ends with 2 and one line on stderr where no server listens', async () => {
  const { url } = await closedServer()
  const { code, stdout, stderr } = await run(['slow', '--server', url])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toBe(`clew: cannot reach ${url}: connect ECONNREFUSED ${url.slice('http://'.length)}. Is "clew serve" running there?\n`)
})

test('asks the server behind the address of a page, wherever it is mounted', async () => {
  await using shop = await startShop()
  for (const path of ['/traces', '/traces/', `/traces/${SLOW_ID}?span=1#details`, '/traces?service=orders', '?since=1h']) {
    const { code, stdout } = await run(['show', TRACE_ID, '--server', shop.server.url + path])
    expect({ path, code, head: stdout.split('\n', 1)[0] }).toEqual({ path, code: 0, head: `trace ${TRACE_ID}` })
  }
  const unknown = await run(['show', 'nowhere', '--server', `${shop.server.url}/traces`])
  expect(unknown.stderr).toMatch(/^clew: There is no trace "nowhere"/)
})

test('asks a server that is mounted in an app, whatever the mount path is', async () => {
  await using shop = await startShop()
  for (const mount of ['/traces', '/ops/clew', '/traces/eu']) {
    await using app = await startStranger({ ok: true }, { mount, url: shop.server.url })
    for (const path of [mount, `${mount}/traces`, `${mount}/traces/${TRACE_ID}`]) {
      const { code, stdout } = await run(['show', TRACE_ID, '--server', app.url + path])
      expect({ path, code, head: stdout.split('\n', 1)[0] }).toEqual({ path, code: 0, head: `trace ${TRACE_ID}` })
    }
  }
})

test('names the path that it asked at where nothing of clew is there', async () => {
  await using stranger = await startStranger({ ok: true })
  const { stderr } = await run(['slow', '--server', `${stranger.url}/ops/`])
  expect(stderr).toBe(`clew: ${stranger.url}/ops answered with 200 and nothing that clew says; is it a clew server?\n`)
})

test('tells a server that is not clew from one that is', async () => {
  await using stranger = await startStranger({ ok: true })
  const { code, stderr } = await run(['show', TRACE_ID, '--server', stranger.url])
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `clew: ${stranger.url} answered with 200 and nothing that clew says; is it a clew server?\n`,
  })
})

interface MountedServer {
  readonly mount: string
  readonly url: string
}

/** A server that says the same to everybody, but for what it passes on to a server that is mounted in it. */
async function startStranger(answer: object, mounted?: MountedServer): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(async ({ url = '' }, res) => {
    const isMounted = mounted !== undefined && url.startsWith(`${mounted.mount}/`)
    const response = isMounted ? await fetch(mounted.url + url.slice(mounted.mount.length)) : Response.json(answer)
    res.writeHead(response.status, { 'content-type': response.headers.get('content-type') ?? '' }).end(await response.text())
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => void server.close(() => resolve())),
  }
}

async function closedServer(): Promise<RunningServer> {
  await using store = Object.assign(memoryStore(), { async [Symbol.asyncDispose]() {} })
  const server = await serve({ store })
  await server.close()
  return server
}

test('shows its token, and asks for one that is missing', async () => {
  await using shop = await startShop({ token: 'secret-token' })
  const server = ['--server', shop.server.url]
  expect((await run(['slow', ...server, '--token', 'secret-token'])).code).toBe(0)
  expect((await run(['slow', ...server], { env: { CLEW_TOKEN: 'secret-token' } })).code).toBe(0)
  expect(await run(['slow', ...server])).toEqual({
    code: 2,
    stdout: '',
    stderr: `clew: ${shop.server.url} asks for a token: give it with --token or CLEW_TOKEN\n`,
  })
})

const misuses: [string[], string][] = [
  [['frobnicate'], "clew: unknown command 'frobnicate'; clew --help lists them\n"],
  [['show'], "clew: missing required argument 'id'\n"],
  [['slow', '--frob'], "clew: unknown option '--frob'\n"],
  [['slow', '--server', 'ftp://x'], 'clew: --server must be a URL such as http://localhost:4318, got "ftp://x"\n'],
  [['slow', '--server', 'http://me:secret@localhost'], 'clew: --server must not hold a name and a password; clew asks for a token\n'],
  [
    ['search', '--min', 'soon'],
    "clew: option '--min <duration>' argument 'soon' is invalid. It must be a duration such as 250ms, 1.5s or 2m.\n",
  ],
  [
    ['search', '--attr', 'x'],
    "clew: option '--attr <name=value>' argument 'x' is invalid. It must be name=value, such as http.route=/orders/:id.\n",
  ],
  [['search', '--limit', '0'], "clew: option '--limit <number>' argument '0' is invalid. It must be a whole number from 1 to 1000.\n"],
  [
    ['errors', '--date', '2026-02-31'],
    "clew: option '--date <YYYY-MM-DD>' argument '2026-02-31' is invalid. It must be a day (UTC) such as 2026-01-31.\n",
  ],
  [['serve', '--no-auth', '--token', 'x'], 'clew: --no-auth and a token (--token or CLEW_TOKEN) exclude each other\n'],
  [
    ['serve', '--host', '0.0.0.0', '--port', '0'],
    'clew: 0.0.0.0 is reached by other machines: give a token (CLEW_TOKEN), or --no-auth to let everybody in\n',
  ],
]
for (const [args, stderr] of misuses) {
  test(`refuses ${args.join(' ')} in one line`, async () => {
    expect(await run(args)).toEqual({ code: 2, stdout: '', stderr })
  })
}

test('refuses --no-auth beside CLEW_TOKEN, rather than ignoring the token', async () => {
  const stderr = 'clew: --no-auth and a token (--token or CLEW_TOKEN) exclude each other\n'
  expect(await run(['serve', '--no-auth', '--port', '0'], { env: { CLEW_TOKEN: 'x' } })).toEqual({ code: 2, stdout: '', stderr })
})

test('helps with examples for every command', async () => {
  for (const command of ['serve', 'show', 'search', 'slow', 'errors', 'services', 'grep']) {
    const { code, stdout, stderr } = await run([command, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^Usage: clew ${command}[^]*\\nExamples:\\n {2}\\$ .*clew`))
  }
  expect((await run(['--help'])).stdout).toContain('Exit codes: 0 found, 1 nothing matched, 2 failed or used wrongly.')
})

test('escapes what a terminal would obey in names, errors and JSON', async () => {
  const store = memoryStore({ clock: () => T0 })
  const evil = '\u001b[2J\u009b31m'
  const span = createSpan(['1', '', `svc${evil}`, `GET ${evil}`, 0, 1], { ...failure(evil, { 'error.type': evil }) })
  await store.export({ resource: span.resource, spans: [span], logs: [], metrics: [] }, { signal: AbortSignal.timeout(5000) })
  const server = await serve({ store, clock: () => T0 })
  try {
    for (const args of [
      ['show', TRACE_ID],
      ['show', '--json', TRACE_ID],
      ['search'],
      ['slow'],
      ['errors'],
      ['services'],
      ['services', '--json'],
    ]) {
      const { code, stdout } = await run([...args, '--server', server.url])
      expect(code).toBe(0)
      expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
    }
  } finally {
    await server.close()
    await store.close()
  }
})
