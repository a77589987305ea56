import type { SpanNode } from './types.js'

/** The time that something covers. Unix epoch in milliseconds, clock offsets applied. */
export interface TimeBounds {
  readonly startTime: number
  readonly endTime: number
}

/**
 * From the first start to the latest end of some spans in their places; both 0 where there are none. Axes are drawn from it.
 *
 * @example
 * ```ts
 * const { startTime, endTime } = timeBounds(traceTree(trace).nodes.values())
 * ```
 */
export function timeBounds(nodes: Iterable<SpanNode>): TimeBounds {
  let startTime = Infinity
  let endTime = -Infinity
  for (const node of nodes) {
    startTime = Math.min(startTime, node.startTime)
    endTime = Math.max(endTime, node.startTime + node.duration)
  }
  return startTime <= endTime ? { startTime, endTime } : { startTime: 0, endTime: 0 }
}
