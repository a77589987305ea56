import { isFailed } from './span-error.js'
import { isUnfinished, JITTER_MS } from './span-times.js'
import type { SpanNode } from './types.js'

/** True where a node began on its own time: it took a message that nobody waited for. */
export function isAsynchronous({ span, parent }: SpanNode): boolean {
  if (!parent) return span.kind === 'consumer'
  if (parent.span.kind === 'producer') return span.service !== parent.span.service || span.kind === 'consumer' || span.kind === 'server'
  return span.kind === 'consumer' && (span.parentIsRemote === true || span.service !== parent.span.service)
}

/** Nodes that began on their own time, and all below them. `nodes` are in order from top to bottom. */
export function listAsynchronous(nodes: Iterable<SpanNode>): Set<SpanNode> {
  const asynchronous = new Set<SpanNode>()
  for (const node of nodes) {
    if (isAsynchronous(node) || (node.parent && asynchronous.has(node.parent))) asynchronous.add(node)
  }
  return asynchronous
}

/**
 * True where a node may have waited for a child. Nobody waits for a message to be taken, nor for work that begins after the end.
 * A child that outlived its parent was not waited for either (the response had gone out), with two exceptions: the server of a call
 * whose client ended with the head of the response, and a parent that failed or is unfinished, as a timeout or an abort leaves it.
 */
export function isAwaited(child: SpanNode, parent: SpanNode): boolean {
  if (isAsynchronous(child) || child.startTime >= parent.startTime + parent.duration) return false
  const outlived = child.startTime - parent.startTime + child.duration - parent.duration
  if (outlived <= JITTER_MS) return true
  return (parent.span.kind === 'client' && child.span.kind === 'server') || isFailed(parent.span) || isUnfinished(parent.span)
}
