import { fileURLToPath } from 'node:url'
import { startServer } from '@clew/testkit'
import { expect, test } from 'vitest'
import { createFolder, startProcess, type TestProcess, waitUntil } from './processes.js'

const DEMO = fileURLToPath(new URL('../dist/demo.js', import.meta.url))
const SERVICES_ARE_UP = /A shop is open/

function startDemo(args: readonly string[], env: Readonly<Record<string, string>>): TestProcess {
  return startProcess(process.execPath, [DEMO, ...args], { env })
}

async function findFreePort(): Promise<number> {
  await using server = await startServer(() => {})
  return server.port
}

/** Lines of the terminal are wrapped at its width. */
function unwrap(text: string): string {
  return text.replaceAll(/\n {2}(?=\S)/g, ' ')
}

test('tells in one run what was slow, what failed and what was logged, and leaves nothing behind', async () => {
  await using folder = await createFolder()
  await using demo = startDemo(['--once'], { TMPDIR: folder.path })
  const { code, output } = await demo.ended
  expect(output).not.toContain('The demo failed')
  expect(code).toBe(0)

  const [, slow = '', failing = '', logged = ''] = output.split(/^[123]\. /m)
  expect(unwrap(slow)).toMatch(/◀ orders: [\d,]+ of [\d,]+ ms \(\d+ %\), (?:[\d,]+ ms of it )?in `SELECT orders`/)
  expect(slow).toMatch(/^orders .*SELECT orders .* ms ◀$/m)
  expect(slow).toMatch(/^inventory .*~ POST \/reservations/m)
  expect(slow).toMatch(/^notifier .*process receipts/m)

  expect(unwrap(failing)).toMatch(/✗ payments: CardIssuerError: .*, in `charge card`; passed up through orders to gateway/)
  expect(failing).toMatch(/^payments .*✗ charge card/m)

  const id = /clew -- show ([0-9a-f]{32})/.exec(failing)?.[1]
  expect(logged).toContain(`clew -- grep ${id} `)
  const services = [...logged.matchAll(/^ +\+[\d.,]+ m?s +([a-z]+) /gm)].map(([, service]) => service)
  expect([...new Set(services)].toSorted()).toEqual(['auth', 'gateway', 'inventory', 'legacy', 'orders', 'payments'])
  const [, further = ''] = logged.split('Look further')
  expect(further).toContain('"npm run demo" without --once keeps them up')
  expect(further).not.toMatch(/http:|--server/)

  expect(demo.listAlive()).toEqual([])
  expect(await folder.list()).toEqual([])
})

test('says that clew could not start where its port is taken', async () => {
  await using folder = await createFolder()
  await using taken = await startServer(() => {})
  await using demo = startDemo(['--once', '--port', String(taken.port)], { TMPDIR: folder.path })
  const { code, output } = await demo.ended
  expect(output).toMatch(/^The demo failed while starting clew: clew ended with code 2:\n.*port/m)
  expect(code).toBe(1)
  expect(demo.listAlive()).toEqual([])
  expect(await folder.list()).toEqual([])
})

test('says which service could not start, and ends those that could', async () => {
  await using folder = await createFolder()
  await using taken = await startServer(() => {})
  await using demo = startDemo(['--once'], { TMPDIR: folder.path, ORDERS_PORT: String(taken.port) })
  const { code, output } = await demo.ended
  expect(output).toMatch(/^The demo failed while starting the services: orders ended with code 1:\n[^]*EADDRINUSE/m)
  expect(code).toBe(1)
  expect(demo.listAlive()).toEqual([])
  expect(await folder.list()).toEqual([])
})

test('ends everything when it is asked to in the middle', async () => {
  await using folder = await createFolder()
  await using demo = startDemo(['--once'], { TMPDIR: folder.path })
  await demo.waitFor(SERVICES_ARE_UP)
  demo.child.kill('SIGTERM')
  const { code } = await demo.ended
  expect(code).toBe(143)
  expect(demo.listAlive()).toEqual([])
  expect(await folder.list()).toEqual([])
})

test('no process outlives it when it is killed', async () => {
  await using folder = await createFolder()
  await using demo = startDemo(['--once'], { TMPDIR: folder.path })
  await demo.waitFor(SERVICES_ARE_UP)
  expect(demo.listAlive().length).toBeGreaterThan(9)
  demo.child.kill('SIGKILL')
  await waitUntil('the services end', () => demo.listAlive().length === 0)
})

test('stays up in a terminal until Ctrl-C, and shows the page and the traces until then', async () => {
  await using folder = await createFolder()
  const port = await findFreePort()
  const command = [process.execPath, DEMO, '--port', String(port)]
  const args = process.platform === 'darwin' ? ['-q', '/dev/null', ...command] : ['-qec', `exec ${command.join(' ')}`, '/dev/null']
  await using demo = startProcess('script', args, { env: { TMPDIR: folder.path, TERM: 'xterm' } })
  await demo.waitFor(/The demo stays up until Ctrl-C/)
  expect(demo.output()).toContain(`The page: http://127.0.0.1:${port}/`)

  const page = await fetch(`http://127.0.0.1:${port}/`)
  expect(page.headers.get('content-type')).toMatch('text/html')
  const traces = (await (await fetch(`http://127.0.0.1:${port}/api/v1/traces/mobile-abc-123`)).json()) as { trace: { externalId: string } }
  expect(traces.trace.externalId).toBe('mobile-abc-123')

  demo.child.stdin?.write('\u0003')
  const { code } = await demo.ended
  expect(code).toBe(0)
  expect(demo.listAlive()).toEqual([])
  expect(await folder.list()).toEqual([])
})
