import { TraceError } from '@clew/core'
import { checkOptionNames } from '@clew/core/adapter'
import { createFieldStyle, type FieldStyle } from './trace-fields.js'

/** The keys under which the ids stand in a line. */
export interface FieldNames {
  /** The trace id. Default: `trace_id`. */
  readonly traceId?: string
  /** The id of the active span. Default: `span_id`. */
  readonly spanId?: string
  /** W3C trace flags, two hex digits. Default: `trace_flags`. */
  readonly traceFlags?: string
  /** `service.name` of the tracer. Default: `service`. */
  readonly service?: string
  /** The `X-Trace-Id` as it was received, where it is not 32 lower-case hex. Default: `external_id`. */
  readonly externalId?: string
  /** The received `X-Request-Id`. Default: `request_id`. */
  readonly requestId?: string
  /** The received `X-Correlation-Id`. Default: `correlation_id`. */
  readonly correlationId?: string
}

/** How the trace shows in log lines. */
export interface TraceLogOptions {
  /** Names of the keys, where they are not the default ones. */
  readonly fields?: FieldNames
  /** `w3c`: the trace id is always the 32 hex; `received`: it is logged as it came. Default: `w3c`. */
  readonly traceIdField?: 'w3c' | 'received'
  /** Record errors that are logged as `warn` or worse, under any key, on the active span, once each; the span's status stays as it is. Default: true. */
  readonly recordErrors?: boolean
}

/** What `createLogger` takes beside pino's own options. */
export interface LoggerTraceOptions extends TraceLogOptions {
  /**
   * Level from which on the lines of a request are recorded with its trace, written or not: `debug` keeps the debug lines of failed requests. What is
   * written stays as it is. Default: none are recorded.
   */
  readonly record?: string
}

export interface ResolvedTraceLogOptions {
  readonly style: FieldStyle
  readonly recordErrors: boolean
}

const DEFAULT_FIELDS: Readonly<Required<FieldNames>> = {
  traceId: 'trace_id',
  spanId: 'span_id',
  traceFlags: 'trace_flags',
  service: 'service',
  externalId: 'external_id',
  requestId: 'request_id',
  correlationId: 'correlation_id',
}

/** Throws `INVALID_OPTION`. */
export function resolveLogOptions(options: TraceLogOptions = {}): ResolvedTraceLogOptions {
  checkOptionNames(options, ['fields', 'traceIdField', 'recordErrors'], '')
  const { fields = {}, traceIdField = 'w3c', recordErrors = true } = options
  for (const [name, key] of Object.entries(fields)) {
    if (!Object.hasOwn(DEFAULT_FIELDS, name))
      throw new TraceError('INVALID_OPTION', `Option fields.${name} is not known; known are ${Object.keys(DEFAULT_FIELDS).join(', ')}`)
    if (typeof key !== 'string' || key === '')
      throw new TraceError('INVALID_OPTION', `Option fields.${name} must be the name of a key, not ${JSON.stringify(key)}`)
  }
  if (traceIdField !== 'w3c' && traceIdField !== 'received')
    throw new TraceError('INVALID_OPTION', `Option traceIdField must be one of w3c, received, not ${JSON.stringify(traceIdField)}`)
  return { style: createFieldStyle({ ...DEFAULT_FIELDS, ...fields }, traceIdField), recordErrors }
}
