import type { SpanData } from '@clew/core'
import { createClockReader } from './clock-reader.js'
import type { ClockReader } from './clock-reader.js'
import { findClockOffsets } from './clock-offsets.js'
import { dropDuplicates } from './duplicates.js'
import { inferParents } from './inferred-parents.js'
import { listIssues } from './issues.js'
import type { JoinNotes } from './issues.js'
import { linkParents, mayBeginTrace } from './parents.js'
import { readText } from './attributes.js'
import { isFailed } from './span-error.js'
import { compareNumbers, compareSpans, readDuration, readStart } from './span-times.js'
import { decideState } from './trace-state.js'
import { findRootNode, traceTree } from './trace-tree.js'
import type { TraceParts } from './trace-tree.js'
import type { SpanNode, Trace, TraceService } from './types.js'

/**
 * Joins the spans of one trace, from however many services and in whatever order they arrived.
 *
 * Duplicates are dropped, parents that are missing are inferred where only one place fits, clocks that differ are found, circular parents
 * are cut; `issues` names all of it. The spans themselves are left as they were recorded. Odd times and ids do no harm.
 *
 * @throws RangeError where `spans` is empty.
 * @example
 * ```ts
 * const trace = joinTrace(spans)
 * console.log(trace.root.name, trace.duration, trace.services.length, trace.state)
 * ```
 */
export function joinTrace(spans: readonly SpanData[]): Trace {
  if (spans.length === 0) throw new RangeError('joinTrace needs at least one span')
  const { parts, notes } = joinSpans(spans)
  const tree = traceTree(parts)
  const root = findRootNode(parts, tree)!
  const nodes = [...tree.nodes.values()]
  const issues = listIssues(tree, root, notes)
  const externalId = findExternalId(parts)
  return {
    traceId: parts.root.traceId,
    ...(externalId === undefined ? {} : { externalId }),
    ...parts,
    ...measureExtent(nodes, root),
    services: countServices(parts.spans),
    hasErrors: parts.spans.some(isFailed),
    state: decideState(nodes, root, issues),
    issues,
  }
}

function joinSpans(arrived: readonly SpanData[]): { parts: TraceParts; notes: JoinNotes } {
  const { spans, duplicated } = dropDuplicates(arrived)
  spans.sort(compareSpans)
  const links = linkParents(spans)
  const clocks = findClockOffsets(spans, links.parents)
  const clockOffsets = Object.fromEntries(clocks.filter(({ offset }) => offset !== 0).map(({ clock, offset }) => [clock, offset]))
  const clock = createClockReader(clockOffsets, spans)
  const inferred = inferParents(spans, links, clock)
  const tops = spans.filter((_, index) => links.parents[index] === -1 && !inferred.has(index))
  const inferredParents = Object.fromEntries([...inferred].map(([child, parent]) => [spans[child]!.spanId, spans[parent]!.spanId]))
  return {
    parts: { spans, root: chooseRoot(tops, clock), inferredParents, clockOffsets },
    notes: {
      duplicated: duplicated.toSorted(compareSpans),
      clocks,
      cycles: links.cycles.map((cycle) => cycle.map((index) => spans[index]!)),
    },
  }
}

/** The earliest top that may have begun the trace, else the earliest; of those that began at once, the longest. */
function chooseRoot(tops: readonly SpanData[], clock: ClockReader): SpanData {
  const beginnings = tops.filter(mayBeginTrace)
  const candidates = beginnings.length > 0 ? beginnings : tops
  const start = (span: SpanData): number => (readStart(span) ?? Infinity) + clock(span)
  const compare = (a: SpanData, b: SpanData): number => compareNumbers(start(a), start(b)) || readDuration(b) - readDuration(a)
  return candidates.reduce((best, span) => (compare(span, best) < 0 ? span : best))
}

function measureExtent(nodes: readonly SpanNode[], root: SpanNode): Pick<Trace, 'startTime' | 'duration' | 'totalDuration'> {
  let first = 0
  let last = 0
  for (const { startTime, duration } of nodes) {
    first = Math.min(first, startTime - root.startTime)
    last = Math.max(last, startTime - root.startTime + duration)
  }
  return { startTime: root.startTime + first, duration: root.duration, totalDuration: last - first }
}

function countServices(spans: readonly SpanData[]): TraceService[] {
  const services = new Map<string, { name: string; spanCount: number; errorCount: number }>()
  for (const span of spans) {
    const row = services.get(span.service) ?? { name: span.service, spanCount: 0, errorCount: 0 }
    row.spanCount += 1
    if (isFailed(span)) row.errorCount += 1
    services.set(span.service, row)
  }
  return [...services.values()]
}

function findExternalId({ spans, root }: TraceParts): string | undefined {
  const known = readText(root.attributes, 'trace.external_id')
  if (known !== undefined) return known
  for (const span of spans) {
    const id = readText(span.attributes, 'trace.external_id')
    if (id !== undefined) return id
  }
  return undefined
}
