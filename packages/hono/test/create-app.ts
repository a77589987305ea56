import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { honoTracing, type TraceVariables } from '@clew/hono'
import type { Answer, AppSpec, Exchange, MountSpec, RouterSpec } from '@clew/testkit'
import { getRequestListener } from '@hono/node-server'
import { type Context, Hono } from 'hono'

interface Env {
  Bindings: { incoming: IncomingMessage; outgoing: ServerResponse }
  Variables: TraceVariables
}

/** Builds an application of the suite with Hono. */
export function createApp(spec: AppSpec): RequestListener {
  const app = new Hono<Env>()
  spec.tracing.forEach((options) => app.use(honoTracing(options)))
  const { onError } = spec
  // Hono would print the error.
  app.onError((error) => toResponse(onError?.(error) ?? { status: 500, body: 'Internal Server Error' }))
  addRoutes(app, spec)
  for (const [path, mounted] of Object.entries(spec.mounts ?? {})) app.route(path, createRouter(mounted))
  const listener = getRequestListener(app.fetch, { errorHandler: () => new Response('Internal Server Error', { status: 500 }) })
  return (req, res) => void listener(req, res)
}

function createRouter(spec: RouterSpec | MountSpec): Hono<Env> {
  const router = new Hono<Env>()
  if ('tracing' in spec) spec.tracing?.forEach((options) => router.use(honoTracing(options)))
  addRoutes(router, spec)
  return router
}

function addRoutes(router: Hono<Env>, { before, routes = [], routers = {} }: RouterSpec): void {
  if (before) router.use((c, next) => (before(toExchange(c)), next()))
  for (const { method = 'GET', path, handler } of routes) {
    router.on(method, path, async (c, next) => {
      const answer = await handler(toExchange(c))
      if (answer === undefined) return next()
      return toResponse(answer)
    })
  }
  for (const [prefix, inner] of Object.entries(routers)) router.route(prefix, createRouter(inner))
}

function toExchange(c: Context<Env>): Exchange {
  return { req: c.env.incoming, res: c.env.outgoing, trace: c.get('trace') }
}

function toResponse({ status = 200, headers = {}, body = '' }: Answer): Response {
  const content = typeof body === 'string' ? (status === 204 ? null : body) : (Readable.toWeb(body) as ReadableStream)
  return new Response(content, { status, headers })
}
