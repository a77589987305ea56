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
