import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'
import { createLineRecorder } from './line-recorder.js'
import { type LoggerTraceOptions, resolveLogOptions } from './options.js'
import { writeTraceFields } from './traced-json.js'

/**
 * Makes a pino logger whose lines carry the active trace. Takes pino's own options; fields of a `mixin` given there win over ours.
 * Errors are written with the chain of their causes. With `record` the lines of a request travel with its trace, those that are not written included.
 *
 * Throws a `TraceError` with `INVALID_OPTION`.
 *
 * @example
 * const logger = createLogger({ level: 'info' })
 * withSpan('work', () => logger.info('inside')) // {"level":30,...,"trace_id":"...","span_id":"...","msg":"inside"}
 */
export function createLogger(options: LoggerOptions & LoggerTraceOptions = {}, destination?: DestinationStream): Logger {
  const { fields, traceIdField, recordErrors, record, ...pinoOptions } = options
  const resolved = resolveLogOptions({
    ...(fields ? { fields } : undefined),
    ...(traceIdField ? { traceIdField } : undefined),
    ...(recordErrors !== undefined ? { recordErrors } : undefined),
  })
  const errorKey = pinoOptions.errorKey ?? 'err'
  const recorder = record === undefined ? undefined : createLineRecorder(record, pinoOptions.hooks?.streamWrite)
  const own: LoggerOptions = {
    ...pinoOptions,
    serializers: { [errorKey]: pino.stdSerializers.errWithCause, ...pinoOptions.serializers },
    ...(recorder?.streamWrite && { hooks: { ...pinoOptions.hooks, streamWrite: recorder.streamWrite } }),
  }
  const logger = destination === undefined ? pino(own) : pino(own, destination)
  writeTraceFields(logger, resolved, recorder?.onLine)
  recorder?.start(logger, resolved.style)
  return logger
}
