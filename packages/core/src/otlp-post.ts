import type { ExportResult } from './exporter.js'
import type { Target } from './otlp-target.js'
import { redactText } from './redact-text.js'
import { startTimer, stopTimer } from './waiting.js'

/** What is read of an answer; the rest is not worth its memory. */
const MAX_ANSWER_BYTES = 64 * 1024
const MAX_MESSAGE_LENGTH = 200
/** Instead of an answer that would have to be masked where it becomes helpful. */
const CREDENTIALS_HINT =
  ': it wants other credentials; give them as headers of otlpExporter or in OTEL_EXPORTER_OTLP_HEADERS (authorization=Bearer%20<token>)'
/** OTLP 1.x, "OTLP/HTTP Response", "Retryable Response Codes": every other status of 400 and above is final. */
const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504])
/** There is nothing at this address, or nothing that takes a POST. */
const UNSUPPORTED_STATUSES: ReadonlySet<number> = new Set([404, 405, 501])

/** One request to a receiver. */
export interface PostRequest {
  readonly target: Target
  /** What the body holds, for messages: `spans`. */
  readonly content: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly fetch: typeof globalThis.fetch
}

/** Posts OTLP's JSON once and says how it ended. Never rejects. */
export async function postOtlp(body: string, { target, content, timeoutMs, signal, fetch }: PostRequest): Promise<ExportResult> {
  const deadline = createDeadline(signal, timeoutMs)
  try {
    const response = await fetch(target.url, {
      method: 'POST',
      headers: target.headers,
      body,
      signal: deadline.signal,
      redirect: 'manual',
    })
    return await toResult(response, content)
  } catch (error) {
    return { ok: false, retryable: true, error: toNetworkError(target.url, error) }
  } finally {
    deadline.clear()
  }
}

/** Ends with the caller's signal or after the timeout; not `AbortSignal.any`, which keeps its sources' listeners on Node 20. */
function createDeadline(signal: AbortSignal, timeoutMs: number): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController()
  const abort = (): void => controller.abort(signal.reason)
  const timer = startTimer(() => controller.abort(new DOMException(`No answer within ${timeoutMs} ms`, 'TimeoutError')), timeoutMs)
  timer.unref()
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  return {
    signal: controller.signal,
    clear: () => {
      stopTimer(timer)
      signal.removeEventListener('abort', abort)
    },
  }
}

/** The request's body, or the result where the batch cannot be written at all: another try would not help it. */
export function encode(write: () => object): string | ExportResult {
  try {
    return replaceHalfPairs(JSON.stringify(write()))
  } catch (error) {
    return { ok: false, retryable: false, error }
  }
}

/** Any escape, so that a backslash before a backslash is not taken for the beginning of one. */
const ESCAPE = /\\(?:ud[89a-f][0-9a-f]{2}|[^])/g

/**
 * Half a surrogate pair is no Unicode text, and receivers that hold to the standard refuse the whole batch for it. `JSON.stringify` writes
 * halves, and nothing else, as an escape that begins with `\ud`.
 */
function replaceHalfPairs(json: string): string {
  if (!json.includes('\\ud')) return json
  return json.replace(ESCAPE, (escape) => (escape.startsWith('\\ud') ? '\ufffd' : escape))
}

async function toResult(response: Response, content: string): Promise<ExportResult> {
  const text = await readBounded(response)
  if (response.ok) return { ok: true, ...readRejected(text) }
  const refused = response.status === 401 || response.status === 403
  const error = new Error(`HTTP ${response.status} from the receiver of ${content}${refused ? CREDENTIALS_HINT : describeAnswer(text)}`)
  if (UNSUPPORTED_STATUSES.has(response.status)) return { ok: false, retryable: false, unsupported: true, error }
  if (!RETRYABLE_STATUSES.has(response.status)) return { ok: false, retryable: false, error }
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'))
  return retryAfterMs === undefined ? { ok: false, retryable: true, error } : { ok: false, retryable: true, error, retryAfterMs }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    bytes += chunk.byteLength
    if (bytes >= MAX_ANSWER_BYTES) break
  }
  return Buffer.concat(chunks).toString('utf8', 0, MAX_ANSWER_BYTES)
}

/** Receivers and the proxies before them quote what they were sent. */
function describeAnswer(text: string): string {
  const message = redactText(text.slice(0, MAX_MESSAGE_LENGTH)).replaceAll(/\s+/g, ' ').trim()
  return message === '' ? '' : `: ${message}`
}

interface PartialSuccess {
  readonly rejectedSpans?: string | number
  readonly rejectedLogRecords?: string | number
}

/** OTLP/HTTP, "Partial Success": the spans or log lines that a 200 refused for good. An answer that is not JSON refused none. */
function readRejected(text: string): { rejected?: number } {
  try {
    const answer = JSON.parse(text) as { partialSuccess?: PartialSuccess } | null
    const rejected = Number(answer?.partialSuccess?.rejectedSpans ?? answer?.partialSuccess?.rejectedLogRecords ?? 0)
    return Number.isSafeInteger(rejected) && rejected > 0 ? { rejected } : {}
  } catch {
    return {}
  }
}

/** Seconds or a date (RFC 9110, section 10.2.3). */
function parseRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

/** `fetch failed` alone says nothing: the reason is in the cause. */
function toNetworkError(url: string, error: unknown): Error {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const text = reason instanceof Error ? reason.message || ('code' in reason ? String(reason.code) : reason.name) : String(reason)
  return new Error(`No answer from ${new URL(url).origin}: ${redactText(text)}`, { cause: reason })
}
