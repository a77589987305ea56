import { isFailed, readAttribute, type Trace } from '@clew/analysis'
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
