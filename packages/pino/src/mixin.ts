import { getActiveSpan, getTraceContext, type TraceContext } from '@clew/core'
import { type Logger, symbols } from 'pino'
import { type FieldNames, type ResolvedTraceLogOptions, resolveLogOptions, type TraceLogOptions } from './options.js'

/** pino's number of the level `warn`. */
const WARN = 40

/** A pino mixin: called for every line with its merging object, the level's number and the logger. */
export type TraceMixin = (mergeObject?: object, level?: number, logger?: Logger) => Record<string, unknown>

/**
 * A pino mixin that puts the active trace into each line: `trace_id`, `span_id`, `trace_flags`, `service`, and `external_id`,
 * `request_id` and `correlation_id` where known. Outside of a span it adds nothing. Fields of the line and of child loggers win.
 *
 * Throws a `TraceError` with `INVALID_OPTION`.
 *
 * @example
 * const logger = pino({ mixin: traceMixin() })
 */
export function traceMixin(options?: TraceLogOptions): TraceMixin {
  const resolved = resolveLogOptions(options)
  const withoutBound = createBoundFilter(resolved.fields)
  return function mixinTrace(mergeObject, level, logger) {
    const context = getTraceContext()
    // A fresh object every time: pino writes the line's own fields into it.
    if (context === undefined) return {}
    if (resolved.recordErrors && level !== undefined && level >= WARN) recordError(mergeObject, logger)
    const line = toFields(context, resolved)
    return logger === undefined ? line : withoutBound(line, logger)
  }
}

function recordError(mergeObject: object | undefined, logger: Logger | undefined): void {
  const errorKey = (logger as unknown as Record<symbol, string> | undefined)?.[symbols.errorKeySym] ?? 'err'
  const error = (mergeObject as Record<string, unknown> | undefined)?.[errorKey]
  if (error instanceof Error) getActiveSpan()?.recordException(error)
}

/** The ids of a context under the names of the line's keys. */
function toFields(context: TraceContext, { fields, traceIdField }: ResolvedTraceLogOptions): Record<string, unknown> {
  const { traceId, externalId, requestId, correlationId } = context
  const line: Record<string, unknown> = {
    [fields.traceId]: traceIdField === 'received' ? (externalId ?? traceId) : traceId,
    [fields.spanId]: context.spanId,
    [fields.traceFlags]: toHexByte(context.traceFlags),
    [fields.service]: context.service,
  }
  if (externalId !== undefined) line[fields.externalId] = externalId
  if (requestId !== undefined) line[fields.requestId] = requestId
  if (correlationId !== undefined) line[fields.correlationId] = correlationId
  return line
}

/** As in `traceparent`. */
export function toHexByte(flags: number): string {
  return flags < 16 ? `0${flags.toString(16)}` : flags.toString(16)
}

/**
 * Makes the function that takes out of a line what the logger writes anyway: pino puts a child's bindings beside the line's fields, and a
 * key that stood in both would stand twice in the JSON. What it found for the bindings that it saw last it remembers.
 */
export function createBoundFilter(
  fields: Required<FieldNames>,
): (line: Record<string, unknown>, logger: Logger) => Record<string, unknown> {
  const keys = Object.values(fields)
  let lastBound = ''
  let lastKeys: readonly string[] = []
  return function withoutBound(line, logger) {
    const bound = (logger as unknown as Record<symbol, string | undefined>)[symbols.chindingsSym] ?? ''
    if (bound !== lastBound) {
      lastKeys = keys.filter((key) => bound.includes(`"${key}":`) && isBound(key, bound))
      lastBound = bound
    }
    for (const key of lastKeys) delete line[key]
    return line
  }
}

/** Bindings are a piece of JSON that begins with a comma; the key may stand deeper in it. */
function isBound(key: string, bound: string): boolean {
  try {
    return Object.hasOwn(JSON.parse(`{${bound.slice(1)}}`) as object, key)
  } catch {
    return true
  }
}
