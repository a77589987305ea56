import { findBottleneck } from './bottleneck.js'
import { breakDown } from './breakdown.js'
import { walkCriticalPath } from './critical-path.js'
import type { OwnStretch } from './critical-path.js'
import { findRootCause } from './root-cause.js'
import { findRootNode, traceTree } from './trace-tree.js'
import type { Finding, PathStretch, SpanNode, Trace, TraceAnalysis, TraceIssue } from './types.js'

/**
 * Explains a trace: what the request was waiting for at each moment, what each service contributed, and what a person should know first.
 *
 * The stretches of `criticalPath` touch each other and add up to the root's duration; messages taken elsewhere and work after the response
 * are not on it. `findings` begins with the cause of the failure where the request failed; otherwise with a significant bottleneck,
 * then an error that was handled, a bottleneck of no weight, what is missing, and clocks. Times are milliseconds.
 *
 * @example
 * ```ts
 * const { findings } = analyzeTrace(joinTrace(spans))
 * console.log(findings[0]?.message) // orders: 2,412 of 2,500 ms (96 %), in `SELECT orders`
 * ```
 */
export function analyzeTrace(trace: Trace): TraceAnalysis {
  const tree = traceTree(trace)
  const root = findRootNode(trace, tree)
  if (!root) throw new RangeError('trace.root is not among trace.spans')
  const path = walkCriticalPath(root)
  const breakdown = breakDown(tree.nodes.values(), path.stretches, root.duration)
  const findings = [findRootCause(tree, root), findBottleneck(path, breakdown, root.duration), ...trace.issues.map(toFinding)]
  return {
    criticalPath: path.stretches.map((stretch) => toPathStretch(stretch, root)),
    breakdown,
    findings: findings.filter((finding) => finding !== undefined).sort((a, b) => rankFinding(a) - rankFinding(b)),
  }
}

function toPathStretch({ node, from, to }: OwnStretch, root: SpanNode): PathStretch {
  return { spanId: node.span.spanId, service: node.span.service, startTime: root.startTime + from, duration: to - from }
}

const GAPS: ReadonlySet<TraceIssue['kind']> = new Set(['missing-parent', 'multiple-roots', 'unfinished', 'incomplete', 'cycle'])

/** What makes the answer uncertain. Other issues were handled and changed nothing in it. */
function toFinding({ kind, message, spanIds, evidence }: TraceIssue): Finding | undefined {
  if (kind === 'clock-skew') return { kind, severity: 'info', message, spanIds, evidence }
  return GAPS.has(kind) ? { kind: 'incomplete', severity: 'warning', message, spanIds, evidence: { ...evidence, issue: kind } } : undefined
}

function rankFinding({ kind, severity }: Finding): number {
  if (kind === 'clock-skew') return 6
  if (kind === 'incomplete') return 5
  if (kind === 'bottleneck') return severity === 'warning' ? 1 : 3
  return severity === 'error' ? 0 : severity === 'warning' ? 2 : 4
}
