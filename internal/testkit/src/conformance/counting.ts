import type { HistogramPoint, TracerOptions } from '@clew/core'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { ConformingAdapter, Handler, RouteSpec } from './app-spec.js'
import { runApp, type RunningApp } from './harness.js'

const ROUTES: RouteSpec[] = [
  { path: '/orders/:id', handler: () => ({ body: 'ok' }) },
  { path: '/broken', handler: () => ({ status: 503 }) },
  { path: '/healthz', handler: () => ({ body: 'ok' }) },
]
const SLOW_MS = 120

/** What is counted of every request. */
export function describeCounting(adapter: ConformingAdapter): void {
  describe('counting', () => {
    test.each<[string, TracerOptions]>([
      ['nothing is sampled', { sampling: { rate: 0, keep: { errors: false } } }],
      ['a part is sampled', { sampling: { rate: 0.5, keep: { errors: false } } }],
      ['everything is sampled', { sampling: { maxTracesPerSecond: Infinity } }],
    ])('counts every request in the histogram where %s', async (_name, tracer) => {
      await using app = await runApp(adapter, { tracer, routes: ROUTES })
      for (let id = 0; id < 20; id++) await app.get(`/orders/${id}`)
      await app.get('/broken')
      await app.get('/nowhere')
      await app.get('/healthz')
      await app.capture.ended(22)
      expect((await readCounts(app)).sort()).toEqual(['/broken 503 1', '/orders/:id 200 20', 'undefined 404 1'])
    })

    test('counts the time until the answer was written, with the trace to look at', async () => {
      const slow: Handler = async () => {
        await pause(SLOW_MS)
        return { body: 'ok' }
      }
      await using app = await runApp(adapter, { routes: [{ path: '/slow', handler: slow }] })
      const { traceId } = await app.get('/slow')
      const [span] = await app.capture.ended(1)
      const [point] = await readPoints(app)
      expect(point?.sum).toBeGreaterThanOrEqual((SLOW_MS - 5) / 1000)
      expect(point?.sum).toBeLessThanOrEqual((span?.duration ?? 0) / 1000)
      expect(point?.exemplars).toMatchObject([{ traceId, spanId: span?.spanId, value: point?.sum }])
    })
  })
}

async function readPoints(app: RunningApp): Promise<readonly HistogramPoint[]> {
  await app.capture.tracer.flush()
  const metric = app.capture.exporter.metrics.find(({ name }) => name === 'http.server.request.duration')
  return metric?.points ?? []
}

async function readCounts(app: RunningApp): Promise<string[]> {
  const points = await readPoints(app)
  return points.map(
    ({ attributes, count }) => `${String(attributes['http.route'])} ${String(attributes['http.response.status_code'])} ${count}`,
  )
}
