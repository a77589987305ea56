import { getTraceId, tracedFetch } from '@clew/core'
import { expressTracing } from '@clew/express'
import { honoTracing } from '@clew/hono'
import { koaTracing } from '@clew/koa'
import { captureSpans, startServer } from '@clew/testkit'
import { getRequestListener } from '@hono/node-server'
import Router from '@koa/router'
import express from 'express'
import express4 from 'express4'
import { Hono } from 'hono'
import Koa from 'koa'
import Koa2 from 'koa2'
import { afterAll, expect, test } from 'vitest'

const IN_FLIGHT = 50

/** An application of each version of each framework, which answers with its trace id and with what the next one answers. */
const FRAMEWORKS = {
  'express-5': (tracer, ask) => createExpress(express, tracer, ask),
  'express-4': (tracer, ask) => createExpress(express4, tracer, ask),
  'koa-3': (tracer, ask) => createKoa(Koa, tracer, ask),
  'koa-2': (tracer, ask) => createKoa(Koa2, tracer, ask),
  'hono-4': createHono,
}
const NAMES = Object.keys(FRAMEWORKS)

function createExpress(framework, tracer, ask) {
  const app = framework()
  app.use(expressTracing({ tracer }))
  return app.get('/:number', (req, res, next) => void ask(req.params.number).then((ids) => res.json(ids), next))
}

function createKoa(Framework, tracer, ask) {
  const router = new Router().get('/:number', async (ctx) => {
    ctx.body = await ask(ctx.params.number)
  })
  return new Framework().use(koaTracing({ tracer })).use(router.routes()).callback()
}

function createHono(tracer, ask) {
  const app = new Hono().use(honoTracing({ tracer })).get('/:number', async (c) => c.json(await ask(c.req.param('number'))))
  return getRequestListener(app.fetch)
}

const capture = captureSpans()
const servers = []

// Node 20 knows no `await using`.
afterAll(async () => {
  for (const resource of [...servers, capture]) await resource[Symbol.asyncDispose]()
})

/** Serves all of them, each of which calls the next. */
async function startAll() {
  const urls = {}
  for (const [index, name] of NAMES.entries()) {
    const next = NAMES[index + 1]
    const ask = async (number) => {
      const rest = next === undefined ? [] : await tracedFetch(`${urls[next]}/${number}`).then((response) => response.json())
      return [getTraceId(), ...rest]
    }
    const server = await startServer(FRAMEWORKS[name](capture.tracer, ask))
    servers.push(server)
    urls[name] = server.url
  }
  return urls
}

test('frameworks side by side in one process never see each other\u2019s requests', async () => {
  const urls = await startAll()
  const numbers = Array.from({ length: IN_FLIGHT }, (_, number) => number)
  const answers = await Promise.all(
    numbers.map((number) =>
      fetch(`${urls[NAMES[0]]}/${number}`).then(async (response) => [response.headers.get('x-trace-id'), await response.json()]),
    ),
  )
  for (const [traceId, ids] of answers) expect(ids).toEqual(NAMES.map(() => traceId))
  expect(new Set(answers.map(([traceId]) => traceId)).size).toBe(IN_FLIGHT)

  const spans = await capture.ended(IN_FLIGHT * (2 * NAMES.length - 1))
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  for (const span of spans) {
    const parent = byId.get(span.parentSpanId)
    expect(span.name).toBe(span.kind === 'server' ? 'GET /:number' : 'GET')
    expect(parent?.kind).toBe(span.kind === 'client' ? 'server' : span.parentSpanId === undefined ? undefined : 'client')
    expect(parent?.traceId ?? span.traceId).toBe(span.traceId)
  }
})
