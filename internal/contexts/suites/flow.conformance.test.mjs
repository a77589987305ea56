import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { EventEmitter, once } from 'node:events'
import { captureSpans, manualClock, startServer } from '@clew/testkit'
import { getSpanId, getTraceId, withSpan } from '@clew/core'
import { expressTracing } from '@clew/express'
import { createTraceId } from '../src/load.mjs'
import express from 'express'
import { describe, expect, test } from 'vitest'

const LATE_MS = 30_000

/** A traced application on a clock that stands still; `handler` answers `GET /`. */
async function startApp(handler) {
  const clock = manualClock()
  const capture = captureSpans({ clock })
  const app = express()
  app.use(expressTracing({ tracer: capture.tracer }))
  app.get('/', handler)
  const server = await startServer(app)
  const get = async (traceId) => (await fetch(server.url, { headers: { 'x-trace-id': traceId } })).text()
  async function close() {
    await server[Symbol.asyncDispose]()
    await capture[Symbol.asyncDispose]()
  }
  return { clock, capture, get, close }
}

describe('a context that was taken along', () => {
  const resources = {
    'AsyncResource.bind': (fn) => AsyncResource.bind(fn),
    'an AsyncResource': (fn) => {
      const resource = new AsyncResource('task')
      return () => resource.runInAsyncScope(fn)
    },
    'AsyncLocalStorage.bind': (fn) => AsyncLocalStorage.bind(fn),
    'AsyncLocalStorage.snapshot': (fn) => {
      const run = AsyncLocalStorage.snapshot()
      return () => run(fn)
    },
  }

  test.each(Object.keys(resources))('by %s is there outside of the request and in another one', async (name) => {
    const capture = captureSpans()
    const [own, bound] = capture.tracer.withSpan('first', (span) => [span.spanContext().spanId, resources[name](() => getSpanId())])
    expect(bound()).toBe(own)
    expect(capture.tracer.withSpan('second', { parent: null }, bound)).toBe(own)
    expect(getSpanId()).toBeUndefined()
    await capture[Symbol.asyncDispose]()
  })
})

describe('work that outlives its request', () => {
  test('belongs to the trace and says so, while it is late', async () => {
    const worked = new EventEmitter()
    const app = await startApp((_req, res) => {
      res.once('close', () =>
        setImmediate(() =>
          worked.emit(
            'done',
            withSpan('afterwards', (span) => span.spanContext().traceId),
          ),
        ),
      )
      res.end()
    })
    const traceId = createTraceId()
    const done = once(worked, 'done')
    await app.get(traceId)
    expect(await done).toEqual([traceId])
    const [server, late] = await app.capture.ended(2)
    expect(late).toMatchObject({ traceId, parentSpanId: server.spanId, attributes: { 'clew.after_root': true } })
    await app.close()
  })

  test('begins a trace of its own with a link in every tick of an interval, once it is too late', async () => {
    const ticks = new EventEmitter()
    const app = await startApp((_req, res) => {
      const timer = setInterval(() => {
        withSpan('tick', () => {})
        ticks.emit('tick')
      }, 1)
      ticks.once('stop', () => clearInterval(timer))
      res.end()
    })
    const traceId = createTraceId()
    await app.get(traceId)
    await app.capture.ended(1)
    app.clock.advance(LATE_MS + 1)
    await once(ticks, 'tick')
    await once(ticks, 'tick')
    ticks.emit('stop')
    const spans = await app.capture.ended(3)
    const server = spans.find(({ kind }) => kind === 'server')
    const stale = spans.filter(({ links }) => links.length > 0)
    expect(stale.length).toBeGreaterThanOrEqual(2)
    expect(new Set(stale.map((span) => span.traceId)).size).toBe(stale.length)
    for (const { name, links, parentSpanId } of stale)
      expect({ name, links, parentSpanId }).toMatchObject({
        name: 'tick',
        links: [{ traceId, spanId: server.spanId }],
        parentSpanId: undefined,
      })
    await app.close()
  })

  test('is no silent parent in a listener that an ended request left on a shared emitter', async () => {
    const shared = new EventEmitter()
    const app = await startApp((_req, res) => {
      shared.once('go', () => withSpan('heard', () => {}))
      res.end()
    })
    const first = createTraceId()
    await app.get(first)
    await app.capture.ended(1)
    app.clock.advance(LATE_MS + 1)
    app.capture.tracer.withSpan('emits', { parent: null }, () => shared.emit('go'))
    const heard = (await app.capture.ended(3)).find(({ name }) => name === 'heard')
    // The listener runs in the context of whoever emits: a live one, not the one it was registered in.
    const emits = (await app.capture.ended(3)).find(({ name }) => name === 'emits')
    expect(heard).toMatchObject({ traceId: emits.traceId, parentSpanId: emits.spanId, links: [] })
    await app.close()
  })
})

describe('handlers of the process', () => {
  test.each(['unhandledRejection', 'uncaughtException'])('for %s make their spans part of the request that failed', async (event) => {
    const others = process.listeners(event)
    process.removeAllListeners(event)
    const told = new Promise((resolve) => {
      process.once(event, () => resolve(withSpan('crash report', () => getTraceId())))
    })
    const app = await startApp((_req, res) => {
      res.end()
      if (event === 'unhandledRejection') void Promise.reject(new Error('on purpose'))
      else setImmediate(() => failOnPurpose())
    })
    const traceId = createTraceId()
    await app.get(traceId)
    expect(await told).toBe(traceId)
    for (const other of others) process.on(event, other)
    await app.close()
  })
})

function failOnPurpose() {
  throw new Error('on purpose')
}
