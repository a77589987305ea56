import { TraceError } from './errors.js'
import type { Exporter, ExportResult } from './exporter.js'
import { toOtlpJson } from './otlp.js'

/** What `otlpExporter` takes. */
export interface OtlpExporterOptions {
  /** Base URL of the receiver. Default: `OTEL_EXPORTER_OTLP_ENDPOINT`, else http://localhost:4318. */
  readonly url?: string
  /** Sent with every request, such as `authorization`. Default: `OTEL_EXPORTER_OTLP_HEADERS`. */
  readonly headers?: Readonly<Record<string, string>>
  /** What fetches. Default: the global `fetch` as it is when the exporter is made. */
  readonly fetch?: typeof globalThis.fetch
}

const DEFAULT_URL = 'http://localhost:4318'
const TRACES_PATH = '/v1/traces'
const MAX_ANSWER_BYTES = 64 * 1024
/** OTLP/HTTP 1.x, "Retryable response codes"; every other error is final. */
const RETRYABLE = new Set([429, 502, 503, 504])

/**
 * Sends spans as OTLP/HTTP JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp). Throws `INVALID_OPTION` for a URL that is none.
 *
 * @example
 * createTracer({ exporter: otlpExporter({ url: 'http://clew.internal:4318', headers: { authorization: `Bearer ${token}` } }) })
 */
export function otlpExporter(options: OtlpExporterOptions = {}): Exporter {
  const url = resolveUrl(options.url)
  const headers = { ...parseHeaders(process.env['OTEL_EXPORTER_OTLP_HEADERS']), ...options.headers, 'content-type': 'application/json' }
  const send = options.fetch ?? globalThis.fetch
  return {
    async export(batch, { signal }) {
      const body = JSON.stringify(toOtlpJson([batch]))
      try {
        return await toResult(await send(url, { method: 'POST', headers, body, signal, redirect: 'error' }))
      } catch (error) {
        return { ok: false, retryable: true, error }
      }
    },
    close: async () => {},
  }
}

function resolveUrl(given: string | undefined): string {
  const own = process.env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']
  if (given === undefined && own && URL.canParse(own)) return own
  const base = given ?? (process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] || DEFAULT_URL)
  if (!URL.canParse(base) || !/^https?:$/.test(new URL(base).protocol)) {
    throw new TraceError('INVALID_OPTION', 'Option url of otlpExporter must be an http or https URL')
  }
  const url = new URL(base)
  if (!url.pathname.endsWith(TRACES_PATH)) url.pathname = `${url.pathname.replace(/\/$/, '')}${TRACES_PATH}`
  return url.href
}

/** `key=value,key=value`, percent-encoded, as in the W3C baggage header. */
function parseHeaders(text: string | undefined): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const member of (text ?? '').split(',')) {
    const at = member.indexOf('=')
    if (at > 0) headers[member.slice(0, at).trim().toLowerCase()] = decode(member.slice(at + 1).trim())
  }
  return headers
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

async function toResult(response: Response): Promise<ExportResult> {
  const text = await readBounded(response)
  if (response.ok) return { ok: true, ...rejectedOf(text) }
  const error = new Error(`HTTP ${response.status} from the receiver of spans${text ? `: ${text.slice(0, 200)}` : ''}`)
  if (!RETRYABLE.has(response.status)) return { ok: false, retryable: false, error }
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'))
  return { ok: false, retryable: true, error, ...(retryAfterMs === undefined ? undefined : { retryAfterMs }) }
}

/** The beginning of an answer; the rest is not worth its memory. */
async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    bytes += chunk.byteLength
    if (bytes > MAX_ANSWER_BYTES) break
  }
  return Buffer.concat(chunks).toString('utf8')
}

function rejectedOf(text: string): { rejected?: number } {
  try {
    const answer = JSON.parse(text) as { partialSuccess?: { rejectedSpans?: string | number } }
    const rejected = Number(answer.partialSuccess?.rejectedSpans ?? 0)
    return rejected > 0 ? { rejected } : {}
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
