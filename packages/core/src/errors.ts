/**
 * Every code a `TraceError` can carry, with what it means. A retired code is never used again.
 *
 * @example
 * console.log(ERROR_CODES.INVALID_OPTION) // An option has a value of the wrong type or outside its range, or is not known.
 */
export const ERROR_CODES = {
  INVALID_OPTION: 'An option has a value of the wrong type or outside its range, or is not known.',
  INVALID_ENV: 'An environment variable has a value that cannot be used; the default is used instead.',
  DEFAULT_REPLACED: 'createTracer() replaced a lazily made default tracer that had already recorded spans.',
  EXPORT_FAILED: 'An export failed and was not, or could no longer be, repeated; its spans are lost and counted.',
  EXPORT_UNREACHABLE: 'The receiver of the spans cannot be reached; the queue keeps trying within its bounds.',
  EXPORT_REJECTED: 'The receiver refused some spans of a batch for good.',
  QUEUE_FULL: 'The export queue reached its bound in bytes; the oldest segments were dropped.',
  METRICS_UNSUPPORTED: 'The receiver takes spans and no metrics, although metrics were asked for; it is asked again every 10 minutes.',
  LOGS_UNSUPPORTED: 'The receiver takes spans and no log lines; recorded lines are dropped, and it is asked again after 10 minutes.',
  INVALID_MEASUREMENT: 'recordValue() was given a name or a value that cannot be counted, or one name too many; it was left out.',
  CALLBACK_FAILED: 'A function given as an option (sampler, ignore, routeName, onSpanEnd, ...) threw; its default was used.',
  CARRIER_FAILED: 'A carrier or its getter or setter threw while ids were read or written.',
  FLUSH_TIMEOUT: 'flush() or shutdown() reached its deadline with spans still in the queue.',
  PUBLIC_PEER_TRUSTED: 'Trace ids sent by a peer with a public address were continued; consider trust: "accept" or "restart" there.',
  INTERNAL: 'Tracing itself failed; the host was not affected.',
  STORE_CLOSED: 'A store was used after close().',
  INVALID_QUERY: 'A query names a field or value that cannot be used.',
  INVALID_CURSOR: 'A paging cursor is not one that this query returned.',
  INVALID_PAYLOAD: 'A payload is not of the format that was announced.',
  PAYLOAD_TOO_LARGE: 'A payload is larger than its limit, as it came or after decompression.',
  PAYLOAD_TIMEOUT: 'A payload did not arrive in time.',
  SERVER_BUSY: 'The requests that the server is working on hold all the memory it gives them; the sender should try again later.',
  STORE_TIMEOUT: 'A store did not answer in time.',
  INVALID_URL: 'A store URL cannot be read or names an unknown kind of store.',
  LISTEN_FAILED: 'The server cannot listen on the given host and port.',
} as const

/** The stable code of a `TraceError`. */
export type TraceErrorCode = keyof typeof ERROR_CODES

/**
 * The only error clew throws or reports. The message names the option or input and what was wrong with it.
 *
 * @example
 * createTracer({ onError: (error) => console.error(error instanceof TraceError, error.code, error.message) })
 */
export class TraceError extends Error {
  /** Stable across versions; see `ERROR_CODES`. */
  readonly code: TraceErrorCode
  /** Not assigned in the constructor: where `Error.prototype` is frozen that throws. */
  override readonly name: string = 'TraceError'

  constructor(code: TraceErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/** What went wrong, of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
