import { compareText } from './compare.js'
import type { Page, TraceSummary } from './contract.js'
import { decodeCursor, encodeCursor, type Place } from './cursor.js'
import type { Pacer } from './pacer.js'
import type { ResolvedTraceQuery } from './query.js'
import type { StoredTrace } from './stored-trace.js'
import { createSpanTests } from './trace-match.js'
import type { TraceTable } from './trace-table.js'

type Slowness = Pick<TraceSummary, 'duration' | 'traceId'>
type TraceTest = (trace: StoredTrace) => boolean

interface Search {
  readonly table: TraceTable
  readonly query: ResolvedTraceQuery
  readonly place: Place | undefined
  readonly pacer: Pacer
}

/** Sorting more at once takes longer than a turn of the event loop should. */
const SORTED_AT_ONCE = 4_096

/** One page of the traces that meet the query. */
export async function searchTraces(table: TraceTable, query: ResolvedTraceQuery, pacer: Pacer): Promise<Page<TraceSummary>> {
  const place = decodeCursor(query)
  const find = query.order === 'newest' ? findNewest : findSlowest
  const found = await find({ table, query, place, pacer })
  const items = found.slice(0, query.limit)
  const last = items.at(-1)
  if (last === undefined || found.length <= query.limit) return { items }
  const value = query.order === 'newest' ? last.startTime : last.duration
  return { items, nextCursor: encodeCursor(query, { value, traceId: last.traceId }) }
}

/** Stops as soon as it is known whether there is another page. */
async function findNewest({ table, query, place, pacer }: Search): Promise<TraceSummary[]> {
  const matches = createTraceTest(query)
  const after = place && { startTime: place.value, traceId: place.traceId }
  const found: TraceSummary[] = []
  await pacer.visit(table.newestFirst({ from: query.from, to: query.to, after }, query.service), (trace) => {
    if (matches(trace)) found.push(trace.view.summary)
    return found.length <= query.limit
  })
  return found
}

/** Joins few more traces than needed: those with the longest spans first, until no other can be among the slowest. */
async function findSlowest({ table, query, place, pacer }: Search): Promise<TraceSummary[]> {
  const matches = createTraceTest(query)
  const found: TraceSummary[] = []
  const visit = (trace: StoredTrace): boolean => {
    const last = found[query.limit]
    if (last !== undefined && isSlower(last, trace)) return false
    if (!matches(trace) || (place !== undefined && !isBehind(trace.view.summary, place))) return true
    insertInOrder(found, trace.view.summary)
    found.length = Math.min(found.length, query.limit + 1)
    return true
  }
  const candidates = table.newestFirst(query, query.service)
  for (let start = 0; start < candidates.length; start += SORTED_AT_ONCE) {
    await pacer.visit(candidates.slice(start, start + SORTED_AT_ONCE).toSorted(compareBounds), visit)
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

function insertInOrder(found: TraceSummary[], summary: TraceSummary): void {
  const place = found.findLastIndex((other) => compareSlowness(other, summary) < 0)
  found.splice(place + 1, 0, summary)
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
