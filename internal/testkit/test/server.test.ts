import { expect, test } from 'vitest'
import { connectRaw, startServer } from '../src/index.js'

test('a server stops with its idle connections', async () => {
  const server = await startServer((_req, res) => res.end('hello'))
  expect(await fetch(server.url).then((response) => response.text())).toBe('hello')
  await server[Symbol.asyncDispose]()
  await expect(fetch(server.url)).rejects.toThrow(TypeError)
})

test('a server that leaves a request unanswered fails its test', async () => {
  const server = await startServer(() => {}, { deadlineMs: 50 })
  await using socket = await connectRaw(server.port)
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await expect(server[Symbol.asyncDispose]()).rejects.toThrow(/1 connections to port \d+ were still busy/)
})

test('a raw socket reads pipelined answers in order, in chunks or not', async () => {
  await using server = await startServer((req, res) => {
    if (req.url === '/chunks') res.write('one ')
    res.end(req.url)
  })
  await using socket = await connectRaw(server.port)
  socket.write('GET /chunks HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n')
  const responses = await socket.responses(2)
  expect(responses.map(({ status, body }) => [status, body])).toEqual([
    [200, 'one /chunks'],
    [200, '/b'],
  ])
})

test('dripped parts arrive one by one', async () => {
  const parts: string[] = []
  await using server = await startServer((req, res) => {
    req.setEncoding('utf8')
    req.on('data', (part: string) => parts.push(part))
    req.on('end', () => res.end())
  })
  await using socket = await connectRaw(server.port)
  await socket.drip(['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n', 'one', 'two'])
  await socket.responses(1)
  expect(parts).toEqual(['one', 'two'])
})
