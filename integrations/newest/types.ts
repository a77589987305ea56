// What a strict TypeScript project sees, with nothing skipped.
import { analyzeTrace, joinTrace, type Trace, type TraceAnalysis } from '@clew/analysis'
import {
  createTracer,
  memoryExporter,
  startSpan,
  tracedFetch,
  type Span,
  type SpanData,
  type Tracer,
  type TracerOptions,
  withSpan,
} from '@clew/core'
import { expressErrors, expressTracing } from '@clew/express'
import { honoTracing } from '@clew/hono'
import { fromOtlpJson, toOtlpJson } from '@clew/interop'
import { koaTracing } from '@clew/koa'
import { createLogger, logRequests, traceMixin } from '@clew/pino'
import { createServer } from '@clew/server'
import { memoryStore, openStore, type TraceStore } from '@clew/store'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import pino from 'pino'

const exporter = memoryExporter()
const options: TracerOptions = { service: 'shop', exporter, sampling: { rate: 0.1, keep: { slowerThanMs: 500 } } }
export const tracer: Tracer = createTracer(options)

export const count: number = withSpan('count', (span: Span) => (span.isRecording() ? 1 : 0))
export const later: Promise<string> = withSpan('later', { kind: 'client' }, async () => 'done')
export const answer: Promise<Response> = tracedFetch('http://localhost/')

// @ts-expect-error a rate is a number
createTracer({ sampling: { rate: 'all' } })
// @ts-expect-error there is no such option
createTracer({ serviceName: 'shop' })

export function timeBlock(): void {
  const span = startSpan('block')
  span.setAttribute('cart.items', 3).setStatus({ code: 'ok' }).end()
}

const expressApp = express()
expressApp.use(expressTracing({ responseHeaders: ['X-Trace-Id', 'traceresponse'] }))
expressApp.get('/', (req, res) => void res.send(req.trace?.traceId satisfies string | undefined))
expressApp.use(expressErrors())

const koaApp = new Koa()
koaApp.use(koaTracing())

const honoApp = new Hono()
honoApp.use(honoTracing())
export const app = new Hono().use(honoTracing()).get('/', (c) => c.text(c.get('traceId')))

const logger = createLogger({ level: 'info' })
export const stop: () => void = logRequests(logger)
export const plain: pino.Logger = pino({ mixin: traceMixin() })

export async function explain(store: TraceStore, id: string): Promise<TraceAnalysis | undefined> {
  const trace: Trace | undefined = await store.getTrace(id)
  return trace && analyzeTrace(trace)
}

export const stores: (TraceStore | Promise<TraceStore>)[] = [memoryStore(), openStore('memory:')]
export const mounted = new Hono().route('/clew', createServer({ store: memoryStore() }))

const spans: readonly SpanData[] = exporter.spans
export const joined: Trace = joinTrace(spans)
export const batches = fromOtlpJson(toOtlpJson([])).batches
