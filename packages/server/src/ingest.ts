import type { ExportBatch, ExportResult } from '@clew/core'
import { fromOtlpJsonInSteps } from '@clew/interop'
import type { ReadPayload } from '@clew/interop'
import type { Context, Hono } from 'hono'
import { requireToken } from './auth.js'
import { parseJson, readJsonBytes } from './body.js'
import { createBodyBudget } from './body-budget.js'
import type { BodyShare } from './body-budget.js'
import { askInTime } from './deadline.js'
import { answerStatus, toNotFound, toTraceError } from './failure.js'
import type { Failure } from './failure.js'
import type { ResolvedOptions } from './options.js'
import { createPacer, createTurns, runSteps } from './pacer.js'
import { createRoutes } from './routes.js'

/** What requests to ingest share. */
interface Intake extends ResolvedOptions {
  /** Reading goes one request at a time: a parsed body takes many times its bytes. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
}

interface Rejection {
  readonly count: number
  readonly reason: string
}

/** A store may work for some 10 us on a span before anybody else is served. */
const SPANS_PER_EXPORT = 500

/** `POST /traces`: OTLP/HTTP in JSON (OTLP specification 1.9, "OTLP/HTTP"), to be mounted at `/v1`. */
export function createIngestRoutes(options: ResolvedOptions): Hono {
  const routes = createRoutes(options, answerStatus)
  routes.use(requireToken(options.token, answerStatus))
  const budget = createBodyBudget(options.limits.maxPendingBytes)
  const intake: Intake = { ...options, inTurn: createTurns() }
  routes.post('/traces', async (c) => {
    const share = budget.open()
    try {
      return await takeTraces(c, intake, share)
    } finally {
      share.release()
    }
  })
  routes.all('*', (c) => answerStatus(c, toNotFound(c)))
  return routes
}

async function takeTraces(c: Context, intake: Intake, share: BodyShare): Promise<Response> {
  const refusal = checkContentType(c) ?? checkEncoding(c)
  if (refusal) return answerStatus(c, refusal)
  const { batches, rejected } = await readPayload(c.req.raw, intake, share)
  const refused = await storeBatches(batches, intake)
  return 'status' in refused ? answerStatus(c, refused) : c.json(toResponse([...rejected, ...refused]))
}

async function readPayload(request: Request, { limits, inTurn }: Intake, share: BodyShare): Promise<ReadPayload> {
  const bytes = await readJsonBytes(request, { limits, share })
  return inTurn(() => runSteps(fromOtlpJsonInSteps(parseJson(bytes), limits), createPacer()))
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
  if (given === undefined || /^(gzip|deflate|identity)$/i.test(given)) return undefined
  const message = `Content-Encoding ${JSON.stringify(given)} is not understood here; send gzip, deflate or none`
  return { status: 415, code: 'UNSUPPORTED_ENCODING', message, headers: { 'Accept-Encoding': 'gzip, deflate' } }
}

/** What the store refused for good, or the failure where the sender should try again: stores recognise spans they already have. */
async function storeBatches(batches: readonly ExportBatch[], options: ResolvedOptions): Promise<readonly Rejection[] | Failure> {
  const ask = (signal: AbortSignal): Promise<readonly Rejection[] | Failure> => storeAll(batches, options, signal)
  try {
    return await askInTime(ask, options.limits.storeTimeoutMs)
  } catch (error) {
    // A store that throws or takes too long may have written or not; a retry is safe either way.
    options.onError(toTraceError(error))
    return toRetry()
  }
}

async function storeAll(
  batches: readonly ExportBatch[],
  { store, onError }: ResolvedOptions,
  signal: AbortSignal,
): Promise<readonly Rejection[] | Failure> {
  const refused: Rejection[] = []
  const pace = createPacer()
  for (const batch of split(batches)) {
    await pace()
    signal.throwIfAborted()
    const result = await store.export(batch, { signal })
    if (!result.ok) onError(toTraceError(result.error))
    if (!result.ok && result.retryable) return toRetry(result.retryAfterMs)
    refused.push(...listRefused(result, batch))
  }
  return refused
}

function* split(batches: readonly ExportBatch[]): Generator<ExportBatch> {
  for (const batch of batches) {
    for (let start = 0; start < batch.spans.length; start += SPANS_PER_EXPORT) {
      yield { ...batch, spans: batch.spans.slice(start, start + SPANS_PER_EXPORT) }
    }
  }
}

function listRefused(result: ExportResult, batch: ExportBatch): readonly Rejection[] {
  if (!result.ok) return [{ count: batch.spans.length, reason: 'the store failed' }]
  return result.rejected ? [{ count: result.rejected, reason: 'refused by the store' }] : []
}

function toRetry(retryAfterMs: number = 1_000): Failure {
  const headers = { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) }
  return { status: 503, code: 'STORE_UNAVAILABLE', message: 'The store does not take spans at present; try again later', headers }
}

/** An ExportTraceServiceResponse: `partialSuccess` must be absent where all was taken. */
function toResponse(rejected: readonly Rejection[]): object {
  if (rejected.length === 0) return {}
  const counts = new Map<string, number>()
  for (const { reason, count } of rejected) counts.set(reason, (counts.get(reason) ?? 0) + count)
  const total = rejected.reduce((sum, { count }) => sum + count, 0)
  const errorMessage = Array.from(counts, ([reason, count]) => `${count}: ${reason}`).join('; ')
  return { partialSuccess: { rejectedSpans: String(total), errorMessage } }
}
