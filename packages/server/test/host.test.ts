import { memoryStore } from '@clew/store'
import { expect, test } from 'vitest'
import { createServer } from '../src/index.js'
import { ask, sendRaw, startServer } from './support.js'

const PATHS = ['/', '/assets/x.js', '/healthz', '/api/v1/traces', '/v1/traces']

test.each(['localhost', 'LOCALHOST:4318', '127.0.0.1', '127.0.0.1:80', '[::1]', '[::1]:4318'])(
  'answers a request addressed to %s',
  async (host) => {
    await using server = await startServer()
    expect((await ask(server.url, { path: '/api/v1/services', headers: { host } })).status).toBe(200)
  },
)

test.each([
  'evil.example',
  'evil.example:4318',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  '192.168.0.9',
  '[::2]',
  'localhost:80:80',
])('answers 403 to a request addressed to %s, wherever it goes', async (host) => {
  await using server = await startServer()
  for (const path of PATHS) {
    const { status, body } = await ask(server.url, { path, headers: { host } })
    expect([path, status]).toEqual([path, status === 400 ? 400 : 403]) // the HTTP layer itself refuses malformed names with 400
    expect(body).not.toContain('<html')
  }
})

test('says which host was refused, in the form of the route', async () => {
  await using server = await startServer()
  const api = await ask(server.url, { path: '/api/v1/traces', headers: { host: 'evil.example' } })
  const ingest = await ask(server.url, { path: '/v1/traces', method: 'POST', headers: { host: 'evil.example' } })
  const message = 'Host "evil.example" is not answered here; name it in allowedHosts to allow it'

  expect([api.status, JSON.parse(api.body)]).toEqual([403, { error: { code: 'HOST_NOT_ALLOWED', message } }])
  expect([ingest.status, JSON.parse(ingest.body)]).toEqual([403, { message }])
})

test('answers nothing to a request without a host', async () => {
  await using server = await startServer()
  const answer = await sendRaw(server.port, 'GET /api/v1/services HTTP/1.0\r\n\r\n')
  expect(answer).toMatch(/^HTTP\/1\.1 40[03] /)
})

test('answers to the names in allowedHosts as well', async () => {
  await using server = await startServer({ allowedHosts: ['Clew.Example'] })
  for (const host of ['clew.example', 'CLEW.example:8080', 'localhost']) {
    expect((await ask(server.url, { path: '/api/v1/services', headers: { host } })).status).toBe(200)
  }
  expect((await ask(server.url, { path: '/api/v1/services', headers: { host: 'sub.clew.example' } })).status).toBe(403)
})

test('answers to the loopback address it is bound to', async () => {
  const host = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1' // other systems set up the first one only
  await using server = await startServer({ host })
  expect((await fetch(`${server.url}/api/v1/services`)).status).toBe(200)
})

test('checks no host where it is mounted, unless allowedHosts says so', async () => {
  const open = createServer({ store: memoryStore() })
  const closed = createServer({ store: memoryStore(), allowedHosts: ['clew.example'] })
  const headers = { host: 'app.example' }

  expect((await open.request('/api/v1/services', { headers })).status).toBe(200)
  expect((await closed.request('/api/v1/services', { headers })).status).toBe(403)
})
