import { spanError } from '@clew/analysis'
import type { SpanData } from '@clew/core'
import { compareText } from './compare.js'
import type { ErrorGroup } from './contract.js'
import type { ResolvedErrorsQuery } from './query.js'

const MAX_TRACE_IDS = 5

/** Groups failed spans of one day by service, operation and error type: most frequent first, then the one last seen. */
export function groupErrors(failures: Iterable<SpanData>, query: ResolvedErrorsQuery): readonly ErrorGroup[] {
  const groups = new Map<string, SpanData[]>()
  for (const span of failures) {
    if (span.startTime < query.from || span.startTime >= query.to) continue
    if (query.service !== undefined && span.service !== query.service) continue
    const key = JSON.stringify([span.service, span.name, readErrorType(span)])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [span])
    else group.push(span)
  }
  return Array.from(groups.values(), (spans) => toGroup(spans, query.date))
    .toSorted(compareGroups)
    .slice(0, query.limit)
}

function toGroup(spans: SpanData[], date: string): ErrorGroup {
  const newestFirst = spans.toSorted(
    (a, b) => b.startTime - a.startTime || compareText(a.traceId, b.traceId) || compareText(a.spanId, b.spanId),
  )
  const [newest] = newestFirst as [SpanData, ...SpanData[]]
  const message = newestFirst.map((span) => spanError(span)?.message).find((text) => text !== undefined)
  return {
    date,
    service: newest.service,
    operation: newest.name,
    type: readErrorType(newest),
    ...(message === undefined ? {} : { message }),
    count: spans.length,
    firstSeen: newestFirst.at(-1)?.startTime ?? newest.startTime,
    lastSeen: newest.startTime,
    traceIds: [...new Set(newestFirst.map((span) => span.traceId))].slice(0, MAX_TRACE_IDS),
  }
}

function compareGroups(a: ErrorGroup, b: ErrorGroup): number {
  if (a.count !== b.count) return b.count - a.count
  if (a.lastSeen !== b.lastSeen) return b.lastSeen - a.lastSeen
  return compareText(a.service, b.service) || compareText(a.operation, b.operation) || compareText(a.type, b.type)
}

function readErrorType(span: SpanData): string {
  return spanError(span)?.type ?? 'error'
}
