import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SpanData } from '../../src/span-data.js'
import { expectSame, type Call } from './oracle.js'

const SEED = 20_261
const RUNS = 1_000

/** What can be used once is made anew for each of the two calls. */
type Make = () => unknown

const odd: readonly unknown[] = [undefined, null, '', 0, 5, true, 'odd', {}, [], Symbol('odd'), () => {}, 'half', 'GET', 'no-store', 'omit']

const text = fc.string({ maxLength: 12 })
const name = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom('x-own', 'X-Own', 'accept', 'authorization', 'content-type', 'x-trace', 'cookie', 'Range') },
  { weight: 1, arbitrary: fc.constantFrom('', 'host', 'expect', 'connection') },
  { weight: 1, arbitrary: text },
)
const value = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom('1', '', ' padded ', 'a, b', 'ü', 'text/plain') },
  { weight: 1, arbitrary: fc.constantFrom('→', 'b\nc') },
  { weight: 1, arbitrary: text },
)
const pairs = fc.array(fc.tuple(name, value), { maxLength: 4 })

const oddOne = { weight: 1, arbitrary: fc.constantFrom(...odd).map((item) => () => item) }
const mostly = (...makers: fc.Arbitrary<Make>[]): fc.Arbitrary<Make> =>
  fc.oneof(...makers.map((arbitrary) => ({ weight: 8, arbitrary })), oddOne)

const headers: fc.Arbitrary<Make> = mostly(
  pairs.map((list) => () => list),
  pairs.map((list) => () => Object.fromEntries(list)),
  pairs.map((list) => () => new Map(list)),
  pairs.map((list) => () => list[Symbol.iterator]()),
  pairs.map((list) => () => toHeaders(list)),
)

function toHeaders(list: readonly (readonly [string, string])[]): Headers {
  const made = new Headers()
  for (const [key, item] of list) {
    try {
      made.append(key, item)
    } catch {
      // The others are left.
    }
  }
  return made
}

const body: fc.Arbitrary<Make> = mostly(
  text.map((sent) => () => sent),
  text.map((sent) => () => Buffer.from(sent)),
  text.map((sent) => () => new Blob([sent], { type: 'text/csv' })),
  text.map((sent) => () => new URLSearchParams({ a: sent })),
  text.map((sent) => () => new Blob([sent]).stream()),
  text.map((sent) => () => form(sent)),
)

function form(sent: string): FormData {
  const data = new FormData()
  data.append('field', sent)
  return data
}

const one = (...values: unknown[]): fc.Arbitrary<Make> =>
  fc.oneof({ weight: 40, arbitrary: fc.constantFrom(...values).map((item) => () => item) }, oddOne)

const members: fc.Arbitrary<Record<string, Make>> = fc.record(
  {
    method: one('GET', 'get', 'POST', 'post', 'PUT', 'PATCH', 'DELETE', 'POST', 'PUT', 'POST', 'PUT', 'PURGE', 'HEAD', 'TRACE'),
    headers,
    body,
    duplex: one('half'),
    redirect: one('follow', 'follow', 'manual', 'error'),
    signal: one(
      ...[...'123456'].map(() => new AbortController().signal),
      null,
      AbortSignal.abort(),
      AbortSignal.abort(new RangeError('enough')),
    ),
    mode: one('cors', 'cors', 'cors', 'no-cors'),
    credentials: one('omit', 'include', 'same-origin'),
    cache: one('default', 'no-store', 'reload', 'no-cache', 'force-cache'),
    referrer: one('about:client', 'http://localhost/'),
    referrerPolicy: one('no-referrer', 'origin', 'unsafe-url'),
    integrity: one('', '', 'sha256-Jok2eyBcFs4y7UIAlCuLix4mLfxw2byfvHfElpmk8d8='),
    keepalive: one(true, false),
    priority: one('high', 'low', 'auto'),
    window: one(null),
  },
  { requiredKeys: [] },
)

/** The ways in which members can be there. */
const shape = fc.constantFrom<(init: object) => object>(
  (init) => init,
  Object.freeze,
  (init) => Object.create(init) as object,
  (init) => Object.assign(Object.create(null) as object, init),
  (init) => new Proxy(init, {}),
  (init) => Object.assign(() => {}, init),
  (init) => Object.defineProperties({}, Object.getOwnPropertyDescriptors(Object.freeze({ ...init }))),
)

const path = fc.constantFrom('/', '/a?b=c#d', '/status/404', '/status/204', '/redirect/302', '/redirect/307', '/redirect/303?to=/end')
const input = fc.constantFrom<(url: string, init: object) => readonly unknown[]>(
  (url, init) => [url, init],
  (url, init) => [new URL(url), init],
  (url, init) => [new Request(url, { headers: { 'x-first': '1' } }), init],
  (url, init) => [new Request(url, { method: 'POST', body: 'first' }), init],
  (url, init) => [new Request(url, init)],
  (url, init) => [url, new Request(url, init)],
)

const call: fc.Arbitrary<Call> = fc.tuple(members, shape, path, input).map(([given, toShape, where, toArguments]) => ({ url }, f) => {
  const init = Object.fromEntries(Object.entries(given).map(([key, make]) => [key, make()]))
  // undici 7 leaves a rejection to nobody where a call with a body was aborted before it began.
  const isAborted = init['signal'] instanceof AbortSignal && init['signal'].aborted
  const args = isAborted ? [url + where, toShape({ ...init, body: undefined })] : toArguments(url + where, toShape(init))
  return (f as (...args: readonly unknown[]) => unknown)(...args)
})

const isAnswered = ({ attributes }: SpanData) => attributes['http.response.status_code'] !== undefined

describe('with any init', () => {
  it(`tracedFetch sends, answers and throws what fetch does (seed ${SEED}, ${RUNS} times)`, async () => {
    let answered = 0
    await fc.assert(
      fc.asyncProperty(call, async (run) => void (answered += Number((await expectSame(run)).some(isAnswered)))),
      { seed: SEED, numRuns: RUNS },
    )
    // Not only ways to be refused.
    expect(answered).toBeGreaterThan(RUNS / 8)
  }, 120_000)
})
