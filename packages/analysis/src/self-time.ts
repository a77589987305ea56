import type { SpanNode } from './types.js'

/**
 * Milliseconds of a node in which none of its children ran. Children are sorted by start; where they overlap they count once,
 * and what they did before its start or after its end does not count. Times are taken from the node's start on, which keeps them exact.
 */
export function measureSelfTime(node: Pick<SpanNode, 'startTime' | 'duration' | 'children'>): number {
  let selfTime = 0
  let cursor = 0
  for (const child of node.children) {
    const start = child.startTime - node.startTime
    if (start >= node.duration) break
    if (start > cursor) selfTime += start - cursor
    cursor = Math.max(cursor, start + child.duration)
  }
  return selfTime + Math.max(0, node.duration - cursor)
}
