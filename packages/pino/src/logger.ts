import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'
import { type TraceMixin, traceMixin } from './mixin.js'
import type { TraceLogOptions } from './options.js'

/**
 * Makes a pino logger whose lines carry the active trace. Takes pino's own options; a `mixin` given there is called as well, and its fields win.
 * Errors are written with the chain of their causes.
 *
 * Throws a `TraceError` with `INVALID_OPTION`.
 *
 * @example
 * const logger = createLogger({ level: 'info' })
 * withSpan('work', () => logger.info('inside')) // {"level":30,...,"trace_id":"...","span_id":"...","msg":"inside"}
 */
export function createLogger(options: LoggerOptions & TraceLogOptions = {}, destination?: DestinationStream): Logger {
  const { fields, traceIdField, recordErrors, mixin, ...pinoOptions } = options
  const trace = traceMixin({
    ...(fields ? { fields } : undefined),
    ...(traceIdField ? { traceIdField } : undefined),
    ...(recordErrors !== undefined ? { recordErrors } : undefined),
  })
  const errorKey = pinoOptions.errorKey ?? 'err'
  const resolved: LoggerOptions = {
    ...pinoOptions,
    mixin: mixin ? mergeMixins(trace, mixin as TraceMixin) : trace,
    serializers: { [errorKey]: pino.stdSerializers.errWithCause, ...pinoOptions.serializers },
  }
  return destination === undefined ? pino(resolved) : pino(resolved, destination)
}

function mergeMixins(trace: TraceMixin, own: TraceMixin): TraceMixin {
  return (mergeObject, level, logger) => ({ ...trace(mergeObject, level, logger), ...own(mergeObject, level, logger) })
}
