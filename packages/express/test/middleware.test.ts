import { type SpanData, TraceError } from '@clew/core'
import { captureSpans, startServer } from '@clew/testkit'
import express, { type ErrorRequestHandler, type Request, type RequestHandler } from 'express'
import express4 from 'express4'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  type AdapterOptions,
  type ExpressErrorHandler,
  expressErrors,
  type ExpressHandler,
  expressTracing,
  type RequestTrace,
} from '../src/index.js'

test('an option that cannot be used throws at construction', () => {
  expect(() => expressTracing({ ignored: [] } as unknown as AdapterOptions)).toThrow(TraceError)
})

test.each([{}, null, 'orders', { startSpan: () => {} }])('%j is no tracer', (tracer) => {
  expect(() => expressTracing({ tracer } as unknown as AdapterOptions)).toThrow('Option tracer must be a tracer made by createTracer')
})

describe.each([
  ['5', express],
  ['4', express4],
])('expressErrors in Express %s', (_version, create) => {
  const answerError: ErrorRequestHandler = (_error, _req, res, _next) => void res.status(500).end()

  /** The span of one request to an application whose handler fails. */
  async function spanOf(...errorHandlers: ErrorRequestHandler[]): Promise<SpanData> {
    await using capture = captureSpans()
    const app = create()
    app.use(expressTracing({ tracer: capture.tracer }))
    app.get('/', (_req, _res, next) => next(new RangeError('out of stock')))
    errorHandlers.forEach((handler) => app.use(handler))
    await using server = await startServer(app)
    await fetch(server.url).then((response) => response.text())
    const [span] = await capture.ended(1)
    return span as SpanData
  }

  test('passes every error on, traced or not', async () => {
    const errors: unknown[] = []
    const app = create()
    app.get('/', () => {
      throw new RangeError('out of stock')
    })
    const keep: ErrorRequestHandler = (error, _req, _res, next) => {
      errors.push(error)
      next(error)
    }
    app.use(expressErrors()).use(keep, answerError)
    await using server = await startServer(app)
    await fetch(server.url).then((response) => response.text())
    expect(errors).toEqual([new RangeError('out of stock')])
  })

  test('fails loudly where it was installed without being called', async () => {
    const app = create()
    app.use(expressErrors as unknown as RequestHandler)
    const tell: ErrorRequestHandler = (error, _req, res, _next) => void res.status(500).send(`${error.code}: ${error.message}`)
    app.use(tell)
    await using server = await startServer(app)
    const answer = await fetch(server.url, { signal: AbortSignal.timeout(2000) }).then((response) => response.text())
    expect(answer).toBe('INVALID_OPTION: A request came in place of options: call the adapter, as in app.use(expressErrors())')
  })

  test('records what an error handler before it has passed on, and what one after it answers', async () => {
    const log: ErrorRequestHandler = (error, _req, _res, next) => next(error)
    const span = await spanOf(log, expressErrors(), answerError)
    expect(span).toMatchObject({ status: 'error', statusMessage: 'out of stock', attributes: { 'error.type': 'RangeError' } })
    expect(span.events).toHaveLength(1)
  })

  test('leaves an error to the handler before it that has answered', async () => {
    const span = await spanOf(answerError, expressErrors())
    expect(span).toMatchObject({ name: 'GET /', status: 'error', attributes: { 'http.response.status_code': 500 } })
  })

  test('records no error that a handler after it has answered with something else', async () => {
    const recover: ErrorRequestHandler = (_error, _req, res, _next) => void res.status(200).send('ok')
    expect(await spanOf(expressErrors(), recover)).toMatchObject({ status: 'unset', events: [] })
  })
})

test('the signatures', () => {
  expectTypeOf(expressTracing).parameters.toEqualTypeOf<[options?: AdapterOptions | undefined]>()
  expectTypeOf(expressTracing).returns.toEqualTypeOf<ExpressHandler>()
  expectTypeOf(expressErrors).returns.toEqualTypeOf<ExpressErrorHandler>()
  expectTypeOf<ExpressHandler>().toExtend<RequestHandler>()
  expectTypeOf<ExpressErrorHandler>().toExtend<ErrorRequestHandler>()
  expectTypeOf<Request['trace']>().toEqualTypeOf<RequestTrace | undefined>()
})
