import { isFailed, readAttribute, type Trace } from '@clew/analysis'
import type { TraceSummary } from './contract.js'

/** A trace in one row. `startTime` is the first start received. */
export function summarizeTrace(trace: Trace, startTime: number): TraceSummary {
  const { root, spans } = trace
  const statusCode = Number(readAttribute(root.attributes, 'http.response.status_code') ?? Number.NaN)
  return {
    traceId: trace.traceId,
    ...(trace.externalId === undefined ? {} : { externalId: trace.externalId }),
    startTime,
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
