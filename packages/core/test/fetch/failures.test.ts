import { getEventListeners } from 'node:events'
import type { RequestListener } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createTracedFetch, tracedFetch } from '../../src/traced-fetch.js'
import { defaultTestTracer } from '../support.js'
import { describeError, expectSame, openWorld, type Call, type World } from './oracle.js'

const silent: RequestListener = () => {}
const half: RequestListener = (_req, res) => void res.write('half')
const reason = new RangeError('changed my mind')

/** Aborts once the request is there. */
function abortLater({ begun }: World, why?: unknown): AbortSignal {
  const controller = new AbortController()
  void begun.then(() => setTimeout(() => controller.abort(why), 20))
  return controller.signal
}

describe('what fetch throws tracedFetch throws', () => {
  it.each<[string, Call, RequestListener?]>([
    ['before the call', ({ url }, f) => f(url, { signal: AbortSignal.abort() })],
    ['before the call, with a reason', ({ url }, f) => f(url, { signal: AbortSignal.abort(reason) })],
    ['before the call, with text', ({ url }, f) => f(url, { signal: AbortSignal.abort('bye') })],
    ['before the call, with null', ({ url }, f) => f(url, { signal: AbortSignal.abort(null) })],
    ['while it waits', (world, f) => f(world.url, { signal: abortLater(world) }), silent],
    ['while it waits, with a reason', (world, f) => f(world.url, { signal: abortLater(world, reason) }), silent],
    ['while it waits, with a number', (world, f) => f(world.url, { signal: abortLater(world, 7) }), silent],
    [
      'while it sends',
      (world, f) => f(world.url, { signal: abortLater(world), method: 'POST', body: endless(), duplex: 'half' } as RequestInit),
      silent,
    ],
    ['while the body comes', async (world, f) => (await f(world.url, { signal: abortLater(world, reason) })).text(), half],
    ['by a timeout', ({ url }, f) => f(url, { signal: AbortSignal.timeout(250) }), silent],
    [
      'by one signal of several',
      ({ url }, f) => f(url, { signal: AbortSignal.any([AbortSignal.timeout(250), new AbortController().signal]) }),
      silent,
    ],
    ['by the signal of a Request', (world, f) => f(new Request(world.url, { signal: abortLater(world, reason) })), silent],
    [
      'after the answer',
      async ({ url }, f) => {
        const controller = new AbortController()
        const response = await f(url, { signal: controller.signal })
        const text = await response.text()
        controller.abort()
        return text
      },
    ],
  ])('aborted %s', async (_name, call, respond) => {
    await expectSame(call, respond)
  })

  it('throws the very reason, and leaves no listener on the signal', async () => {
    await using world = await openWorld(silent)
    await using _t = defaultTestTracer()
    const controller = new AbortController()
    const call = tracedFetch(world.url, { signal: controller.signal })
    controller.abort(reason)
    expect(await call.catch((error: unknown) => error)).toBe(reason)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })

  it.each([
    [new DOMException('over', 'TimeoutError'), 'error', 'TimeoutError'],
    [Object.assign(new Error('timeout of 5ms exceeded'), { name: 'AxiosError', code: 'ETIMEDOUT' }), 'error', 'ETIMEDOUT'],
    [Object.assign(new Error('canceled'), { name: 'CanceledError', code: 'ERR_CANCELED' }), 'unset', 'ERR_CANCELED'],
    [new DOMException('gone', 'AbortError'), 'unset', 'AbortError'],
    [new RangeError('enough'), 'unset', 'RangeError'],
    ['bye', 'unset', 'string'],
  ])('takes %o for what it is: %s', async (why, status, errorType) => {
    await using world = await openWorld(silent)
    await using t = defaultTestTracer()
    await tracedFetch(world.url, { signal: AbortSignal.abort(why) }).catch(() => {})
    await t.tracer.flush()
    expect(t.exporter.spans.map((span) => [span.status, span.attributes['error.type']])).toEqual([[status, errorType]])
  })

  it('records why fetch failed, not just that it did', async () => {
    await using t = defaultTestTracer()
    const failure = await tracedFetch('http://127.0.0.1:6667').catch(describeError)
    await t.tracer.flush()
    const [event] = t.exporter.spans[0]?.events ?? []
    expect(failure).toMatchObject({ message: 'fetch failed', cause: { message: 'bad port' } })
    expect(event?.attributes['exception.stacktrace']).toContain('Caused by: Error: bad port')
  })

  it('ends the span with the headers; the body may take its time', async () => {
    let finish = (): void => {}
    await using world = await openWorld((_req, res) => {
      res.write('first')
      finish = () => void res.end(' and last')
    })
    await using t = defaultTestTracer()
    const response = await tracedFetch(world.url)
    await t.tracer.flush()
    expect(t.exporter.spans).toHaveLength(1)
    finish()
    expect(await response.text()).toBe('first and last')
  })

  it.each<[string, (run: typeof fetch) => typeof fetch]>([
    [
      'throws at once',
      () => () => {
        throw reason
      },
    ],
    ['answers with no promise', () => () => 'no response' as never],
    ['answers with nothing', () => () => undefined as never],
    ['answers with a thenable', () => () => ({ then: (resolve: (value: unknown) => void) => resolve(new Response('a')) }) as never],
    ['answers with an object', () => async () => ({ status: 'odd', body: 1 }) as never],
  ])('a fetch of its own that %s does no harm', async (_name, make) => {
    await using t = defaultTestTracer()
    const outcome = async (run: () => unknown) => {
      try {
        const value = await run()
        return value instanceof Response ? await value.text() : value
      } catch (error) {
        return error
      }
    }
    const own = make(fetch)
    expect(await outcome(() => createTracedFetch({ fetch: own })('http://a.invalid'))).toEqual(await outcome(() => own('http://a.invalid')))
    await t.tracer.flush()
    expect(t.exporter.spans).toHaveLength(1)
  })
})

function endless(): ReadableStream {
  return new ReadableStream({
    async pull(controller) {
      await wait(5)
      controller.enqueue(new Uint8Array(10))
    },
  })
}
