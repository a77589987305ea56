import { getLogSpan, type LogSpan } from '@clew/core/adapter'
import { type Logger, symbols } from 'pino'
import { type AsJson, internalsOf } from './internals.js'
import { jsonFor, mergeFields } from './line-fields.js'
import { recordErrors, WARN } from './logged-errors.js'
import type { ResolvedTraceLogOptions } from './options.js'
import { traceFieldsOf } from './trace-fields.js'

/** Told of each line that was written as JSON inside a span. */
export type LineListener = (logger: Logger, level: number, written: { readonly span: LogSpan; readonly line: string }) => void

/**
 * Lets a logger and its children write the fields of the active span into their lines. The fields are one piece of JSON per span, which goes in
 * front of the bindings: an object that pino merges and writes key by key would cost a microsecond a line.
 */
export function writeTraceFields(logger: Logger, { style, recordErrors: records }: ResolvedTraceLogOptions, onLine?: LineListener): void {
  const internals = internalsOf(logger)
  const asJson = internals[symbols.asJsonSym]
  // oxlint-disable-next-line max-params -- the signature is pino's
  internals[symbols.asJsonSym] = function asTracedJson(this: Logger, line, message, level, time) {
    const span = getLogSpan()
    if (span === undefined) return asJson.call(this, line, message, level, time)
    const fields = traceFieldsOf(span, style)
    if (records && level >= WARN) recordErrors(span, line)
    const json = jsonFor(this, line, fields)
    const written =
      json === undefined
        ? asJson.call(this, mergeFields(this, line, fields), message, level, time)
        : asJson.call(this, line, message, level, time + json)
    onLine?.(this, level, { span, line: written })
    return written
  } satisfies AsJson
}
