import { knownKeys } from './check.js'
import { TraceError } from './errors.js'
import type { ExportBatch, Exporter, ExportResult } from './exporter.js'
import { toOtlpJson } from './otlp.js'
import { redactText } from './redact-text.js'
import { startTimer, stopTimer } from './waiting.js'

/** What `otlpExporter` takes. */
export interface OtlpExporterOptions {
  /**
   * Base URL of the receiver; a URL that ends in `/v1/traces` is used as it is. User and password in it are sent as basic credentials.
   * Default: `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` (used as it is), `OTEL_EXPORTER_OTLP_ENDPOINT`, http://localhost:4318.
   */
  readonly url?: string
  /** Sent with every request, such as `authorization`. Added to `OTEL_EXPORTER_OTLP_HEADERS` and `OTEL_EXPORTER_OTLP_TRACES_HEADERS`, and stronger. */
  readonly headers?: Readonly<Record<string, string>>
  /** How long one request may take, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number
  /** What fetches. Default: the global `fetch` as it is when the exporter is made, so that one patched later is not traced by itself. */
  readonly fetch?: typeof globalThis.fetch
}

interface Target {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

const DEFAULT_URL = 'http://localhost:4318'
const TRACES_PATH = '/v1/traces'
const DEFAULT_TIMEOUT_MS = 10_000
/** What is read of an answer; the rest is not worth its memory. */
const MAX_ANSWER_BYTES = 64 * 1024
const MAX_MESSAGE_LENGTH = 200
/** Instead of an answer that would have to be masked where it becomes helpful. */
const CREDENTIALS_HINT =
  ': it wants other credentials; give them as headers of otlpExporter or in OTEL_EXPORTER_OTLP_HEADERS (authorization=Bearer%20<token>)'
/** OTLP 1.x, "OTLP/HTTP Response", "Retryable Response Codes": every other status of 400 and above is final. */
const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([429, 502, 503, 504])

/**
 * Sends spans as OTLP/HTTP JSON, uncompressed (https://opentelemetry.io/docs/specs/otlp/#otlphttp). It tries once and says whether
 * another try makes sense: after 429, 502, 503 and 504 (with the receiver's `Retry-After`), network failures and timeouts. Redirects are
 * not followed, as they would carry the headers elsewhere. No credential appears in an error.
 *
 * Throws `INVALID_OPTION` for a URL that is not http or https, for a header that cannot be sent and for a timeout that is not positive.
 *
 * @example
 * createTracer({ exporter: otlpExporter({ url: 'http://clew.internal:4318', headers: { authorization: `Bearer ${token}` } }) })
 */
export function otlpExporter(options: OtlpExporterOptions = {}): Exporter {
  knownKeys(options, ['url', 'headers', 'timeoutMs', 'fetch'], 'of otlpExporter')
  const target = resolveTarget(options)
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  if (!(timeoutMs > 0)) throw new TraceError('INVALID_OPTION', 'Option timeoutMs of otlpExporter must be a positive number of milliseconds')
  const send = options.fetch ?? globalThis.fetch

  async function post(body: string, signal: AbortSignal): Promise<ExportResult> {
    const deadline = createDeadline(signal, timeoutMs)
    try {
      const response = await send(target.url, {
        method: 'POST',
        headers: target.headers,
        body,
        signal: deadline.signal,
        redirect: 'manual',
      })
      return await toResult(response)
    } catch (error) {
      return { ok: false, retryable: true, error: toNetworkError(target.url, error) }
    } finally {
      deadline.clear()
    }
  }

  return {
    export: async (batch, { signal }) => {
      const body = encode(batch)
      return typeof body === 'string' ? post(body, signal) : body
    },
    close: async () => {},
  }
}

/** The request's body, or the result where the batch cannot be written at all: another try would not help it. */
function encode(batch: ExportBatch): string | ExportResult {
  try {
    return JSON.stringify(toOtlpJson([batch]))
  } catch (error) {
    return { ok: false, retryable: false, error }
  }
}

function resolveTarget(options: OtlpExporterOptions): Target {
  const url = resolveUrl(options.url)
  const headers: Record<string, string> = {}
  for (const given of [
    readHeaders('OTEL_EXPORTER_OTLP_HEADERS'),
    readHeaders('OTEL_EXPORTER_OTLP_TRACES_HEADERS'),
    basicCredentials(url),
    options.headers ?? {},
  ]) {
    for (const [name, value] of Object.entries(given)) setHeader(headers, name, value)
  }
  headers['content-type'] = 'application/json'
  url.username = url.password = ''
  return { url: url.href, headers }
}

/** RFC 9110, section 5.6.2 (token) and 5.5 (field value). */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** `Headers` would check as well, but the first use of it, as the import of `node:http`, loads the whole of fetch: 25 ms of CPU at the start of a service. */
function setHeader(headers: Record<string, string>, name: string, value: string): void {
  if (!HEADER_NAME.test(name) || !HEADER_VALUE.test(value))
    throw new TraceError(
      'INVALID_OPTION',
      `Option headers of otlpExporter: ${JSON.stringify(name)} has a name or a value that cannot be sent`,
    )
  headers[name.toLowerCase()] = value.trim()
}

function resolveUrl(given: string | undefined): URL {
  if (given === undefined) {
    const own = readVariable('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')
    if (own !== undefined) return parseUrl(own, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')
  }
  const base = readVariable('OTEL_EXPORTER_OTLP_ENDPOINT')
  const url =
    given !== undefined || base === undefined
      ? parseUrl(given ?? DEFAULT_URL, 'Option url of otlpExporter')
      : parseUrl(base, 'OTEL_EXPORTER_OTLP_ENDPOINT')
  if (!url.pathname.endsWith(TRACES_PATH)) url.pathname = `${url.pathname.replace(/\/$/, '')}${TRACES_PATH}`
  return url
}

function parseUrl(text: string, name: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new TraceError('INVALID_OPTION', `${name} must be an http or https URL, such as http://localhost:4318, not ${describeUrl(text)}`)
}

/** Enough to see what is wrong with it, and no credentials. */
function describeUrl(text: string): string {
  return JSON.stringify(redactText(text.replace(/^.*@/s, '').slice(0, 60)))
}

function readVariable(name: string): string | undefined {
  return process.env[name]?.trim() || undefined
}

/** `key=value,key=value`, percent-encoded (OpenTelemetry, "OTLP Exporter Configuration"). */
function readHeaders(variable: string): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const member of (readVariable(variable) ?? '').split(',')) {
    const equals = member.indexOf('=')
    if (equals > 0) headers[member.slice(0, equals).trim()] = decode(member.slice(equals + 1).trim())
  }
  return headers
}

/** `fetch` refuses URLs with credentials. */
function basicCredentials(url: URL): Record<string, string> {
  if (url.username === '' && url.password === '') return {}
  const credentials = Buffer.from(`${decode(url.username)}:${decode(url.password)}`).toString('base64')
  return { authorization: `Basic ${credentials}` }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
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

async function toResult(response: Response): Promise<ExportResult> {
  const text = await readBounded(response)
  if (response.ok) return { ok: true, ...readRejected(text) }
  const refused = response.status === 401 || response.status === 403
  const error = new Error(`HTTP ${response.status} from the receiver of spans${refused ? CREDENTIALS_HINT : describeAnswer(text)}`)
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

/** OTLP/HTTP, "Partial Success": the spans that a 200 refused for good. An answer that is not JSON refused none. */
function readRejected(text: string): { rejected?: number } {
  try {
    const answer = JSON.parse(text) as { partialSuccess?: { rejectedSpans?: string | number } } | null
    const rejected = Number(answer?.partialSuccess?.rejectedSpans ?? 0)
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
