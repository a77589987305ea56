import { Agent, get } from 'node:http'
import { once } from 'node:events'
import { TraceError } from '@clew/core'
import { memoryStore } from '@clew/store'
import { expect, test } from 'vitest'
import { serve } from '../src/index.js'
import type { ServeOptions } from '../src/index.js'
import { defer, startServer } from './support.js'

async function failServe(options: Partial<ServeOptions>): Promise<TraceError> {
  const error: unknown = await serve({ store: memoryStore(), ...options }).then(
    (server) => server.close(),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof TraceError)) throw new Error(`expected a TraceError, got ${String(error)}`)
  return error
}

test('listens on a free port of 127.0.0.1 and says where', async () => {
  await using server = await startServer()
  expect(server.port).toBeGreaterThan(0)
  expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
})

test('says that a port is taken, and how to take another', async () => {
  await using server = await startServer()
  const error = await failServe({ port: server.port })

  expect(error.code).toBe('LISTEN_FAILED')
  expect(error.message).toContain(`port ${server.port} of 127.0.0.1: another process listens there already`)
  expect(error.message).toContain('option port')
  expect(error.cause).toMatchObject({ code: 'EADDRINUSE' })
})

test('refuses an address that is not ours', async () => {
  expect(await failServe({ host: '192.0.2.1', auth: false })).toMatchObject({ code: 'LISTEN_FAILED', cause: { code: 'EADDRNOTAVAIL' } })
})

test.each(['0.0.0.0', '::', '192.168.0.9', 'example.com'])('refuses host %s without a token', async (host) => {
  expect(await failServe({ host })).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining('Option auth') })
})

test.each([{ token: 'secret' }, false] as const)('listens on all addresses with auth %j, and checks no host there', async (auth) => {
  await using server = await startServer({ host: '0.0.0.0', auth })
  const headers = { authorization: 'Bearer secret', host: 'clew.internal' }
  expect(server.url).toBe(`http://localhost:${server.port}`)
  expect((await fetch(`http://127.0.0.1:${server.port}/api/v1/services`, { headers })).status).toBe(200)
})

test.each([-1, 65_536, 1.5, Number.NaN])('refuses port %d', async (port) => {
  expect(await failServe({ port })).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining('Option port') })
})

test('ends keep-alive connections when it closes, and frees the port', async () => {
  await using server = await startServer()
  const agent = new Agent({ keepAlive: true })
  const req = get(`${server.url}/healthz`, { agent })
  const [res] = await once(req, 'response')
  const [socket] = [res.socket]
  res.resume()
  await once(res, 'end')
  const ended = once(socket, 'close')

  await server.close()
  await ended
  agent.destroy()
  await using again = await startServer({ port: server.port })
  expect(again.port).toBe(server.port)
})

test('lets a request under way finish before it is closed', async () => {
  const server = await startServer()
  const asked = defer<void>()
  const answer = defer<[]>()
  server.store.services = () => {
    asked.resolve()
    return answer.promise
  }
  const response = fetch(`${server.url}/api/v1/services`)
  await asked.promise
  const closed = server.close()
  answer.resolve([])

  expect(await (await response).json()).toEqual({ items: [] })
  await closed
})

test('may be closed twice', async () => {
  await using server = await startServer()
  await Promise.all([server.close(), server.close()])
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow(TypeError)
})

test('leaves the globals of its process alone', async () => {
  const { Request, Response } = globalThis
  await using server = await startServer()
  await fetch(`${server.url}/healthz`)
  expect(globalThis.Request).toBe(Request)
  expect(globalThis.Response).toBe(Response)
})
