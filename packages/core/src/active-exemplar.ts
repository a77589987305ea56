import { contextStorage } from './context.js'
import type { ExemplarSource } from './histogram.js'
import { hasIds } from './passive-span.js'
import { isSpanPort } from './span.js'

/** The active span, where its trace is kept: an exemplar has to lead somewhere. */
export function activeExemplar(): ExemplarSource | undefined {
  const active = contextStorage.getStore()
  if (active?.suppressed || !isSpanPort(active?.span)) return undefined
  const context = active.span.traceContext()
  return context.sampled && hasIds(context) ? context : undefined
}
