import { expect, test } from 'vitest'
import { createSpan, postTraces, startServer, toPayload } from './support.js'

const auth = { token: 'correct-horse' }

test.each([
  undefined,
  '',
  'correct-horse',
  'Bearer',
  'Bearer ',
  'Bearer wrong',
  'Bearer correct-horse2',
  'Bearer correct-hors',
  'Basic correct-horse',
])('answers 401 to the authorization %j', async (authorization) => {
  await using server = await startServer({ auth })
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
  const api = await fetch(`${server.url}/api/v1/traces`, { headers })
  const ingest = await postTraces(server.url, toPayload([createSpan(1)]), headers)

  expect([api.status, await api.json()]).toMatchObject([401, { error: { code: 'UNAUTHORIZED' } }])
  expect([ingest.status, await ingest.json()]).toEqual([401, { message: expect.stringContaining('Bearer') }])
  expect(api.headers.get('www-authenticate')).toBe('Bearer realm="clew"')
  expect((await server.store.health()).spanCount).toBe(0)
})

test.each(['Bearer correct-horse', 'bearer  correct-horse'])('lets %j in', async (authorization) => {
  await using server = await startServer({ auth })
  const ingest = await postTraces(server.url, toPayload([createSpan(1)]), { authorization })
  const api = await fetch(`${server.url}/api/v1/traces`, { headers: { authorization } })

  expect(ingest.status).toBe(200)
  expect(await api.json()).toMatchObject({ items: [{ traceId: createSpan(1).traceId }] })
})

test('tells a stranger nothing about which routes there are', async () => {
  await using server = await startServer({ auth })
  expect((await fetch(`${server.url}/api/v1/nothing`)).status).toBe(401)
  expect((await fetch(`${server.url}/v1/metrics`, { method: 'POST' })).status).toBe(401)
})

test('gives the page and health checks without a token', async () => {
  await using server = await startServer({ auth })
  expect((await fetch(server.url)).status).not.toBe(401)
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
})
