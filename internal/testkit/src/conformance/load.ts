import { setTimeout as delay } from 'node:timers/promises'
import { getTraceHeaders, getTraceId, type SpanData, withSpan } from '@clew/core'
import { expect, test } from 'vitest'
import type { ConformingAdapter, Exchange, Handler } from './app-spec.js'
import { createSignal, runApp, type Reply } from './harness.js'

const IN_FLIGHT = 200

/** Many requests at once. */
export function describeLoad(adapter: ConformingAdapter): void {
  test(`${IN_FLIGHT} requests in flight never see another's id`, async () => {
    const seen = new Map<string, (string | undefined)[]>()
    await using app = await runApp(adapter, { routes: [{ method: 'POST', path: '/jobs/:n', handler: createHandler(seen) }] })
    const replies = await Promise.all(
      Array.from({ length: IN_FLIGHT }, (_, n) =>
        app.get(`/jobs/${n}`, { method: 'POST', body: `job ${n}`, headers: { 'x-job': String(n) } }),
      ),
    )
    const spans = await app.capture.ended(IN_FLIGHT * 3)
    expect(new Set(replies.map((reply) => reply.traceId)).size).toBe(IN_FLIGHT)
    replies.forEach((reply, n) => expectOwn(n, reply, { spans, seen: seen.get(reply.traceId ?? '') ?? [] }))
  })

  test('requests that follow each other on one connection have traces of their own', async () => {
    await using app = await runApp(adapter, { routes: [{ path: '/', handler: () => ({ body: getTraceId() ?? '' }) }] })
    const replies: Reply[] = []
    for (let n = 0; n < 5; n++) replies.push(await app.get('/'))
    expect(new Set(replies.map((reply) => reply.traceId)).size).toBe(5)
    for (const reply of replies) expect(reply.body).toBe(reply.traceId)
  })
}

/** Waits until all are inside, notes the id in every kind of callback and tells what would be sent on. */
function createHandler(seen: Map<string, (string | undefined)[]>): Handler {
  const allInside = createSignal()
  let inside = 0
  return async ({ req, res, trace }) => {
    const ids: (string | undefined)[] = []
    seen.set(trace?.traceId ?? '', ids)
    const note = (): void => void ids.push(getTraceId())
    for (const event of ['data', 'end', 'close']) req.on(event, note)
    for (const event of ['finish', 'close']) res.on(event, note)
    if (++inside === IN_FLIGHT) allInside.resolve()
    await allInside.promise
    note()
    return work({ req, res, trace }, note)
  }
}

function work({ req }: Exchange, note: () => void): ReturnType<Handler> {
  const job = req.headers['x-job']
  return withSpan('outer', { attributes: { job } }, async () => {
    await delay(Number(job) % 7)
    setTimeout(note, 1)
    queueMicrotask(note)
    const headers = await withSpan('inner', { attributes: { job } }, async () => {
      await delay(Number(job) % 5)
      return getTraceHeaders()
    })
    note()
    return { body: JSON.stringify({ job, headers }) }
  })
}

function expectOwn(n: number, reply: Reply, { spans, seen }: { spans: readonly SpanData[]; seen: readonly (string | undefined)[] }): void {
  const { traceId } = reply
  const own = spans.filter((span) => span.traceId === traceId)
  const { job, headers } = JSON.parse(reply.body) as { job: string; headers: Record<string, string> }
  expect(job).toBe(String(n))
  expect(headers['x-trace-id']).toBe(traceId)
  expect(seen.length).toBeGreaterThanOrEqual(5)
  expect(new Set(seen)).toEqual(new Set([traceId]))
  expect(own.map((span) => [span.kind, span.attributes['job'] ?? span.attributes['url.path']])).toEqual([
    ['internal', String(n)],
    ['internal', String(n)],
    ['server', `/jobs/${n}`],
  ])
}
