import { compareText } from './compare.js'
import type { Page, TraceSummary } from './contract.js'
import { decodeCursor, encodeCursor, type Place } from './cursor.js'
import type { ResolvedTraceQuery } from './query.js'
import type { StoredTrace } from './stored-trace.js'
import { createSpanTests } from './trace-match.js'
import type { TraceTable } from './trace-table.js'

type Slowness = Pick<TraceSummary, 'duration' | 'traceId'>
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

/** Joins no more traces than needed: those with the longest spans first, until no other can be among the slowest. */
function findSlowest(table: TraceTable, query: ResolvedTraceQuery, place: Place | undefined): StoredTrace[] {
  const matches = createTraceTest(query)
  const candidates = [...table.newestFirst(query, query.service)].toSorted(compareBounds)
  const found: StoredTrace[] = []
  for (const trace of candidates) {
    const last = found[query.limit]
    if (last !== undefined && isSlower(last.view.summary, trace)) break
    if (!matches(trace) || (place !== undefined && !isBehind(trace.view.summary, place))) continue
    insertInOrder(found, trace)
    found.length = Math.min(found.length, query.limit + 1)
  }
  return found
}

/** By the longest span, which is as slow as the trace could be. */
function compareBounds(a: StoredTrace, b: StoredTrace): number {
  return b.longest - a.longest || compareText(a.traceId, b.traceId)
}

function isSlower(summary: TraceSummary, trace: StoredTrace): boolean {
  return compareSlowness(summary, { duration: trace.longest, traceId: trace.traceId }) < 0
}

function insertInOrder(found: StoredTrace[], trace: StoredTrace): void {
  const place = found.findLastIndex((other) => compareSlowness(other.view.summary, trace.view.summary) < 0)
  found.splice(place + 1, 0, trace)
}

function compareSlowness(a: Slowness, b: Slowness): number {
  return b.duration - a.duration || compareText(a.traceId, b.traceId)
}

function isBehind(summary: TraceSummary, place: Place): boolean {
  return compareSlowness({ duration: place.value, traceId: place.traceId }, summary) < 0
}

/** Asks what needs no join first. */
function createTraceTest(query: ResolvedTraceQuery): TraceTest {
  const { status, minDuration, maxDuration } = query
  const spanTests = createSpanTests(query)
  return (trace) => {
    if (trace.longest < minDuration || (status === 'error' && !trace.mayHaveFailed)) return false
    if (!spanTests.every((test) => trace.uniqueSpans.some(test))) return false
    if (minDuration > -Infinity && trace.view.summary.duration < minDuration) return false
    if (trace.longest > maxDuration && trace.view.summary.duration > maxDuration) return false
    return status === undefined || hasStatus(trace, status)
  }
}

function hasStatus(trace: StoredTrace, status: 'error' | 'ok'): boolean {
  const failed = trace.mayHaveFailed && trace.view.summary.errorCount > 0
  return failed === (status === 'error')
}
