import { createServer as createHttpServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { memoryStore } from '@clew/store'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { createServer } from '../src/index.js'
import { ask, createDirectory, sendRaw, startServer } from './support.js'

const FILES = {
  'index.html': '<!doctype html><html><head><base href="/" /><script type="module" src="./assets/index-4f2a.js"></script></head></html>',
  'assets/index-4f2a.js': 'export {}',
  'assets/index-77aa.css': 'body { margin: 0 }',
  'favicon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
}

async function startDashboard() {
  const inside = Object.entries(FILES).map(([name, content]) => [`site/${name}`, content])
  const directory = await createDirectory({ ...Object.fromEntries(inside), 'outside.txt': 'secret' })
  const server = await startServer({ assets: `${directory.path}/site` })
  const close = async (): Promise<void> => {
    await server.close()
    await directory[Symbol.asyncDispose]()
  }
  return { ...server, close, [Symbol.asyncDispose]: close }
}

/** Where the page's script would be loaded from, as a browser resolves it. */
async function resolveScript(fetchPage: (path: string) => Response | Promise<Response>, path: string): Promise<string> {
  const page = await (await fetchPage(path)).text()
  const base = /<base href="([^"]*)">/.exec(page)?.[1] ?? 'no base'
  return new URL('./assets/index-4f2a.js', new URL(base, `http://localhost${path}`)).pathname
}

test.each(['/', '/traces', '/traces/', '/traces/abc', '/traces/a%2Fb', '/index.html', '/operations/orders/GET%20%2Fx', '/anything?x=/y/z'])(
  'serves the page at %s, whose script is found from there',
  async (path) => {
    await using server = await startDashboard()
    const response = await fetch(server.url + path)

    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(await resolveScript((asked) => fetch(server.url + asked), path)).toBe('/assets/index-4f2a.js')
  },
)

test('serves hashed files for good and other files to be asked for again', async () => {
  await using server = await startDashboard()
  const script = await fetch(`${server.url}/assets/index-4f2a.js`)
  const icon = await fetch(`${server.url}/favicon.svg`)

  expect(await script.text()).toBe('export {}')
  expect(script.headers.get('content-type')).toMatch(/^text\/javascript/)
  expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(icon.headers.get('content-type')).toMatch(/^image\/svg\+xml/)
  expect(icon.headers.get('cache-control')).toBe('no-cache')
})

test('answers 404, not the page, where a hashed file is gone', async () => {
  await using server = await startDashboard()
  const response = await fetch(`${server.url}/assets/index-old.js`)
  expect([response.status, await response.json()]).toMatchObject([404, { error: { code: 'NOT_FOUND' } }])
})

test.each([
  '/assets/../../outside.txt',
  '/assets/%2e%2e/%2e%2e/outside.txt',
  '/..%2foutside.txt',
  '/assets/..%2f..%2foutside.txt',
  '/assets/..\\..\\outside.txt',
  '/%2e%2e%5coutside.txt',
  '//outside.txt',
  '/assets/index-4f2a.js%00.txt',
  '/../../../../../../etc/passwd',
])('gives nothing from outside for %s', async (path) => {
  await using server = await startDashboard()
  const answer = await sendRaw(server.port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1\.1 (200|400|404) /)
  expect(answer).not.toContain('secret')
  expect(answer).not.toContain('root:')
})

test('forbids inline code, framing and guessing types, and lets no other site read answers', async () => {
  await using server = await startDashboard()
  for (const path of ['/', '/assets/index-4f2a.js', '/api/v1/services', '/v1/traces', '/healthz']) {
    const { headers } = await fetch(server.url + path, { headers: { origin: 'https://elsewhere.example' } })
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'",
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
  }
})

test('answers 405 to other methods', async () => {
  await using server = await startDashboard()
  const response = await fetch(`${server.url}/traces`, { method: 'POST' })
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
})

test('says how to build the page where it has not been built, and finds it once it is', async () => {
  await using directory = await createDirectory({})
  await using missing = await startServer({ assets: `${directory.path}/not-there` })
  await using server = await startServer({ assets: directory.path })

  for (const { url } of [missing, server]) {
    const response = await fetch(url)
    expect(response.status).toBe(503)
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(await response.text()).toContain('npm run build')
    expect((await fetch(`${url}/api/v1/services`)).status).toBe(200)
  }
  await using built = await createDirectory(FILES)
  await using later = await startServer({ assets: built.path })
  expect((await fetch(later.url)).status).toBe(200)
})

test('leaves the page out where it is told to', async () => {
  await using server = await startServer({ assets: false })
  const response = await fetch(server.url)
  expect([response.status, await response.json()]).toMatchObject([404, { error: { code: 'NOT_FOUND' } }])
})

test('answers health checks', async () => {
  await using server = await startServer()
  const response = await fetch(`${server.url}/healthz`)
  expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
})

test.each([
  ['app.route', (app: Hono, clew: Hono) => app.route('/tools/clew', clew), ['/tools/clew', '/tools/clew/', '/tools/clew/traces/abc']],
  [
    'app.route with a parameter',
    (app: Hono, clew: Hono) => app.route('/:team/clew', clew),
    ['/blue/clew', '/blue/clew/', '/blue/clew/traces'],
  ],
  [
    'app.mount',
    (app: Hono, clew: Hono) => app.mount('/tools/clew', clew.fetch),
    ['/tools/clew/', '/tools/clew/traces', '/tools/clew/traces/abc'],
  ],
])('works below a path by %s', async (_, mount, paths) => {
  await using directory = await createDirectory(FILES)
  const app = new Hono()
  app.get('/own', (c) => c.text('mine'))
  mount(app, createServer({ store: memoryStore(), assets: directory.path }))
  const root = (paths[1] ?? '').split('/').slice(0, 3).join('/')

  for (const path of paths) expect(await resolveScript((asked) => app.request(asked), path)).toBe(`${root}/assets/index-4f2a.js`)
  expect((await app.request(`${root}/assets/index-4f2a.js`)).status).toBe(200)
  expect(await (await app.request(`${root}/api/v1/services`)).json()).toEqual({ items: [] })
  expect((await app.request(`${root}/api/v1/services`, { method: 'PUT' })).headers.get('allow')).toBe('GET, HEAD')
  expect(await (await app.request(`${root}/api/v1/traces?limit=x`)).json()).toMatchObject({ error: { code: 'INVALID_QUERY' } })
  expect(await (await app.request(`${root}/api/nothing`)).json()).toMatchObject({ error: { code: 'NOT_FOUND' } })
  expect((await app.request(`${root}/v1/traces`, { method: 'POST' })).status).toBe(415)
  expect(await (await app.request('/own')).text()).toBe('mine')
})

test('works below a path that Express has cut off', async () => {
  await using directory = await createDirectory(FILES)
  const listener = getRequestListener(createServer({ store: memoryStore(), assets: directory.path }).fetch, {
    overrideGlobalObjects: false,
  })
  const server = createHttpServer((req, res) => {
    const url = req.url ?? '/'
    void listener(Object.assign(req, { originalUrl: url, url: url.replace('/clew', '') || '/' }), res)
  }).listen(0)
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const fetchPage = async (path: string) => new Response((await ask(origin, { path })).body)

  for (const path of ['/clew', '/clew/', '/clew/traces', '/clew/traces/abc']) {
    expect(await resolveScript(fetchPage, path)).toBe('/clew/assets/index-4f2a.js')
  }
  server.close()
  await once(server, 'close')
})
