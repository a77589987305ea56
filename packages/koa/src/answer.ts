import { getServerRequest, runRequest, type ServerRequest } from '@clew/core/adapter'
import type { KoaContext } from './middleware.js'

const SERVER: unique symbol = Symbol('clew.koa.request')
type Answered = Promise<unknown> & { [SERVER]: ServerRequest }
const { then: plainThen } = Promise.prototype

/** An own `then` on a single promise would cost all promises of the process their fast path in V8 (measured: 15 %); one that is inherited does not. */
const ANSWERED: Promise<unknown> = Object.create(Promise.prototype, {
  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise
  then: {
    value: function thenInContext(this: Answered, ...callbacks: unknown[]) {
      return Reflect.apply(
        plainThen,
        this,
        callbacks.map((callback) => inContext(callback, this[SERVER])),
      )
    },
  },
}) as Promise<unknown>

/**
 * Koa answers in a callback of the promise that the first middleware returned, outside of the chain: streams would be read there. Whoever
 * awaits the promise notices nothing.
 */
export function answerInContext(answered: Promise<unknown>, server: ServerRequest): Promise<unknown> {
  return Object.assign(Object.setPrototypeOf(answered, ANSWERED) as Answered, { [SERVER]: server })
}

function inContext(callback: unknown, server: ServerRequest): unknown {
  return typeof callback === 'function' ? (value: unknown) => runRequest(server, () => callback(value) as unknown) : callback
}

const watched = new WeakSet<KoaContext['app']>()

/**
 * Errors that never reach our place in the chain are told by `app.emit('error', error, ctx)`: by Koa those of body streams, and by error
 * handlers that answer themselves. The listener is added with the first request, when Koa has looked whether there are any.
 */
export function watchErrors({ app }: KoaContext): void {
  if (watched.has(app)) return
  watched.add(app)
  app.on('error', function recordError(error, ctx) {
    // Where the connection is gone already, the error is what the caller's leaving looks like from here.
    if (ctx?.writable) getServerRequest(ctx.req)?.setError(error)
  })
}

/** Koa answers errors, and calls the listeners of the application, outside of the chain of middlewares. */
export function bindErrorHandler(ctx: KoaContext, server: ServerRequest): void {
  const { onerror } = ctx
  ctx.onerror = function tracedOnError(error: Error | null | undefined) {
    // Called without an error at the end of every response.
    if (error === null || error === undefined) return
    runRequest(server, () => Reflect.apply(onerror, ctx, [error]))
  }
}
