import { isFailed } from '@clew/analysis'
import type { SpanData } from '@clew/core'
import { compareText } from './compare.js'
import type { OperationSummary, ServiceSummary } from './contract.js'

interface Tally {
  readonly first: SpanData
  /** Start of the latest span by version. */
  readonly versions: Map<string, number>
  /** The trace of the span that was counted last. */
  traceId: string
  traceCount: number
  spanCount: number
  errorCount: number
  lastSeen: number
}

/** Counts spans by service; by name. The spans of a trace come one after another. */
export function summarizeServices(spans: Iterable<SpanData>): readonly ServiceSummary[] {
  const tallies = tallySpans(spans, (span) => span.service)
  return tallies.map(toServiceSummary).toSorted((a, b) => compareText(a.name, b.name))
}

/** Counts the spans of one service by name and kind; by name, then kind. */
export function summarizeOperations(spans: Iterable<SpanData>): readonly OperationSummary[] {
  const tallies = tallySpans(spans, (span) => `${span.kind} ${span.name}`)
  return tallies.map(toOperationSummary).toSorted((a, b) => compareText(a.name, b.name) || compareText(a.kind, b.kind))
}

function tallySpans(spans: Iterable<SpanData>, keyOf: (span: SpanData) => string): Tally[] {
  const tallies = new Map<string, Tally>()
  for (const span of spans) {
    const key = keyOf(span)
    let tally = tallies.get(key)
    if (tally === undefined) {
      tally = { first: span, versions: new Map(), traceId: '', traceCount: 0, spanCount: 0, errorCount: 0, lastSeen: span.startTime }
      tallies.set(key, tally)
    }
    addToTally(tally, span)
  }
  return [...tallies.values()]
}

function addToTally(tally: Tally, span: SpanData): void {
  if (tally.traceId !== span.traceId) tally.traceCount += 1
  tally.traceId = span.traceId
  tally.spanCount += 1
  if (isFailed(span)) tally.errorCount += 1
  tally.lastSeen = Math.max(tally.lastSeen, span.startTime)
  const version = span.resource.attributes['service.version']
  if (typeof version === 'string') tally.versions.set(version, Math.max(tally.versions.get(version) ?? span.startTime, span.startTime))
}

function toServiceSummary(tally: Tally): ServiceSummary {
  const versions = [...tally.versions].toSorted(([a, lastA], [b, lastB]) => lastB - lastA || compareText(a, b))
  return {
    name: tally.first.service,
    traceCount: tally.traceCount,
    spanCount: tally.spanCount,
    errorCount: tally.errorCount,
    lastSeen: tally.lastSeen,
    versions: versions.map(([version]) => version),
  }
}

function toOperationSummary(tally: Tally): OperationSummary {
  const { service, name, kind } = tally.first
  return { service, name, kind, spanCount: tally.spanCount, errorCount: tally.errorCount, lastSeen: tally.lastSeen }
}
