// clew as its documents set it up, with an exporter that throws everything away and no cap on traces.
import { createTracer } from '@clew/core'

/** @param {number} rate the part of the traces that is sampled */
export function createDiscardingTracer(rate) {
  let exported = 0
  const tracer = createTracer({
    service: 'bench',
    sampling: { rate, maxTracesPerSecond: Infinity },
    exporter: {
      async export(batch) {
        exported += batch.spans.length
        return { ok: true }
      },
      async close() {},
    },
  })
  return { tracer, count: () => exported }
}
