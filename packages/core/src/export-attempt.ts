import type { ExportBatch, Exporter, ExportResult } from './exporter.js'
import { startTimer, stopTimer, toDelay } from './waiting.js'

/** How long after its deadline an exporter that ignores the signal is still waited for. */
const GRACE_MS = 250
/** A receiver may ask for patience, but not for ever. */
export const MAX_RETRY_AFTER_MS = 300_000
/** A receiver that has no place for a kind of data is left alone with it for this long. */
export const UNSUPPORTED_MS = 600_000

/** How an export is tried. */
export interface AttemptOptions {
  readonly timeoutMs: number
  /** Ends the attempt early. */
  readonly abort: AbortController
  /** True where nobody waits for an exporter that ignores the signal. */
  readonly hurried: () => boolean
}

/** Tries one export. Never rejects, whatever the exporter does, and always ends. */
export async function attemptExport(exporter: Exporter, batch: ExportBatch, options: AttemptOptions): Promise<ExportResult> {
  const { timeoutMs, abort, hurried } = options
  const deadline = startTimer(() => abort.abort(new Error(`no answer within ${timeoutMs} ms`)), toDelay(timeoutMs)).unref()
  let hung: NodeJS.Timeout | undefined
  const givenUp = new Promise<ExportResult>((resolve) => {
    const giveUp = (): void => resolve({ ok: false, retryable: true, error: abort.signal.reason })
    abort.signal.addEventListener('abort', () => (hung = startTimer(giveUp, hurried() ? 0 : GRACE_MS).unref()))
  })
  try {
    const sent = exporter.export(batch, { signal: abort.signal })
    return toResult(await Promise.race([sent, givenUp]))
  } catch (error) {
    return { ok: false, retryable: true, error }
  } finally {
    stopTimer(deadline)
    stopTimer(hung)
  }
}

/** What an exporter of the host's really returned. */
function toResult(result: ExportResult | undefined): ExportResult {
  if (typeof result?.ok === 'boolean') return result
  const error = new Error('export() must resolve with { ok: true } or { ok: false, retryable, error }')
  return { ok: false, retryable: false, error }
}
