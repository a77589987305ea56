import type { OwnStretch } from './critical-path.js'
import { isFailed } from './span-error.js'
import { compareTexts } from './span-times.js'
import type { BreakdownRow, SpanNode } from './types.js'

/** What each service contributed, the one that the request waited for longest first. */
export function breakDown(nodes: Iterable<SpanNode>, stretches: readonly OwnStretch[], duration: number): BreakdownRow[] {
  const rows = new Map<string, { -readonly [Key in keyof BreakdownRow]: BreakdownRow[Key] }>()
  for (const { span, selfTime } of nodes) {
    const empty = { service: span.service, spanCount: 0, errorCount: 0, selfTime: 0, pathTime: 0, share: 0 }
    const row = rows.get(span.service) ?? empty
    row.spanCount += 1
    row.selfTime += selfTime
    if (isFailed(span)) row.errorCount += 1
    rows.set(span.service, row)
  }
  for (const { node, from, to } of stretches) rows.get(node.span.service)!.pathTime += to - from
  for (const row of rows.values()) row.share = duration > 0 ? row.pathTime / duration : 0
  return [...rows.values()].toSorted(compareRows)
}

function compareRows(a: BreakdownRow, b: BreakdownRow): number {
  return b.pathTime - a.pathTime || b.selfTime - a.selfTime || compareTexts(a.service, b.service)
}
