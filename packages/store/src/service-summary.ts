import { isFailed } from '@clew/analysis'
import type { SpanData } from '@clew/core'
import { compareText } from './compare.js'
import type { OperationSummary, ServiceSummary } from './contract.js'
import { getOrCreate } from './get-or-create.js'

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

/** Counts spans by service. Those of a trace have to come one after another. */
export class ServiceTally {
  readonly #tallies = new Map<string, Tally>()

  add(span: SpanData): void {
    const tally = getOrCreate(this.#tallies, span.service, () => createTally(span))
    addToTally(tally, span)
    addVersion(tally.versions, span)
  }

  /** By name. */
  list(): readonly ServiceSummary[] {
    return Array.from(this.#tallies.values(), toServiceSummary).toSorted((a, b) => compareText(a.name, b.name))
  }
}

/** Counts the spans of one service by name and kind. */
export class OperationTally {
  readonly #tallies = new Map<string, Map<string, Tally>>()

  add(span: SpanData): void {
    const byKind = getOrCreate(this.#tallies, span.name, () => new Map<string, Tally>())
    addToTally(
      getOrCreate(byKind, span.kind, () => createTally(span)),
      span,
    )
  }

  /** By name, then kind. */
  list(): readonly OperationSummary[] {
    const tallies = [...this.#tallies.values()].flatMap((byKind) => [...byKind.values()])
    return tallies.map(toOperationSummary).toSorted((a, b) => compareText(a.name, b.name) || compareText(a.kind, b.kind))
  }
}

function createTally(first: SpanData): Tally {
  return { first, versions: new Map(), traceId: '', traceCount: 0, spanCount: 0, errorCount: 0, lastSeen: first.startTime }
}

function addToTally(tally: Tally, span: SpanData): void {
  if (tally.traceId !== span.traceId) tally.traceCount += 1
  tally.traceId = span.traceId
  tally.spanCount += 1
  if (isFailed(span)) tally.errorCount += 1
  tally.lastSeen = Math.max(tally.lastSeen, span.startTime)
}

function addVersion(versions: Map<string, number>, { resource, startTime }: SpanData): void {
  const version = resource.attributes['service.version']
  if (typeof version === 'string') versions.set(version, Math.max(versions.get(version) ?? startTime, startTime))
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
