import { describe, expect, it } from 'vitest'
import { expectSame, type Call } from './oracle.js'

const post =
  (make: () => unknown, rest: object = {}): Call =>
  ({ url }, f) =>
    f(url, { method: 'POST', body: make() as string, ...rest })

function form(): FormData {
  const data = new FormData()
  data.append('name', 'Jo')
  data.append('file', new File(['content'], 'a ü.txt', { type: 'text/plain' }))
  data.append('blob', new Blob([new Uint8Array([0, 1, 255])]))
  return data
}

async function* chunks() {
  yield Buffer.from('a')
  await Promise.resolve()
  yield new Uint8Array([98, 99])
}

class PrivateInit {
  readonly #method = 'PUT'
  get method() {
    return this.#method
  }
  get headers() {
    return { 'x-own': this.#method }
  }
}

/** Every member a getter that tells how often it was asked. */
function counting(asked: string[]): RequestInit {
  const members = { method: 'POST', headers: { 'x-own': '1' }, body: 'sent', signal: undefined, redirect: 'follow' }
  const init = {}
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(init, name, { enumerable: true, get: () => (asked.push(name), value) })
  }
  return init
}

describe('what a server sees of tracedFetch is what it sees of fetch', () => {
  it.each<[string, () => unknown, object?]>([
    ['text', () => 'text ü'],
    ['no text', () => ''],
    ['null', () => null],
    ['an ArrayBuffer', () => new Uint8Array([1, 2, 3]).buffer],
    ['a Uint8Array', () => new Uint8Array([1, 2, 3])],
    ['part of a buffer', () => Buffer.from('abcdef').subarray(2, 4)],
    ['a Float64Array', () => new Float64Array([1.5])],
    ['a DataView', () => new DataView(new ArrayBuffer(4))],
    ['a Blob', () => new Blob(['blob'], { type: 'text/csv' })],
    ['a File', () => new File(['file'], 'a.txt', { type: 'text/plain' })],
    ['a form with files', form],
    ['parameters', () => new URLSearchParams({ a: '1 2', b: 'ü' })],
    ['a stream', () => new Blob(['streamed']).stream(), { duplex: 'half' }],
    ['an async iterable', chunks, { duplex: 'half' }],
    ['an async iterable without duplex', chunks],
    ['2 MB', () => 'x'.repeat(2_000_000)],
    ['a number', () => 5],
    ['an object', () => ({ a: 1 })],
    ['a body with GET', () => 'sent', { method: 'GET' }],
    ['a stream that fails', () => new ReadableStream({ pull: () => Promise.reject(new RangeError('no more')) }), { duplex: 'half' }],
    ['a stream that was read', () => lockedStream(), { duplex: 'half' }],
  ])('with the body %s', async (_name, make, rest) => {
    await expectSame(post(make, rest))
  })

  it.each<[string, unknown]>([
    ['an object', { 'X-Own': '1', accept: 'a/b', 'user-agent': 'me' }],
    [
      'Headers',
      () =>
        new Headers([
          ['X-Own', '1'],
          ['x-own', '2'],
          ['cookie', 'a=1'],
          ['cookie', 'b=2'],
        ]),
    ],
    [
      'pairs',
      [
        ['X-Own', '1'],
        ['x-own', '2'],
        ['A', 'b'],
      ],
    ],
    ['a Map', new Map([['X-Own', '1']])],
    [
      'a generator',
      () =>
        (function* () {
          yield ['X-Own', '1']
        })(),
    ],
    [
      'a generator that throws',
      () =>
        (function* () {
          yield ['X-Own', '1']
          throw new RangeError('no more')
        })(),
    ],
    ['no prototype', Object.assign(Object.create(null), { 'X-Own': '1' })],
    ['null', null],
    ['a number', 5],
    ['text', 'X-Own: 1'],
    ['a bad name', { 'bad name': '1' }],
    ['a bad value', { a: 'b\nc' }],
    ['a value beyond Latin-1', { a: '→' }],
    [
      'a generator with a bad name',
      () =>
        (function* () {
          yield ['bad name', '1']
        })(),
    ],
    ['a symbol', { [Symbol('a')]: '1' }],
    ['numbers', { a: 1, b: undefined, c: null }],
    ['a forbidden name', { host: 'elsewhere', connection: 'close', 'content-length': '3' }],
    ['a proxy', new Proxy({ 'X-Own': '1' }, {})],
    ['pairs that are none', [['a']]],
    [
      'a getter that throws',
      {
        get a() {
          throw new RangeError('unreadable')
        },
      },
    ],
  ])('with the headers %s', async (_name, headers) => {
    const make = typeof headers === 'function' ? (headers as () => unknown) : () => headers
    await expectSame(({ url }, f) => f(url, { headers: make() as never }))
  })

  it.each<[string, Call]>([
    ['alone', ({ url }, f) => f(new Request(url, { method: 'PUT', headers: { 'X-Own': '1' }, body: 'sent' }))],
    ['with a referrer', ({ url }, f) => f(new Request(`${url}/a`, { referrer: `${url}/from`, referrerPolicy: 'unsafe-url' }))],
    ['with no referrer', ({ url }, f) => f(new Request(`${url}/a`, { referrer: '', referrerPolicy: 'no-referrer' }))],
    ['with a referrer that an empty init leaves', ({ url }, f) => f(new Request(url, { referrer: `${url}/from` }), {})],
    ['with a referrer that an init drops', ({ url }, f) => f(new Request(url, { referrer: `${url}/from` }), { method: 'GET' })],
    ['whose method is replaced', ({ url }, f) => f(new Request(url, { method: 'PUT', body: 'sent' }), { method: 'POST' })],
    ['whose headers are replaced', ({ url }, f) => f(new Request(url, { headers: { 'x-own': '1' } }), { headers: { 'x-other': '2' } })],
    ['whose body is replaced', ({ url }, f) => f(new Request(url, { method: 'PUT', body: 'sent' }), { body: 'other' })],
    ['whose signal is replaced', ({ url }, f) => f(new Request(url, { signal: AbortSignal.abort() }), { signal: null })],
    ['whose redirect is replaced', ({ url }, f) => f(new Request(`${url}/redirect/302`, { redirect: 'error' }), { redirect: 'manual' })],
    ['that was aborted', ({ url }, f) => f(new Request(url, { signal: AbortSignal.abort(new RangeError('enough')) }))],
    [
      'used twice',
      async ({ url }, f) => {
        const request = new Request(url, { method: 'POST', body: 'sent' })
        const first = await f(request)
        return [first, request.bodyUsed, await f(request)]
      },
    ],
    ['with a form', ({ url }, f) => f(new Request(url, { method: 'POST', body: form() }))],
    [
      'with a stream',
      ({ url }, f) => f(new Request(url, { method: 'POST', body: new Blob(['streamed']).stream(), duplex: 'half' } as RequestInit)),
    ],
    [
      'with all its modes',
      ({ url }, f) => f(new Request(url, { cache: 'no-store', mode: 'same-origin', credentials: 'omit', keepalive: true } as RequestInit)),
    ],
    ['that is a copy', ({ url }, f) => f(new Request(url, { headers: { 'x-own': '1' } }).clone())],
    ['as the init', ({ url }, f) => f(url, new Request('http://a.invalid', { method: 'PUT', body: 'sent', headers: { 'x-own': '1' } }))],
  ])('with a Request %s', async (_name, call) => {
    await expectSame(call)
  })

  it.each<[string, Call]>([
    ['a URL', ({ url }, f) => f(new URL('/a?b=c#d', url))],
    ['an object that turns into an address', ({ url }, f) => f({ toString: () => `${url}/a` } as never)],
    ['an address in an array', ({ url }, f) => f([url] as never)],
    ['an address with spaces around it', ({ url }, f) => f(`  ${url}/a b  `)],
    [
      'an object that throws',
      (_world, f) =>
        f({
          toString() {
            throw new RangeError('no text')
          },
        } as never),
    ],
    ['no argument', (_world, f) => (f as () => unknown)()],
    ['a symbol', (_world, f) => f(Symbol('a') as never)],
    ['credentials', ({ url }, f) => f(url.replace('//', '//user:pass@'))],
    ['a bad port', (_world, f) => f('http://127.0.0.1:6667')],
    ['port 0', (_world, f) => f('http://127.0.0.1:0')],
    ['a port that is none', (_world, f) => f('http://127.0.0.1:99999')],
    ['no host', (_world, f) => f('http://')],
    ['a relative address', (_world, f) => f('/a')],
    ['another scheme', (_world, f) => f('gopher://a')],
    ['a bad method', ({ url }, f) => f(url, { method: 'bad method' })],
    ['a forbidden method', ({ url }, f) => f(url, { method: 'CONNECT' })],
    ['a method in lower case', ({ url }, f) => f(url, { method: 'delete' })],
    ['a method that is an object', ({ url }, f) => f(url, { method: { toString: () => 'PUT' } as never })],
    ['a method that is a symbol', ({ url }, f) => f(url, { method: Symbol('a') as never })],
    ['a bad mode', ({ url }, f) => f(url, { mode: 'bad' as never })],
    ['mode navigate', ({ url }, f) => f(url, { mode: 'navigate' as never })],
    ['a bad signal', ({ url }, f) => f(url, { signal: {} as never })],
    ['a bad redirect', ({ url }, f) => f(url, { redirect: 'bad' as never })],
    ['a bad referrer', ({ url }, f) => f(url, { referrer: 'http://' })],
    ['a referrer', ({ url }, f) => f(`${url}/a`, { referrer: `${url}/from` })],
    ['a window', ({ url }, f) => f(url, { window: {} as never })],
    [
      'priority, credentials, cache and keepalive',
      ({ url }, f) => f(url, { priority: 'high', credentials: 'include', cache: 'no-store', keepalive: true } as RequestInit),
    ],
    ['only-if-cached', ({ url }, f) => f(url, { cache: 'only-if-cached', mode: 'same-origin' } as RequestInit)],
    ['a frozen init', ({ url }, f) => f(url, Object.freeze({ method: 'DELETE', headers: Object.freeze({ 'X-Own': '1' }) }))],
    ['a proxy', ({ url }, f) => f(url, new Proxy({ method: 'PUT' }, {}))],
    [
      'a revoked proxy',
      ({ url }, f) => {
        const { proxy, revoke } = Proxy.revocable({}, {})
        revoke()
        return f(url, proxy)
      },
    ],
    [
      'a proxy that hides its keys',
      ({ url }, f) =>
        f(
          url,
          new Proxy(
            { method: 'PUT' },
            {
              ownKeys() {
                throw new RangeError('no keys')
              },
            },
          ),
        ),
    ],
    ['private fields', ({ url }, f) => f(url, new PrivateInit() as never)],
    ['members that cannot be listed', ({ url }, f) => f(url, Object.defineProperty({}, 'method', { value: 'PUT' }))],
    ['inherited members', ({ url }, f) => f(url, Object.create({ method: 'PUT', headers: { 'X-Own': '1' } }))],
    ['a function as init', ({ url }, f) => f(url, Object.assign(() => {}, { method: 'PUT' }) as never)],
    ['text as init', ({ url }, f) => f(url, 'PUT' as never)],
    ['a number as init', ({ url }, f) => f(url, 5 as never)],
    ['null as init', ({ url }, f) => f(url, null as never)],
    [
      'a getter that throws',
      ({ url }, f) =>
        f(url, {
          get method(): string {
            throw new RangeError('unreadable')
          },
        }),
    ],
    [
      'a getter that throws beside what fetch reads',
      ({ url }, f) =>
        f(url, {
          method: 'PUT',
          get foreign(): string {
            throw new RangeError('unreadable')
          },
        } as never),
    ],
  ])('with %s', async (_name, call) => {
    await expectSame(call)
  })

  it('asks each getter of an init once', async () => {
    const asked: string[][] = []
    await expectSame(({ url }, f) => {
      asked.push([])
      return f(url, counting(asked.at(-1)!))
    })
    expect(asked[1]?.toSorted()).toEqual(asked[0]?.toSorted())
  })
})

function lockedStream() {
  const stream = new Blob(['a']).stream()
  stream.getReader()
  return stream
}
