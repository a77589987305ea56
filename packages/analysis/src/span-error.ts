import type { Attributes, SpanData, SpanEvent } from '@clew/core'
import { readText } from './attributes.js'
import { cutText } from './format.js'

/** What is known about why a span failed. */
export interface SpanError {
  /** The class or code of the error, such as `CardError` or `ECONNREFUSED`; an HTTP status code where nothing else is known. */
  readonly type?: string
  readonly message?: string
}

/**
 * True where a span failed: its status says so, or it says nothing and the older attribute `error` does
 * (OpenTracing's `true`, Zipkin's message).
 *
 * @example
 * ```ts
 * isFailed(charge) // true
 * ```
 */
export function isFailed(span: SpanData): boolean {
  if (span.status !== 'unset') return span.status === 'error'
  const error = span.attributes['error']
  return error !== undefined && error !== false && error !== 'false' && error !== ''
}

/**
 * Why a span failed, from its exception event, its attributes and its status message; `undefined` where it did not.
 *
 * @example
 * ```ts
 * spanError(charge) // { type: 'CardError', message: 'card declined' }
 * ```
 */
export function spanError(span: SpanData): SpanError | undefined {
  if (!isFailed(span)) return undefined
  const exception = findException(span)
  const type = readType(span.attributes, exception)
  const message = readMessage(span, exception)
  return { ...(type === undefined ? {} : { type }), ...(message === undefined ? {} : { message }) }
}

/** True where an exception was recorded on the span itself, which is done once, where it happened. */
export function hasException(span: SpanData): boolean {
  return findException(span) !== undefined || readText(span.attributes, 'exception.type') !== undefined
}

/**
 * Why a span failed, in one line of at most 402 characters: type and the message's first line; `failed` where neither is known;
 * `undefined` where it did not fail. Text from the span is cut, not escaped.
 *
 * @example
 * ```ts
 * describeError(charge) // 'CardError: card declined'
 * describeError(call)   // 'HTTP 503'
 * ```
 */
export function describeError(span: SpanData): string | undefined {
  const error = spanError(span)
  if (!error) return undefined
  const line = cutLine(error.message ?? '')
  const label = error.type !== undefined && isStatusCode(error.type) ? `HTTP ${error.type}` : cutLine(error.type ?? '')
  if (label === '') return line || 'failed'
  if (line === '' || line === label) return label
  return line.startsWith(`${label}:`) ? line : `${label}: ${line}`
}

/** When the exception was recorded, in milliseconds from the start of the span. */
export function exceptionTime(span: SpanData): number | undefined {
  const time = (findExceptionEvent(span)?.time ?? Number.NaN) - span.startTime
  return Number.isFinite(time) ? time : undefined
}

/** The stack of the recorded exception, which core writes with those of its causes. */
export function exceptionStack(span: SpanData): string | undefined {
  return readText(findException(span) ?? span.attributes, 'exception.stacktrace')
}

function findExceptionEvent(span: SpanData): SpanEvent | undefined {
  return span.events.findLast((event) => event.name === 'exception')
}

function findException(span: SpanData): Attributes | undefined {
  return findExceptionEvent(span)?.attributes
}

/** A bare status code tells less than the exception behind it. */
function readType(attributes: Attributes, exception: Attributes | undefined): string | undefined {
  const type = readText(attributes, 'error.type')
  if (type !== undefined && !isStatusCode(type)) return type
  const thrown = (exception && readText(exception, 'exception.type')) ?? readText(attributes, 'exception.type')
  return thrown ?? type ?? readErrorStatus(attributes)
}

function readMessage(span: SpanData, exception: Attributes | undefined): string | undefined {
  const recorded = (exception && readText(exception, 'exception.message')) ?? span.statusMessage
  if (recorded !== undefined && recorded !== '') return recorded
  const message = readText(span.attributes, 'exception.message')
  if (message !== undefined) return message
  const error = readText(span.attributes, 'error')
  return error === 'true' ? undefined : error
}

function readErrorStatus(attributes: Attributes): string | undefined {
  const status = readText(attributes, 'http.response.status_code')
  return status !== undefined && /^[45]\d\d$/.test(status) ? status : undefined
}

function isStatusCode(type: string): boolean {
  return /^[1-5]\d\d$/.test(type)
}

function cutLine(message: string): string {
  const line = message.trim().split('\n', 1)[0]?.trim() ?? ''
  return cutText(line, 200)
}
