import { getLogSpan } from '@clew/core/adapter'
import { type Logger, symbols } from 'pino'
import { internalsOf } from './internals.js'
import { recordErrors, WARN } from './logged-errors.js'
import { resolveLogOptions, type TraceLogOptions } from './options.js'
import { boundKeys, toObject, traceFieldsOf } from './trace-fields.js'

/** A pino mixin: called for every line with its merging object, the level's number and the logger. */
export type TraceMixin = (mergeObject?: object, level?: number, logger?: Logger) => Record<string, unknown>

/**
 * A pino mixin that puts the active trace into each line: `trace_id`, `span_id`, `trace_flags`, `service`, and `external_id`,
 * `request_id` and `correlation_id` where known. Outside of a span it adds nothing. Fields of the line and of child loggers win.
 * It cannot record lines: a mixin does not see what is not written.
 *
 * Throws a `TraceError` with `INVALID_OPTION`.
 *
 * @example
 * const logger = pino({ mixin: traceMixin() })
 */
export function traceMixin(options?: TraceLogOptions): TraceMixin {
  const { style, recordErrors: records } = resolveLogOptions(options)
  let lastBindings = ''
  let lastBound: readonly string[] = []
  return function mixinTrace(mergeObject, level, logger) {
    const span = getLogSpan()
    // A fresh object every time: pino writes the line's own fields into it.
    if (span === undefined) return {}
    if (records && level !== undefined && level >= WARN) recordErrors(span, mergeObject)
    const bindings = logger === undefined ? '' : (internalsOf(logger)[symbols.chindingsSym] ?? '')
    if (bindings !== lastBindings) {
      lastBound = boundKeys(style, bindings)
      lastBindings = bindings
    }
    return toObject(traceFieldsOf(span, style), lastBound)
  }
}
