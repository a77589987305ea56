import { isFailed } from './span-error.js'
import { isUnfinished } from './span-times.js'
import type { SpanNode, TraceIssue, TraceState } from './types.js'

/** Where a trace stands, by the rules that stand at `TraceState`. */
export function decideState(nodes: readonly SpanNode[], root: SpanNode, issues: readonly TraceIssue[]): TraceState {
  if (isUnfinished(root.span)) return 'running'
  if (isFailed(root.span) || nodes.some(({ span }) => span.kind === 'consumer' && isFailed(span))) return 'failed'
  if (issues.some(({ kind }) => kind === 'missing-parent' || kind === 'unfinished')) return 'responded'
  return hasQueued(nodes) ? 'queued' : 'completed'
}

/** A message was taken where anything of another kind hangs under its producer, or a consumer links to it. */
function hasQueued(nodes: readonly SpanNode[]): boolean {
  const producers = nodes.filter(({ span }) => span.kind === 'producer')
  if (producers.length === 0) return false
  const consumers = nodes.filter(({ span }) => span.kind === 'consumer')
  const linked = new Set(consumers.flatMap(({ span }) => span.links.map((link) => link.spanId)))
  return producers.some(({ span, children }) => !linked.has(span.spanId) && !children.some((child) => isTaker(child, span.service)))
}

function isTaker({ span }: SpanNode, service: string): boolean {
  return span.kind === 'consumer' || span.kind === 'server' || span.service !== service
}
