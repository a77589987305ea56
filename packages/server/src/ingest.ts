import type { ExportBatch, ExportResult } from '@clew/core'
import { fromOtlpJson } from '@clew/interop'
import type { Context, Hono } from 'hono'
import { requireToken } from './auth.js'
import { readJson } from './body.js'
import { answerStatus, toNotFound, toTraceError } from './failure.js'
import type { Failure } from './failure.js'
import type { ResolvedOptions } from './options.js'
import { createRoutes } from './routes.js'

interface Rejection {
  readonly count: number
  readonly reason: string
}

/** `POST /traces`: OTLP/HTTP in JSON (OTLP specification 1.9, "OTLP/HTTP"), to be mounted at `/v1`. */
export function createIngestRoutes(options: ResolvedOptions): Hono {
  const routes = createRoutes(options, answerStatus)
  routes.use(requireToken(options.token, answerStatus))
  routes.post('/traces', (c) => takeTraces(c, options))
  routes.all('*', (c) => answerStatus(c, toNotFound(c)))
  return routes
}

async function takeTraces(c: Context, options: ResolvedOptions): Promise<Response> {
  const refusal = checkContentType(c) ?? checkEncoding(c)
  if (refusal) return answerStatus(c, refusal)
  const { batches, rejected } = fromOtlpJson(await readJson(c.req.raw, options.maxBodyBytes))
  const refused = await storeBatches(batches, options)
  return 'status' in refused ? answerStatus(c, refused) : c.json(toResponse([...rejected, ...refused]))
}

function checkContentType(c: Context): Failure | undefined {
  const given = c.req.header('content-type') ?? ''
  if (given.split(';')[0]?.trim().toLowerCase() === 'application/json') return undefined
  const problem = `Content-Type ${JSON.stringify(given)} is not understood here; send OTLP as application/json`
  const message = `${problem} (OpenTelemetry SDKs do with OTEL_EXPORTER_OTLP_PROTOCOL=http/json)`
  return { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', message, headers: { Accept: 'application/json' } }
}

function checkEncoding(c: Context): Failure | undefined {
  const given = c.req.header('content-encoding')
  if (given === undefined || /^(gzip|deflate)$/i.test(given)) return undefined
  const message = `Content-Encoding ${JSON.stringify(given)} is not understood here; send gzip, deflate or none`
  return { status: 415, code: 'UNSUPPORTED_ENCODING', message, headers: { 'Accept-Encoding': 'gzip, deflate' } }
}

/** What the store refused for good, or the failure where the sender should try again: stores recognise spans they already have. */
async function storeBatches(
  batches: readonly ExportBatch[],
  { store, storeTimeoutMs, onError }: ResolvedOptions,
): Promise<Rejection[] | Failure> {
  const signal = AbortSignal.timeout(storeTimeoutMs)
  const refused: Rejection[] = []
  for (const batch of batches) {
    const result = await store.export(batch, { signal }).catch(toUnknownOutcome)
    if (result.ok) {
      if (result.rejected) refused.push({ count: result.rejected, reason: 'refused by the store' })
      continue
    }
    onError(toTraceError(result.error))
    if (result.retryable) return toRetry(result.retryAfterMs)
    refused.push({ count: batch.spans.length, reason: 'the store failed' })
  }
  return refused
}

/** A store that throws may have written or not; a retry is safe either way. */
function toUnknownOutcome(error: unknown): ExportResult {
  return { ok: false, retryable: true, error }
}

function toRetry(retryAfterMs: number = 1_000): Failure {
  const headers = { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) }
  return { status: 503, code: 'STORE_UNAVAILABLE', message: 'The store does not take spans at present; try again later', headers }
}

/** An ExportTraceServiceResponse: `partialSuccess` must be absent where all was taken. */
function toResponse(rejected: readonly Rejection[]): object {
  if (rejected.length === 0) return {}
  const count = rejected.reduce((sum, rejection) => sum + rejection.count, 0)
  const errorMessage = rejected.map((rejection) => `${rejection.count}: ${rejection.reason}`).join('; ')
  return { partialSuccess: { rejectedSpans: String(count), errorMessage } }
}
