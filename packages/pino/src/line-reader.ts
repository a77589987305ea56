import type { LogContent } from '@clew/core/adapter'
import { type Logger, symbols } from 'pino'
import { internalsOf } from './internals.js'
import type { FieldStyle } from './trace-fields.js'

/** What every line of pino's begins with and the record of it holds elsewhere: its level and time, and the process, which the resource names. */
const KNOWN_KEYS: readonly string[] = ['level', 'time', 'pid', 'hostname']

/**
 * Makes the function that takes a line of this logger apart: the message is the body, the other fields are the attributes, and an error under the
 * error key is `exception.*`. What lies in objects is named with dots, `card.number`, so that names tell what is sensitive. A line that is no
 * JSON object is all body.
 */
export function createLineReader(logger: Logger, { keys }: FieldStyle): (line: string) => LogContent {
  const internals = internalsOf(logger)
  const messageKey = internals[symbols.messageKeySym]
  const errorKey = internals[symbols.errorKeySym]
  const nestedKey = internals[symbols.nestedKeySym] ?? undefined
  const leftOut = [...KNOWN_KEYS, ...keys, messageKey]
  return function readLine(line) {
    const fields = parseObject(line)
    if (fields === undefined) return { body: line.trimEnd(), attributes: {} }
    const message = fields[messageKey]
    for (const key of leftOut) delete fields[key]
    const nested = nestedKey === undefined ? undefined : fields[nestedKey]
    if (nestedKey !== undefined && isObject(nested)) {
      delete fields[nestedKey]
      for (const key of keys) delete nested[key]
      Object.assign(fields, nested)
    }
    const error = fields[errorKey]
    if (isObject(error)) {
      delete fields[errorKey]
      Object.assign(fields, describeError(error))
    }
    return {
      body: typeof message === 'string' ? message : message === undefined ? '' : JSON.stringify(message),
      attributes: flatten(fields),
    }
  }
}

/** As pino's serializer left it; what else it held stays beside it. */
function describeError({ type, message, stack, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return {
    'exception.type': type,
    'exception.message': message,
    'exception.stacktrace': stack,
    ...(Object.keys(rest).length > 0 ? { 'exception.details': rest } : undefined),
  }
}

/** Beyond this depth objects stay objects, and become JSON. */
const MAX_DEPTH = 4

interface FlatFields {
  readonly attributes: Record<string, unknown>
  readonly prefix: string
  readonly depth: number
}

function flatten(fields: Record<string, unknown>, into: FlatFields = { attributes: {}, prefix: '', depth: 1 }): Record<string, unknown> {
  const { attributes, prefix, depth } = into
  for (const [key, value] of Object.entries(fields)) {
    const name = prefix + key
    if (name === '__proto__') continue
    if (isObject(value) && depth < MAX_DEPTH) flatten(value, { attributes, prefix: `${name}.`, depth: depth + 1 })
    else attributes[name] = value
  }
  return attributes
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
