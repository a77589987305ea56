import { UNSUPPORTED_MS } from './export-attempt.js'
import type { ExportBatch, ExportResult } from './exporter.js'
import { toOtlpLogsJson } from './otlp-logs.js'
import { encode, postOtlp } from './otlp-post.js'
import type { Target } from './otlp-target.js'
import { readClock } from './waiting.js'

const NO_ADDRESS: ExportResult = {
  ok: false,
  retryable: false,
  unsupported: true,
  error: new Error(
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT names a receiver of spans alone; OTEL_EXPORTER_OTLP_LOGS_ENDPOINT would name one of log lines',
  ),
}

/** Where log lines go, and how. */
export interface LogSenderSeed {
  readonly target: Target | undefined
  readonly timeoutMs: number
  readonly fetch: typeof globalThis.fetch
}

/** Makes the function that sends the log lines of a batch, and that answers by itself for a receiver that has no place for them. */
export function createLogSender({
  target,
  timeoutMs,
  fetch,
}: LogSenderSeed): (batch: ExportBatch, signal: AbortSignal) => Promise<ExportResult> {
  let refusal: ExportResult | undefined
  let askAgainAt = 0

  return async function sendLogs(batch: ExportBatch, signal: AbortSignal): Promise<ExportResult> {
    if (target === undefined) return NO_ADDRESS
    if (refusal !== undefined && readClock() < askAgainAt) return refusal
    const body = encode(() => toOtlpLogsJson([batch]))
    if (typeof body !== 'string') return body
    const result = await postOtlp(body, { target, content: 'log lines', timeoutMs, signal, fetch })
    refusal = !result.ok && result.unsupported ? result : undefined
    askAgainAt = readClock() + UNSUPPORTED_MS
    return result
  }
}
