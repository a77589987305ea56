/** Exit codes, the same for every command. */
export const EXIT_FOUND = 0
export const EXIT_NO_MATCH = 1
export const EXIT_FAILED = 2

/** Why a command cannot go on, in one line for the person at the keyboard. Ends the process with exit code 2. */
export class CommandError extends Error {
  /** The code with which the server refused, such as `NOT_FOUND`. */
  readonly code: string | undefined

  constructor(message: string, { code, ...options }: { cause?: unknown; code?: string | undefined } = {}) {
    super(message, options)
    this.name = 'CommandError'
    this.code = code
  }
}

/** The message of whatever was thrown, with its innermost cause where that says more (`fetch failed` says nothing). */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (cause instanceof AggregateError && cause.errors[0] !== undefined) return describeError(cause.errors[0])
  return cause instanceof Error ? describeError(cause) : error.message
}
