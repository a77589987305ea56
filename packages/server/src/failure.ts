import { TraceError } from '@clew/core'
import type { TraceErrorCode } from '@clew/core'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** Why a request got no answer, before it takes the form in which its route says so. */
export interface Failure {
  readonly status: ContentfulStatusCode
  readonly code: string
  readonly message: string
  readonly headers?: Record<string, string>
}

/** Says a failure in the form of one protocol. */
export type AnswerFailure = (c: Context, failure: Failure) => Response

/** Our own form: `{ error: { code, message } }`. */
export function answerError(c: Context, { status, code, message, headers }: Failure): Response {
  return c.json({ error: { code, message } }, status, headers)
}

/** OTLP's form, a `google.rpc.Status` with its message (OTLP specification, "Failures" of OTLP/HTTP). */
export function answerStatus(c: Context, { status, message, headers }: Failure): Response {
  return c.json({ message }, status, headers)
}

/** What no route answers to. */
export function toNotFound(c: Context): Failure {
  return { status: 404, code: 'NOT_FOUND', message: `There is nothing at ${c.req.path}` }
}

/** A method that a route does not have; `methods` are those it has. */
export function toMethodNotAllowed(c: Context, methods: readonly string[]): Failure {
  const allowed = methods.join(', ')
  const message = `${c.req.method} does not work at ${c.req.path}, only ${allowed}`
  return { status: 405, code: 'METHOD_NOT_ALLOWED', message, headers: { Allow: allowed } }
}

const STATUS_BY_CODE: Partial<Record<TraceErrorCode, ContentfulStatusCode>> = {
  INVALID_QUERY: 400,
  INVALID_CURSOR: 400,
  INVALID_PAYLOAD: 400,
  PAYLOAD_TIMEOUT: 408,
  PAYLOAD_TOO_LARGE: 413,
  SERVER_BUSY: 503,
  STORE_CLOSED: 503,
  STORE_TIMEOUT: 503,
}

/** What passes by itself. */
const PASSING: ReadonlySet<TraceErrorCode> = new Set<TraceErrorCode>(['SERVER_BUSY', 'STORE_TIMEOUT'])

/** What the sender is told of an error: where it is his, what was wrong; of ours only that it happened. */
export function toFailure(error: TraceError): Failure {
  const status = STATUS_BY_CODE[error.code]
  const headers = PASSING.has(error.code) ? { headers: { 'Retry-After': '1' } } : {}
  if (status) return { status, code: error.code, message: error.message, ...headers }
  return { status: 500, code: 'INTERNAL', message: 'The server failed to answer; its own log says why' }
}

/** Any thrown value as a `TraceError`. */
export function toTraceError(error: unknown): TraceError {
  if (error instanceof TraceError) return error
  return new TraceError('INTERNAL', error instanceof Error ? error.message : String(error), { cause: error })
}
