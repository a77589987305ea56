import type { ExportBatch, SpanData } from '@clew/core'
import type { TraceStore } from '../contract.js'

/** Runs a test with a new, empty store and closes it afterwards. */
export type UseStore = (test: (store: TraceStore) => Promise<void>) => () => Promise<void>

/** Within what every store retains, and on whole milliseconds, so that sums of times are exact. */
export const BASE_TIME: number = Math.floor(Date.now() / 60_000) * 60_000 - 3 * 3_600_000

/** Makes a span of the service `orders` that took 10 ms and went well. */
export function buildSpan(fields: Partial<SpanData> = {}): SpanData {
  const service = fields.service ?? 'orders'
  return {
    traceId: '1'.repeat(32),
    spanId: '1'.repeat(16),
    name: 'GET /orders/:id',
    kind: 'server',
    service,
    startTime: BASE_TIME,
    duration: 10,
    status: 'unset',
    attributes: {},
    events: [],
    links: [],
    resource: { attributes: { 'service.name': service } },
    flags: 1,
    ...fields,
  }
}

/** A trace of one span: the id ends in `number`, and so does the span's. */
export function buildTrace(number: number, fields: Partial<SpanData> = {}): SpanData {
  return buildSpan({ traceId: toHexId(number, 32), spanId: toHexId(number, 16), ...fields })
}

export function toHexId(number: number, length: number): string {
  return number.toString(16).padStart(length, '0')
}

/** Hands spans over as their processes would: one batch per resource. */
export async function exportSpans(store: TraceStore, spans: readonly SpanData[]): Promise<void> {
  for (const resource of new Set(spans.map((span) => span.resource))) {
    const batch: ExportBatch = { resource, spans: spans.filter((span) => span.resource === resource), logs: [], metrics: [] }
    const result = await store.export(batch, { signal: new AbortController().signal })
    if (!result.ok) throw new Error('the store did not take a batch', { cause: result.error })
  }
  await store.flush?.()
}
