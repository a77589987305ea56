import { isFailed, readAttribute, type SpanNode, type Trace, traceTree } from '@clew/analysis'
import type { SpanData } from '@clew/core'
import type { TraceSummary } from './contract.js'

/** A trace in one row. */
export function summarizeTrace(trace: Trace): TraceSummary {
  const { root, spans } = trace
  const statusCode = Number(readAttribute(root.attributes, 'http.response.status_code') ?? Number.NaN)
  return {
    traceId: trace.traceId,
    ...(trace.externalId === undefined ? {} : { externalId: trace.externalId }),
    startTime: spans.reduce((first, span) => Math.min(first, span.startTime), Infinity),
    duration: trace.duration,
    totalDuration: trace.totalDuration,
    rootService: root.service,
    rootName: root.name,
    ...(Number.isInteger(statusCode) ? { statusCode } : {}),
    spanCount: spans.length,
    errorCount: spans.filter(isFailed).length,
    services: trace.services.map((service) => service.name),
    state: trace.state,
  }
}

/** The failed spans of a trace that have no failed descendant: where its errors began. */
export function findDeepestFailures(trace: Trace): readonly SpanData[] {
  if (!trace.hasErrors) return []
  const failures: SpanData[] = []
  const above = new Set<SpanNode>()
  // Nodes come parents first, so that backwards each is met after all that is below it.
  for (const node of [...traceTree(trace).nodes.values()].toReversed()) {
    const isAbove = above.has(node)
    const failed = isFailed(node.span)
    if (failed && !isAbove) failures.push(node.span)
    if ((failed || isAbove) && node.parent !== undefined) above.add(node.parent)
  }
  return failures
}
