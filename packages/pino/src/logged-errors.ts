import type { Span } from '@clew/core'
import { types } from 'node:util'

/** pino's number of the level `warn`. */
export const WARN = 40

const MAX_ERRORS = 8
const MAX_KEYS = 32
/** Where errors lie deeper in a line. */
const NESTED_KEYS: readonly string[] = ['err', 'error']

/**
 * Records the errors of a line on the span, each once per trace: those that stand in it under any key, and below its objects under `err` and
 * `error`. The span's status stays as it is: a logged error may have been handled. Never throws.
 */
export function recordErrors(span: Span, line: unknown): void {
  try {
    for (const error of findErrors(line)) span.recordException(error)
  } catch {
    // A getter or a proxy that throws hides its error.
  }
}

function findErrors(line: unknown): Set<Error> {
  const errors = new Set<Error>()
  if (!isObject(line)) return errors
  for (const key of Object.keys(line).slice(0, MAX_KEYS)) {
    const value = line[key]
    if (types.isNativeError(value)) errors.add(value)
    else if (isObject(value)) for (const nested of NESTED_KEYS) if (types.isNativeError(value[nested])) errors.add(value[nested])
    if (errors.size >= MAX_ERRORS) break
  }
  return errors
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
