import { createServer } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import type { RequestListener } from 'node:http'
import { describe, expect, it } from 'vitest'
import { describeOutcome, expectSame, type Call, type Fetch } from './oracle.js'
import { tracedFetch } from '../../src/traced-fetch.js'
import { defaultTestTracer } from '../support.js'

const blob = URL.createObjectURL(new Blob(['hello']))
const redirect = (status: number, path: string, init?: RequestInit): Call => {
  return ({ url, other }, f) => f(`${url}/redirect/${status}?to=${encodeURIComponent(path.replace('OTHER', other))}`, init)
}

describe('what tracedFetch answers is what fetch answers', () => {
  it.each([200, 201, 202, 203, 204, 205, 206, 300, 304, 400, 401, 404, 407, 410, 418, 421, 429, 500, 503, 599])(
    'status %i',
    async (status) => {
      await expectSame(({ url }, f) => f(`${url}/status/${status}`))
    },
  )

  it.each<[string, Call]>([
    ['HEAD', ({ url }, f) => f(url, { method: 'HEAD' })],
    ['OPTIONS', ({ url }, f) => f(url, { method: 'OPTIONS' })],
    ['a method of its own', ({ url }, f) => f(url, { method: 'PURGE' })],
    ['a query and a fragment', ({ url }, f) => f(`${url}/a?b=ä#c`)],
    [
      'a clone, read beside the original',
      async ({ url }, f) => {
        const response = await f(url)
        return [response.clone(), response]
      },
    ],
    [
      'a body that is read as a stream',
      async ({ url }, f) => {
        const chunks: string[] = []
        for await (const chunk of (await f(url)).body ?? []) chunks.push(Buffer.from(chunk as Uint8Array).toString())
        return chunks.join('')
      },
    ],
    [
      'a body that is cancelled',
      async ({ url }, f) => {
        const response = await f(url)
        await response.body?.cancel()
        return response
      },
    ],
    [
      'ten calls in turn on one connection',
      async ({ url }, f) => {
        for (let index = 0; index < 10; index++) await (await f(url)).text()
      },
    ],
    ['the right checksum', ({ url }, f) => f(url, { integrity: 'sha256-JoknVvp/k/4bBzyVYLpsAoxUWfPY+oMPeNLpFNz5G3c=' })],
    ['a wrong checksum', ({ url }, f) => f(url, { integrity: 'sha256-AAAAVvp/k/4bBzyVYLpsAoxUWfPY+oMPeNLpFNz5G3c=' })],
    ['a data: address', (_world, f) => f('data:text/plain,hello')],
    ['a blob: address', (_world, f) => f(blob)],
  ])('%s', async (_name, call) => {
    await expectSame(call)
  })

  it.each<[string, RequestListener]>([
    ['gzip', (_req, res) => res.setHeader('content-encoding', 'gzip').end(gzipSync('packed'.repeat(1_000)))],
    ['deflate', (_req, res) => res.setHeader('content-encoding', 'deflate').end(deflateSync('packed'))],
    ['brotli', (_req, res) => res.setHeader('content-encoding', 'br').end(brotliCompressSync('packed'))],
    ['gzip that is none', (_req, res) => res.setHeader('content-encoding', 'gzip').end('not packed')],
    ['several cookies', (_req, res) => res.setHeader('set-cookie', ['a=1', 'b=2']).end()],
    ['early hints', (_req, res) => res.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => res.end('late'))],
    ['a body of many chunks', (_req, res) => [...'chunks'].reduce((answer, letter) => (answer.write(letter), answer), res).end()],
    ['a body that is broken off', (_req, res) => res.writeHead(200, { 'content-length': 10 }).write('half', () => res.destroy())],
    ['a connection that is closed', (_req, res) => res.destroy()],
    ['a status text of its own', (_req, res) => res.writeHead(200, 'Fine Indeed').end()],
  ])('%s', async (_name, respond) => {
    await expectSame(({ url }, f) => f(url), respond)
  })

  it.each(
    [301, 302, 303, 307, 308].flatMap((status) => [
      [`${status} after GET`, redirect(status, '/end')] as const,
      [`${status} after POST`, redirect(status, '/end', { method: 'POST', body: 'sent' })] as const,
      [
        `${status} to another origin`,
        redirect(status, 'OTHER/end', { headers: { authorization: 'secret', cookie: 'a=1', 'x-own': '1' } }),
      ] as const,
    ]),
  )('redirect %s', async (_name, call) => {
    await expectSame(call)
  })

  it.each<[string, Call]>([
    ['manual', redirect(302, '/end', { redirect: 'manual' })],
    ['error', redirect(302, '/end', { redirect: 'error' })],
    ['without an end', redirect(302, '/redirect/302?to=/redirect/302')],
    ['in a circle', ({ url }, f) => f(`${url}/redirect/302?to=${encodeURIComponent('/redirect/302?to=%2Fredirect%2F302')}`)],
    ['to no address', redirect(302, 'http://')],
    ['to another scheme', redirect(302, 'ftp://a.invalid')],
    [
      'of a stream',
      (world, f) => redirect(307, '/end', { method: 'POST', body: new Blob(['a']).stream(), duplex: 'half' } as RequestInit)(world, f),
    ],
    [
      'there and back',
      ({ url, other }, f) =>
        f(`${url}/redirect/302?to=${encodeURIComponent(`${other}/redirect/302?to=${encodeURIComponent(`${url}/end`)}`)}`),
    ],
    [
      'of a Request',
      ({ url, other }, f) =>
        f(new Request(`${url}/redirect/307?to=${other}/end`, { method: 'POST', body: 'sent', headers: { 'x-own': '1' } })),
    ],
  ])('redirect %s', async (_name, call) => {
    await expectSame(call)
  })

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['a bad header', 'HTTP/1.1 200 OK\r\nbad header\r\n\r\n'],
    ['a bad length', 'HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n'],
    ['a bad chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
    ['nothing', ''],
    ['hints without an end', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ])('an answer that is %s', async (_name, bytes) => {
    await using _t = defaultTestTracer()
    const server = createServer((socket) => void socket.on('error', () => {}).once('data', () => socket.end(bytes)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
    const outcome = async (f: Fetch) => JSON.stringify(await describeOutcome(() => f(url))).replaceAll(/"(local|remote)Port":\d+/g, '')
    expect(await outcome(tracedFetch)).toBe(await outcome(fetch))
    await new Promise((resolve) => server.close(resolve))
  })
})
