import { markRecorded } from './exception.js'
import type { Segment } from './segment.js'
import type { SpanData } from './span-data.js'

/** True where this error is seen for the first time in its trace: it is recorded once, where it happened. */
export function isNewError(error: unknown, { traceId, spanId, parentSpanId }: SpanData, segment: Segment): boolean {
  if (typeof error === 'object' && error !== null) return markRecorded(error, traceId)
  const last = segment.lastThrown
  segment.lastThrown = { value: error, spanId, parentSpanId }
  // Seen again by the same span or its parent, it is on its way up; elsewhere it was thrown anew.
  return last === undefined || last.value !== error || (last.spanId !== spanId && last.parentSpanId !== spanId)
}
