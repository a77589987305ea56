// What the signatures of @clew/pino allow and refuse. It is compiled, never run.
import { pino } from 'pino'
import type { Logger } from 'pino'
import { expectTypeOf } from 'vitest'
import { createLogger, logRequests, traceMixin } from '../../src/index.js'
import type { FieldNames, LoggerTraceOptions, RequestLogOptions, TraceLogOptions } from '../../src/index.js'

export const fields: Required<FieldNames> = {
  traceId: 'traceId',
  spanId: 'spanId',
  traceFlags: 'traceFlags',
  service: 'svc',
  externalId: 'ext',
  requestId: 'rid',
  correlationId: 'cid',
}
export const mixinOptions: Required<TraceLogOptions> = { fields, traceIdField: 'received', recordErrors: false }
export const options: Required<LoggerTraceOptions> = { ...mixinOptions, record: 'debug' }
const logger = createLogger({ level: 'info', ...options }, pino.destination(1))
expectTypeOf(logger).toExtend<Logger>()
expectTypeOf(pino({ mixin: traceMixin({ fields }) })).toExtend<Logger>()
expectTypeOf(logRequests(logger, { server: true, client: false, fields } satisfies Required<RequestLogOptions>)).toEqualTypeOf<() => void>()
// @ts-expect-error there is no such field
createLogger({ fields: { trace: 'x' } })
// @ts-expect-error w3c or received
traceMixin({ traceIdField: 'datadog' })
// @ts-expect-error a logger
logRequests(console)
// @ts-expect-error yes or no
logRequests(logger, { client: 'all' })
