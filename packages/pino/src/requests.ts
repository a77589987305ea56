import { type SpanData, TraceError } from '@clew/core'
import { checkOptionNames, onSpanEnd, readException, type SpanListener } from '@clew/core/adapter'
import { type Logger, symbols } from 'pino'
import { internalsOf } from './internals.js'
import { type FieldNames, resolveLogOptions } from './options.js'
import { boundKeys, toHexByte } from './trace-fields.js'

/** As long as the stack of an exception on a span. */
const MAX_STACK_LENGTH = 4096

/** Which requests get a line. */
export interface RequestLogOptions {
  /** Requests that arrive. Default: true. */
  readonly server?: boolean
  /** Requests that are sent. Default: true. */
  readonly client?: boolean
  /** Names of the keys, where they are not the default ones. */
  readonly fields?: FieldNames
}

/**
 * Writes one line for each finished server and client request: `method`, `url`, `status`, `duration_ms`, and what went wrong as `err`.
 * Failures are written as `error`, the rest as `info`. Returns a function that stops it.
 *
 * Throws a `TraceError` with `INVALID_OPTION`.
 *
 * @example
 * logRequests(logger, { client: false })
 */
export function logRequests(logger: Logger, options: RequestLogOptions = {}): () => void {
  if (typeof logger?.child !== 'function')
    throw new TraceError('INVALID_OPTION', 'logRequests needs a pino logger, as in logRequests(createLogger())')
  checkOptionNames(options, ['server', 'client', 'fields'], 'of logRequests')
  const { server = true, client = true } = options
  const { style } = resolveLogOptions(options.fields ? { fields: options.fields } : undefined)
  const lines = withPlainErrors(logger)
  const bound = boundKeys(style, internalsOf(lines)[symbols.chindingsSym])
  const kinds = [...(server ? (['server'] as const) : []), ...(client ? (['client'] as const) : [])]
  return onSpanEnd(function logRequest(span, failure, mask) {
    const method = span.attributes['http.request.method']
    if (typeof method !== 'string') return
    const error = span.status === 'error' ? describeError(span, failure, mask) : undefined
    writeLine(lines, { span, error }, { ...withoutKeys(idsOf(span, style.fields), bound), ...describeRequest(span) })
  }, kinds)
}

/** What is logged under the error key is no Error any more; serializers would take it for one and lose its type. */
function withPlainErrors(logger: Logger): Logger {
  const errorKey = errorKeyOf(logger)
  return logger.child({}, { serializers: { [errorKey]: (error: unknown) => error } })
}

function withoutKeys(line: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  for (const key of keys) delete line[key]
  return line
}

function errorKeyOf(logger: Logger): string {
  return internalsOf(logger)[symbols.errorKeySym] ?? 'err'
}

interface Finished {
  readonly span: SpanData
  readonly error: Record<string, unknown> | undefined
}

function writeLine(logger: Logger, { span, error }: Finished, line: Record<string, unknown>): void {
  const message = describeMessage(span)
  if (error !== undefined) logger.error({ ...line, [errorKeyOf(logger)]: error }, message)
  else logger.info(line, message)
}

function describeMessage({ attributes }: SpanData): string {
  const url = attributes['url.full'] ?? attributes['url.path']
  const outcome = attributes['http.response.status_code'] ?? (attributes['clew.aborted'] ? 'aborted' : 'failed')
  return [attributes['http.request.method'], url, outcome].join(' ')
}

/** The line is about the span that has ended, whichever is active now. Ids of other makes stand on the local root; undefined ones are left out by pino. */
function idsOf(span: SpanData, fields: Required<FieldNames>): Record<string, unknown> {
  return {
    [fields.traceId]: span.traceId,
    [fields.spanId]: span.spanId,
    [fields.traceFlags]: toHexByte(span.flags),
    [fields.service]: span.service,
    ...(span.kind === 'server' && {
      [fields.externalId]: span.attributes['trace.external_id'],
      [fields.requestId]: span.attributes['request.id'],
      [fields.correlationId]: span.attributes['correlation.id'],
    }),
  }
}

function describeRequest({ kind, attributes, duration }: SpanData): Record<string, unknown> {
  return {
    kind,
    method: attributes['http.request.method'],
    url: attributes['url.full'] ?? attributes['url.path'],
    route: attributes['http.route'],
    status: attributes['http.response.status_code'],
    duration_ms: duration,
    aborted: attributes['clew.aborted'],
  }
}

/** An exception that came from a span below is recorded there alone; the line tells it all the same. */
function describeError(...[span, failure, mask]: Parameters<SpanListener>): Record<string, unknown> {
  const recorded = span.events.find((event) => event.name === 'exception')?.attributes
  const thrown = recorded === undefined && failure !== undefined ? readException(failure, MAX_STACK_LENGTH) : undefined
  return {
    type: recorded?.['exception.type'] ?? thrown?.type ?? span.attributes['error.type'],
    message: recorded?.['exception.message'] ?? span.statusMessage,
    stack:
      recorded?.['exception.stacktrace'] ??
      (thrown?.stacktrace === undefined ? undefined : mask?.('exception.stacktrace', thrown.stacktrace)),
  }
}
