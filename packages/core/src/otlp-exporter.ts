import { knownKeys } from './check.js'
import { TraceError } from './errors.js'
import type { ExportBatch, Exporter, ExportResult } from './exporter.js'
import { toOtlpJson } from './otlp.js'
import { createLogSender } from './otlp-log-sender.js'
import { OtlpMetricWriter } from './otlp-metrics.js'
import { encode, postOtlp } from './otlp-post.js'
import { resolveTarget, type Target } from './otlp-target.js'

/** What `otlpExporter` takes. */
export interface OtlpExporterOptions {
  /**
   * Base URL of the receiver; a URL that ends in `/v1/traces` is used as it is, and metrics and log lines go to `/v1/metrics` and `/v1/logs` beside it. User and password in it are sent as basic credentials.
   * Default: `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT` and `OTEL_EXPORTER_OTLP_LOGS_ENDPOINT` (used as they are), `OTEL_EXPORTER_OTLP_ENDPOINT`, http://localhost:4318.
   */
  readonly url?: string
  /** Sent with every request, such as `authorization`. Added to `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_EXPORTER_OTLP_TRACES_HEADERS`, `OTEL_EXPORTER_OTLP_METRICS_HEADERS` and `OTEL_EXPORTER_OTLP_LOGS_HEADERS`, and stronger. */
  readonly headers?: Readonly<Record<string, string>>
  /** How long one request may take, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number
  /** What fetches. Default: the global `fetch` as it is when the exporter is made, so that one patched later is not traced by itself. */
  readonly fetch?: typeof globalThis.fetch
}

const DEFAULT_TIMEOUT_MS = 10_000

/**
 * Sends spans, recorded log lines and metrics as OTLP/HTTP JSON, uncompressed (https://opentelemetry.io/docs/specs/otlp/#otlphttp). It tries once and says whether
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
  const spansTarget = resolveTarget(options, 'traces') as Target
  const metricsTarget = resolveTarget(options, 'metrics')
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  if (!(timeoutMs > 0)) throw new TraceError('INVALID_OPTION', 'Option timeoutMs of otlpExporter must be a positive number of milliseconds')
  const fetch = options.fetch ?? globalThis.fetch
  const metrics = new OtlpMetricWriter()
  const sendLogs = createLogSender({ target: resolveTarget(options, 'logs'), timeoutMs, fetch })

  async function sendSpans(batch: ExportBatch, signal: AbortSignal): Promise<ExportResult> {
    const body = encode(() => toOtlpJson([batch]))
    return typeof body === 'string' ? postOtlp(body, { target: spansTarget, content: 'spans', timeoutMs, signal, fetch }) : body
  }

  async function sendMetrics(batch: ExportBatch, signal: AbortSignal): Promise<ExportResult> {
    if (metricsTarget === undefined) return NO_ADDRESS
    const body = encode(() => metrics.toJson(batch))
    if (typeof body !== 'string') return body
    const result = await postOtlp(body, { target: metricsTarget, content: 'metrics', timeoutMs, signal, fetch })
    if (!result.ok) return result
    metrics.accepted(batch)
    return { ok: true }
  }

  return {
    export: async (batch, { signal }) => {
      const onlyMetrics = batch.metrics.length > 0 && batch.spans.length + batch.logs.length === 0
      if (onlyMetrics) return sendMetrics(batch, signal)
      const onlyLogs = batch.logs.length > 0 && batch.spans.length === 0
      const result = onlyLogs ? NOTHING_TO_SEND : await sendSpans(batch, signal)
      if (!result.ok) return result
      // Spans that were accepted must not be sent again: metrics that fail beside them are contained in the next ones.
      if (batch.metrics.length > 0) await sendMetrics(batch, signal)
      return batch.logs.length === 0 ? result : joinResults(result, await sendLogs(batch, signal))
    },
    close: async () => {},
  }
}

const NOTHING_TO_SEND: Extract<ExportResult, { ok: true }> = { ok: true }

/** Spans that were accepted must not be sent again because of the log lines beside them. */
function joinResults({ rejected = 0 }: { readonly rejected?: number }, logs: ExportResult): ExportResult {
  if (!logs.ok) return { ...logs, spansTaken: true, rejected }
  return { ok: true, rejected, rejectedLogs: logs.rejected ?? 0 }
}

const NO_ADDRESS: ExportResult = {
  ok: false,
  retryable: false,
  unsupported: true,
  error: new Error(
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT names a receiver of spans alone; OTEL_EXPORTER_OTLP_METRICS_ENDPOINT would name one of metrics',
  ),
}
