import { Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { toFailure, toMethodNotAllowed, toTraceError } from './failure.js'
import type { AnswerFailure } from './failure.js'
import { checkHost } from './host.js'
import type { ResolvedOptions } from './options.js'

/** An app for the routes of one protocol: checks the host, and says errors and wrong methods in the form of that protocol. */
export function createRoutes(options: ResolvedOptions, answer: AnswerFailure): Hono {
  const app = new Hono()
  app.onError(function answerThrown(thrown, c) {
    const error = toTraceError(thrown)
    const failure = toFailure(error)
    if (failure.status >= 500) options.onError(error)
    return answer(c, failure)
  })
  app.use(checkHost(options.hosts, answer))
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (c, methods) => answer(c, toMethodNotAllowed(c, methods)) }))
  return app
}
