import { isThenable } from './thenable.js'

/**
 * Calls a function that the user gave. What it throws, or rejects with, goes to `onThrow` and never into the host.
 * Answers are needed at once, so a promise is none: undefined takes its place.
 */
export function callUser<T>(fn: () => T, onThrow: (error: unknown) => void): T | undefined {
  try {
    const answer = fn()
    if (!isThenable(answer)) return answer
    answer.then(undefined, onThrow)
    return undefined
  } catch (error) {
    onThrow(error)
    return undefined
  }
}
