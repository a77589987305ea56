import type { RequestListener } from 'node:http'
import { type KoaTraceState, koaTracing } from '@clew/koa'
import type { Answer, AppSpec, RouterSpec } from '@clew/testkit'
import Router from '@koa/router'
import type Koa from 'koa'
import mount from 'koa-mount'

type App = Koa<KoaTraceState>
type Context = Koa.ParameterizedContext<KoaTraceState>

/** Builds an application of the suite with Koa. */
export function createApp(createKoa: () => App, spec: AppSpec): RequestListener {
  const app = createKoa()
  // Koa would print what handlers throw.
  app.on('error', () => {})
  spec.tracing.forEach((options) => app.use(koaTracing(options)))
  const { onError } = spec
  if (onError) app.use((ctx, next) => next().catch((error: unknown) => answerError(ctx, error, onError)))
  addRoutes(app, spec)
  for (const [path, mounted] of Object.entries(spec.mounts ?? {})) {
    const inner = createKoa()
    mounted.tracing?.forEach((options) => inner.use(koaTracing(options)))
    addRoutes(inner, mounted)
    app.use(mount(path, inner as unknown as Koa))
  }
  const callback = app.callback()
  return (req, res) => void callback(req, res)
}

/** As Koa's guide has it: answer, and tell the application. */
function answerError(ctx: Context, error: unknown, onError: (error: unknown) => Answer): void {
  send(ctx, onError(error))
  ctx.app.emit('error', error, ctx)
}

function addRoutes(app: App, spec: RouterSpec): void {
  const router = new Router<KoaTraceState>()
  fillRouter(router, spec)
  app.use(router.routes() as Koa.Middleware<KoaTraceState>)
}

function fillRouter(router: Router<KoaTraceState>, { before, routes = [], routers = {} }: RouterSpec): void {
  if (before) router.use((ctx, next) => (before({ req: ctx.req, res: ctx.res, trace: ctx.state.trace }), next()))
  for (const { method = 'GET', path, handler } of routes) {
    router[method === 'GET' ? 'get' : 'post'](path, async (ctx, next) => {
      const answer = await handler({ req: ctx.req, res: ctx.res, trace: ctx.state.trace })
      if (answer === undefined) return next()
      send(ctx as Context, answer)
    })
  }
  for (const [prefix, inner] of Object.entries(routers)) {
    const child = new Router<KoaTraceState>()
    fillRouter(child, inner)
    router.use(prefix, child.routes())
  }
}

function send(ctx: Context, { status = 200, headers = {}, body }: Answer): void {
  ctx.status = status
  ctx.set(headers)
  if (body === undefined) return
  ctx.body = body
  // Koa 2 leaves the connection open when a stream fails.
  if (typeof body !== 'string') body.once('error', () => setImmediate(() => ctx.res.destroy()))
}
