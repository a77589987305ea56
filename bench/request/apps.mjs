// The same route on each framework. The frameworks are loaded when asked for, after the variant has prepared itself:
// OpenTelemetry patches what is loaded with `require`.
import { createRequire } from 'node:module'
import { readOrder } from './order.mjs'

/** @typedef {import('./variants.mjs').Variant} Variant */

const require = createRequire(import.meta.url)
const HOST = '127.0.0.1'

/**
 * Listens on any free port; `onRequest` is called for every request that reaches the handler.
 *
 * @type {Record<string, (variant: Variant, onRequest: () => void) => Promise<import('node:http').Server>>}
 */
export const LISTEN = { express: listenExpress, koa: listenKoa, hono: listenHono }

/** @type {(typeof LISTEN)[string]} */
async function listenExpress({ middlewares, withSpan }, onRequest) {
  const app = require('express')()
  if (middlewares.length > 0) app.use(...middlewares)
  app.get('/orders/:id', async (req, res) => {
    onRequest()
    res.json(await readOrder(req.params.id, withSpan))
  })
  return app.listen(0, HOST)
}

/** @type {(typeof LISTEN)[string]} */
async function listenKoa({ middlewares, withSpan }, onRequest) {
  const Koa = require('koa')
  const { Router } = require('@koa/router')
  const app = new Koa()
  const router = new Router()
  router.get('/orders/:id', async (ctx) => {
    onRequest()
    ctx.body = await readOrder(ctx.params.id, withSpan)
  })
  for (const middleware of middlewares) app.use(middleware)
  return app.use(router.routes()).listen(0, HOST)
}

/** @type {(typeof LISTEN)[string]} */
async function listenHono({ middlewares, withSpan }, onRequest) {
  const { Hono } = await import('hono')
  const { serve } = await import('@hono/node-server')
  const app = new Hono()
  for (const middleware of middlewares) app.use(middleware)
  app.get('/orders/:id', async (c) => {
    onRequest()
    return c.json(await readOrder(c.req.param('id'), withSpan))
  })
  return serve({ fetch: app.fetch, port: 0, hostname: HOST })
}
