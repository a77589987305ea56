import { Readable } from 'node:stream'
import { withSpan } from '@clew/core'
import { describe, expect, test } from 'vitest'
import { type ManualClock, manualClock } from '../manual-clock.js'
import type { ConformingAdapter, Handler } from './app-spec.js'
import { runApp, type RunOptions, spanNamed } from './harness.js'

const EVENT_STREAM = { 'content-type': 'text/event-stream' }

/** Nothing is sampled: what is exported was kept. */
function unsampled(clock: ManualClock, handler: Handler): RunOptions {
  return { tracer: { clock, sampling: { rate: 0 } }, routes: [{ path: '/events', handler }] }
}

/** Answers that go on for a while. */
export function describeStreams(adapter: ConformingAdapter): void {
  describe('a stream', () => {
    testOpenStream(adapter)
    testShortStream(adapter)
    testSlowHead(adapter)
    testSpans(adapter)
  })
}

function testOpenStream(adapter: ConformingAdapter): void {
  test('of events that is open for a minute lasts a minute and is not slow', async () => {
    const clock = manualClock()
    const body = new Readable({ read() {} })
    body.push('data: 1\n\n')
    await using app = await runApp(
      adapter,
      unsampled(clock, () => ({ headers: EVENT_STREAM, body })),
    )
    const response = await fetch(`${app.url}/events`)
    const reader = response.body?.getReader()
    await reader?.read()
    clock.advance(60_000)
    body.push(null)
    await reader?.read()
    expect(await app.onlySpan()).toMatchObject({ name: 'GET /events', duration: 60_000, status: 'unset' })
    await app.capture.tracer.flush()
    expect(app.capture.exporter.spans).toEqual([])
  })
}

function testShortStream(adapter: ConformingAdapter): void {
  test.each([
    ['of events that ends before it would be slow counts to its first byte', 'text/event-stream; charset=utf-8', 0.02],
    ['of anything else that ends before it would be slow counts whole', 'text/plain', 0.52],
  ])('%s', async (_what, type, seconds) => {
    const clock = manualClock()
    const body = new Readable({ read() {} })
    const handler: Handler = () => {
      clock.advance(20)
      body.push('data: 1\n\n')
      return { headers: { 'Content-Type': type }, body }
    }
    await using app = await runApp(adapter, { tracer: { clock }, routes: [{ path: '/events', handler }] })
    const reader = (await fetch(`${app.url}/events`)).body?.getReader()
    await reader?.read()
    clock.advance(500)
    body.push(null)
    await reader?.read()
    await app.onlySpan()
    await app.capture.tracer.flush()
    const metric = app.capture.exporter.metrics.find(({ name }) => name === 'http.server.request.duration')
    expect(metric?.points[0]?.sum).toBeCloseTo(seconds, 6)
  })
}

function testSlowHead(adapter: ConformingAdapter): void {
  test('that takes long to begin is slow', async () => {
    const clock = manualClock()
    const handler: Handler = () => {
      clock.advance(1_500)
      return { headers: EVENT_STREAM, body: Readable.from(['data: 1\n\n']) }
    }
    await using app = await runApp(adapter, unsampled(clock, handler))
    await app.get('/events')
    await app.onlySpan()
    await app.capture.tracer.flush()
    expect(app.capture.exporter.spans).toMatchObject([{ duration: 1_500, attributes: { 'clew.kept': 'slow' } }])
  })
}

function testSpans(adapter: ConformingAdapter): void {
  test('has the spans of its parts below its own', async () => {
    async function* parts(): AsyncGenerator<string> {
      yield 'one '
      yield await withSpan('second part', async () => 'two')
    }
    await using app = await runApp(adapter, { routes: [{ path: '/', handler: () => ({ body: Readable.from(parts()) }) }] })
    expect((await app.get('/')).body).toBe('one two')
    const spans = await app.capture.ended(2)
    expect(spanNamed(spans, 'second part').parentSpanId).toBe(spanNamed(spans, 'GET /').spanId)
  })
}
