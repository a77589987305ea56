import type { RemoteContext } from './propagator.js'
import type { SpanContext } from './span-data.js'
import type { Span } from './span.js'
import { FLAG_RANDOM, FLAG_SAMPLED, isSpanId, isTraceId } from './traceparent.js'

/** What a parent says that is known by its ids alone; undefined where they cannot travel, as for a bad header. */
export function toRemoteContext(parent: unknown): RemoteContext | undefined {
  try {
    return readContext(parent)
  } catch {
    return undefined
  }
}

function readContext(parent: unknown): RemoteContext | undefined {
  if (typeof parent !== 'object' || parent === null) return undefined
  if ('derived' in parent) return isRemoteContext(parent) ? parent : undefined
  const context = 'spanContext' in parent ? (parent as Span).spanContext() : (parent as SpanContext)
  if (!hasValidIds(context)) return undefined
  const { traceId, spanId, traceFlags, traceState } = context
  const sampled = (traceFlags & FLAG_SAMPLED) !== 0
  const random = (traceFlags & FLAG_RANDOM) !== 0
  return { traceId, spanId, sampled, random, derived: false, ...(traceState ? { traceState } : undefined) }
}

function hasValidIds(context: Partial<SpanContext> | undefined): boolean {
  const { traceId, spanId } = context ?? {}
  return typeof traceId === 'string' && typeof spanId === 'string' && isTraceId(traceId) && isSpanId(spanId)
}

/** What `extract` returned may lack a span id, or both. */
function isRemoteContext(context: object): context is RemoteContext {
  const { traceId, spanId } = context as RemoteContext
  return (traceId === undefined || isTraceId(String(traceId))) && (spanId === undefined || isSpanId(String(spanId)))
}

/** Where a trace begins anew, the span it came from is linked. */
export function linkToRemote(span: Span, remote: RemoteContext | undefined): void {
  if (remote?.traceId === undefined || remote.spanId === undefined) return
  const traceFlags = (remote.sampled ? 1 : 0) | (remote.random ? 2 : 0)
  span.addLink({
    context: {
      traceId: remote.traceId,
      spanId: remote.spanId,
      traceFlags,
      isRemote: true,
      ...(remote.traceState ? { traceState: remote.traceState } : undefined),
    },
  })
}
