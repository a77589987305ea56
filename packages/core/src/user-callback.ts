import { readProperty } from './attributes.js'

/**
 * Calls a function that the user gave. What it throws, or rejects with, goes to `onThrow` and never into the host.
 * Answers are needed at once, so a promise is none: undefined takes its place.
 */
export function callUser<T>(fn: () => T, onThrow: (error: unknown) => void): T | undefined {
  try {
    const answer = fn()
    if (!isPromise(answer)) return answer
    answer.then(undefined, onThrow)
    return undefined
  } catch (error) {
    onThrow(error)
    return undefined
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && (value instanceof Promise || typeof readProperty(value, 'then') === 'function')
}
