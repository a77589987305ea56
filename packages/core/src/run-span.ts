import { types } from './builtins.js'
import { type Context, contextStorage, contextWith } from './context.js'
import { isSpanPort, type Span } from './span.js'
import { isThenable } from './thenable.js'

/** Runs `fn` with the span active; `outer` is today's context, for those who have it. */
export function runInSpan<T>(span: Span, fn: (span: Span) => T, outer: Context | undefined = contextStorage.getStore()): T {
  const root = isSpanPort(span) ? span.localRoot() : span
  return contextStorage.run(contextWith(span, root, outer), fn, span)
}

/** Runs `fn` with the span active; ends the span when `fn` is done, with what it threw or rejected with. */
export function runSpan<T>(span: Span, fn: (span: Span) => T, outer?: Context): T {
  let result: T
  try {
    result = runInSpan(span, fn, outer)
  } catch (error) {
    span.fail(error)
    span.end()
    throw error
  }
  if (isThenable(result)) return settle(span, result) as T
  span.end()
  return result
}

/** Query builders begin their work when `then` is called, so it is called once and inside the span. */
function settle(span: Span, result: PromiseLike<unknown>): Promise<unknown> {
  const promise = types.isPromise(result) ? result : runInSpan(span, () => Promise.resolve(result))
  return promise.then(
    (value) => {
      span.end()
      return value
    },
    (error: unknown) => {
      span.fail(error)
      span.end()
      throw error
    },
  )
}
