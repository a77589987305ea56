import type { RequestListener } from 'node:http'
import { pipeline } from 'node:stream'
import { expressErrors, expressTracing } from '@clew/express'
import type { Answer, AppSpec, RouterSpec } from '@clew/testkit'
import type { Application, ErrorRequestHandler, Response, Router } from 'express'

/** The parts of Express 4 and 5 that the suite uses. */
export interface Express {
  (): Application
  Router(options?: { mergeParams?: boolean }): Router
}

/** Builds an application of the suite with Express. */
export function createApp(express: Express, spec: AppSpec): RequestListener {
  const app = express()
  spec.tracing.forEach((options) => app.use(expressTracing(options)))
  addRoutes(express, app, spec)
  for (const [path, mounted] of Object.entries(spec.mounts ?? {})) {
    const inner = express()
    mounted.tracing?.forEach((options) => inner.use(expressTracing(options)))
    addRoutes(express, inner, mounted)
    app.use(path, inner)
  }
  app.use(expressErrors())
  const answerError: ErrorRequestHandler = (error, _req, res, next) => {
    if (res.headersSent) next(error)
    else send(res, spec.onError?.(error) ?? { status: 500, body: 'Internal Server Error' })
  }
  app.use(answerError)
  return app
}

function addRoutes(express: Express, router: Router | Application, { before, routes = [], routers = {} }: RouterSpec): void {
  const target = router as Router
  if (before) target.use((req, res, next) => (before({ req, res, trace: req.trace }), next()))
  for (const { method = 'GET', path, handler } of routes) {
    target[method === 'GET' ? 'get' : 'post'](path, (req, res, next) => {
      // Express 4 does not look at the promises of handlers.
      const answer = handler({ req, res, trace: req.trace })
      if (answer instanceof Promise) answer.then((value) => (value === undefined ? next() : send(res, value))).catch(next)
      else if (answer === undefined) next()
      else send(res, answer)
    })
  }
  for (const [prefix, inner] of Object.entries(routers)) {
    const child = express.Router()
    addRoutes(express, child, inner)
    target.use(prefix, child)
  }
}

function send(res: Response, { status = 200, headers = {}, body = '' }: Answer): void {
  res.status(status).set(headers)
  if (typeof body === 'string') res.send(body)
  // What breaks the stream destroys the response, with the error.
  else pipeline(body, res, () => {})
}
