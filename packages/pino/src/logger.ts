import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'
import { resolveLogOptions, type TraceLogOptions } from './options.js'
import { writeTraceFields } from './traced-json.js'

/**
 * Makes a pino logger whose lines carry the active trace. Takes pino's own options; fields of a `mixin` given there win over ours.
 * Errors are written with the chain of their causes.
 *
 * Throws a `TraceError` with `INVALID_OPTION`.
 *
 * @example
 * const logger = createLogger({ level: 'info' })
 * withSpan('work', () => logger.info('inside')) // {"level":30,...,"trace_id":"...","span_id":"...","msg":"inside"}
 */
export function createLogger(options: LoggerOptions & TraceLogOptions = {}, destination?: DestinationStream): Logger {
  const { fields, traceIdField, recordErrors, ...pinoOptions } = options
  const resolved = resolveLogOptions({
    ...(fields ? { fields } : undefined),
    ...(traceIdField ? { traceIdField } : undefined),
    ...(recordErrors !== undefined ? { recordErrors } : undefined),
  })
  const errorKey = pinoOptions.errorKey ?? 'err'
  const own: LoggerOptions = { ...pinoOptions, serializers: { [errorKey]: pino.stdSerializers.errWithCause, ...pinoOptions.serializers } }
  const logger = destination === undefined ? pino(own) : pino(own, destination)
  writeTraceFields(logger, resolved)
  return logger
}
