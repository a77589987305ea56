import type { SpanData } from '@clew/core'
import type { ClockOffset } from './clock-offsets.js'
import { cutName, formatCount, formatDuration } from './format.js'
import { mayBeginTrace } from './parents.js'
import { nodeLabel, spanLabel } from './span-label.js'
import { hasValidTimes, isUnfinished, JITTER_MS } from './span-times.js'
import type { SpanNode, TraceIssue, TraceTree } from './types.js'
import { listAsynchronous } from './waiting.js'

/** What was found while spans were joined, beside the tree itself. */
export interface JoinNotes {
  readonly duplicated: readonly SpanData[]
  readonly cycles: readonly (readonly SpanData[])[]
  readonly clocks: readonly ClockOffset[]
}

const MOST_IDS = 100

/** The ids of spans that are talked about, cut at 100. */
export function listIds(spans: readonly SpanData[]): string[] {
  return spans.slice(0, MOST_IDS).map((span) => span.spanId)
}

/** Everything that had to be handled in a trace, in a settled order. */
export function listIssues(tree: TraceTree, root: SpanNode, notes: JoinNotes): TraceIssue[] {
  const nodes = [...tree.nodes.values()]
  const spans = nodes.map((node) => node.span)
  return [
    ...tellMissingParents(nodes, isCutOff(root.span, notes) ? [root.span] : []),
    ...tellInferredParents(nodes),
    ...tellRoots(tree.roots, root),
    ...notes.clocks.map(tellClock),
    ...tellUnfinished(spans.filter(isUnfinished)),
    ...tellIncomplete(spans.filter(isIncomplete)),
    ...tellLate(nodes, root),
    ...tellDuplicates(notes.duplicated),
    ...notes.cycles.map(tellCycle),
    ...tellInvalidTimes(spans.filter((span) => !hasValidTimes(span))),
  ]
}

/** Says what a span is, and where: `GET /orders/:id` in orders. */
function describeSpan(span: SpanData, label: string = spanLabel(span)): string {
  return `\`${cutName(label)}\` in ${cutName(span.service)}`
}

/** The caller of a whole trace may well be outside of what is traced; only a parent within the root's own process is missed. */
function isCutOff(root: SpanData, { cycles }: JoinNotes): boolean {
  if (mayBeginTrace(root)) return false
  return !cycles.some(([first]) => first === root)
}

function tellMissingParents(nodes: readonly SpanNode[], cutOff: readonly SpanData[]): TraceIssue[] {
  const orphans = nodes.filter((node) => node.place === 'orphan').map((node) => node.span)
  const spans = [...cutOff, ...orphans]
  return tell('missing-parent', spans, {
    one: (span) => `The parent of ${span} was not recorded`,
    many: (count) => `The parents of ${count} were not recorded`,
  })
}

function tellInferredParents(nodes: readonly SpanNode[]): TraceIssue[] {
  const inferred = nodes.filter((node) => node.place === 'inferred')
  const above = inferred[0]?.parent
  return tell(
    'inferred-parent',
    inferred.map((node) => node.span),
    {
      one: (span) =>
        `${span} names no parent that was recorded; by its time it belongs to ${above ? describeSpan(above.span, nodeLabel(above)) : 'a call'}`,
      many: (count) => `${count} name no parent that was recorded and were placed by their time`,
    },
  )
}

function tellRoots(roots: readonly SpanNode[], root: SpanNode): TraceIssue[] {
  const others = roots.filter((node) => node !== root && node.place === 'root').map((node) => node.span)
  return tell('multiple-roots', others, {
    one: (span) => `${span} has no parent although it is not the root`,
    many: (count) => `${count} have no parent although they are not the root`,
  })
}

function tellClock({ clock, reference, offset, uncertainty, servers }: ClockOffset): TraceIssue {
  const direction = offset > 0 ? 'behind' : 'ahead of'
  return {
    kind: 'clock-skew',
    message: `The clock of ${cutName(clock)} is ${formatDuration(Math.abs(offset))} ${direction} that of ${cutName(reference)}; its spans are shown shifted`,
    spanIds: listIds(servers),
    evidence: { count: servers.length, clock, reference, offsetMs: offset, uncertaintyMs: uncertainty },
  }
}

function tellUnfinished(spans: readonly SpanData[]): TraceIssue[] {
  return tell('unfinished', spans, {
    one: (span) => `${span} had not ended when it was exported`,
    many: (count) => `${count} had not ended when they were exported`,
  })
}

/** True where a process says of its part that it did not keep or record all of it. */
function isIncomplete({ attributes, parentIsRemote }: SpanData): boolean {
  const isCutRoot = attributes['clew.cut'] === true && parentIsRemote !== false
  return isCutRoot || attributes['clew.incomplete'] !== undefined || attributes['clew.dropped_spans'] !== undefined
}

function tellIncomplete(spans: readonly SpanData[]): TraceIssue[] {
  return tell('incomplete', spans, {
    one: (span) => `Of what belongs to ${span} not everything was kept`,
    many: (count) => `Of what belongs to ${count} not everything was kept`,
  })
}

/** Work after the root's end, other than taking messages. A root that is unfinished has none yet. */
function tellLate(nodes: readonly SpanNode[], root: SpanNode): TraceIssue[] {
  if (isUnfinished(root.span)) return []
  const asynchronous = listAsynchronous(nodes)
  const late = nodes.filter((node) => node !== root && !asynchronous.has(node) && isLate(node, root)).map((node) => node.span)
  return tell('late', late, {
    one: (span) => `${span} began after the root had ended`,
    many: (count) => `${count} began after the root had ended`,
  })
}

function isLate({ span, startTime }: SpanNode, root: SpanNode): boolean {
  return span.attributes['clew.after_root'] === true || startTime - root.startTime - root.duration > JITTER_MS
}

function tellDuplicates(spans: readonly SpanData[]): TraceIssue[] {
  return tell('duplicate', spans, {
    one: (span) => `${span} arrived more than once; the most complete one is shown`,
    many: (count) => `${count} arrived more than once; the most complete ones are shown`,
  })
}

function tellCycle(spans: readonly SpanData[]): TraceIssue {
  const message =
    spans.length === 1
      ? `${describeSpan(spans[0]!)} is its own parent; it is shown as a root`
      : `${formatCount(spans.length, 'span')} are each other's ancestors; the first, ${describeSpan(spans[0]!)}, is shown as a root`
  return { kind: 'cycle', message, spanIds: listIds(spans), evidence: { count: spans.length } }
}

function tellInvalidTimes(spans: readonly SpanData[]): TraceIssue[] {
  return tell('invalid-time', spans, {
    one: (span) => `${span} has a start or duration that is no time; it is shown without extent or at its parent's start`,
    many: (count) => `${count} have a start or duration that is no time; they are shown without extent or at their parent's start`,
  })
}

interface Sentences {
  readonly one: (span: string) => string
  readonly many: (count: string) => string
}

function tell(kind: TraceIssue['kind'], spans: readonly SpanData[], { one, many }: Sentences): TraceIssue[] {
  const [first] = spans
  if (!first) return []
  const message = spans.length === 1 ? one(describeSpan(first)) : many(formatCount(spans.length, 'span'))
  return [{ kind, message, spanIds: listIds(spans), evidence: { count: spans.length } }]
}
