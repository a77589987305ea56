import { TraceError } from '@clew/core'
import { captureSpans, startServer } from '@clew/testkit'
import express, { type ErrorRequestHandler, type Request, type RequestHandler } from 'express'
import { expect, expectTypeOf, test } from 'vitest'
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

test('expressErrors passes every error on, traced or not', async () => {
  const errors: unknown[] = []
  const app = express()
  app.get('/', () => {
    throw new RangeError('out of stock')
  })
  app.use(expressErrors())
  const answerError: ErrorRequestHandler = (error, _req, res, _next) => {
    errors.push(error)
    res.status(500).end()
  }
  app.use(answerError)
  await using server = await startServer(app)
  await fetch(server.url).then((response) => response.text())
  expect(errors).toEqual([new RangeError('out of stock')])
})

test('an error that a handler has answered itself is recorded nowhere', async () => {
  await using capture = captureSpans()
  const app = express()
  app.use(expressTracing({ tracer: capture.tracer }))
  app.get('/', (_req, _res, next) => next(new Error('recovered')))
  app.use(expressErrors())
  const recover: ErrorRequestHandler = (_error, _req, res, _next) => void res.status(200).send('ok')
  app.use(recover)
  await using server = await startServer(app)
  await fetch(server.url).then((response) => response.text())
  const [span] = await capture.ended(1)
  expect(span).toMatchObject({ status: 'unset', events: [] })
})

test('the signatures', () => {
  expectTypeOf(expressTracing).parameters.toEqualTypeOf<[options?: AdapterOptions | undefined]>()
  expectTypeOf(expressTracing).returns.toEqualTypeOf<ExpressHandler>()
  expectTypeOf(expressErrors).returns.toEqualTypeOf<ExpressErrorHandler>()
  expectTypeOf<ExpressHandler>().toExtend<RequestHandler>()
  expectTypeOf<ExpressErrorHandler>().toExtend<ErrorRequestHandler>()
  expectTypeOf<Request['trace']>().toEqualTypeOf<RequestTrace | undefined>()
})
