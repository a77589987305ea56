import { expect, test } from 'vitest'
import { captureSpans, manualClock } from '../src/index.js'

test('spans are handed out when enough have ended', async () => {
  await using capture = captureSpans()
  const spans = capture.ended(2)
  capture.tracer.withSpan('one', () => {})
  capture.tracer.withSpan('two', () => {})
  expect((await spans).map((span) => span.name)).toEqual(['one', 'two'])
})

test('time goes on only when it is told to', async () => {
  const clock = manualClock(1_700_000_000_000)
  await using capture = captureSpans({ clock })
  const span = capture.tracer.startSpan('work')
  clock.advance(12.5)
  span.end()
  expect(await capture.ended(1)).toMatchObject([{ startTime: 1_700_000_000_000, duration: 12.5 }])
  expect([clock.now(), clock.monotonic()]).toEqual([1_700_000_000_012, 12.5])
})
