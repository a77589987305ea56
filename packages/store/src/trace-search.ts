import { compareText } from './compare.js'
import type { Page, TraceSummary } from './contract.js'
import { decodeCursor, encodeCursor, type Place } from './cursor.js'
import type { ResolvedTraceQuery } from './query.js'
import type { StoredTrace } from './stored-trace.js'
import { createSpanTests } from './trace-match.js'
import type { TraceTable } from './trace-table.js'

type TraceTest = (trace: StoredTrace) => boolean

/** One page of the traces that meet the query. */
export function searchTraces(table: TraceTable, query: ResolvedTraceQuery): Page<TraceSummary> {
  const place = decodeCursor(query)
  const found = query.order === 'newest' ? findNewest(table, query, place) : findSlowest(table, query, place)
  const items = found.slice(0, query.limit).map((trace) => trace.view.summary)
  const last = items.at(-1)
  if (last === undefined || found.length <= query.limit) return { items }
  const value = query.order === 'newest' ? last.startTime : last.duration
  return { items, nextCursor: encodeCursor(query, { value, traceId: last.traceId }) }
}

/** Stops as soon as it is known whether there is another page. */
function findNewest(table: TraceTable, query: ResolvedTraceQuery, place: Place | undefined): StoredTrace[] {
  const matches = createTraceTest(query)
  const after = place && { startTime: place.value, traceId: place.traceId }
  const found: StoredTrace[] = []
  for (const trace of table.newestFirst({ from: query.from, to: query.to, after }, query.service)) {
    if (matches(trace)) found.push(trace)
    if (found.length > query.limit) break
  }
  return found
}

function findSlowest(table: TraceTable, query: ResolvedTraceQuery, place: Place | undefined): StoredTrace[] {
  const matches = createTraceTest(query)
  const found: StoredTrace[] = []
  for (const trace of table.newestFirst(query, query.service)) {
    if ((place === undefined || isBehind(trace.view.summary, place)) && matches(trace)) found.push(trace)
  }
  return found.toSorted((a, b) => b.view.summary.duration - a.view.summary.duration || compareText(a.traceId, b.traceId))
}

function isBehind(summary: TraceSummary, place: Place): boolean {
  return summary.duration < place.value || (summary.duration === place.value && summary.traceId > place.traceId)
}

/** Asks what needs no join first. */
function createTraceTest(query: ResolvedTraceQuery): TraceTest {
  const { status, minDuration, maxDuration } = query
  const spanTests = createSpanTests(query)
  const needsSummary = status !== undefined || minDuration > -Infinity || maxDuration < Infinity
  return (trace) => {
    if (!spanTests.every((test) => trace.spans.some(test))) return false
    if (!needsSummary) return true
    const { duration, errorCount } = trace.view.summary
    if (status !== undefined && (status === 'error') !== errorCount > 0) return false
    return duration >= minDuration && duration <= maxDuration
  }
}
