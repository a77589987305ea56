import type { SpanData } from '@clew/core'
import { createClockReader } from './clock-reader.js'
import type { ClockReader } from './clock-reader.js'
import { breakCycles, linkParents } from './parents.js'
import type { Parents } from './parents.js'
import { measureSelfTime } from './self-time.js'
import { compareNumbers, readDuration, readStart } from './span-times.js'
import type { SpanNode, Trace, TraceTree } from './types.js'

/** What of a trace its tree is made of. */
export type TraceParts = Pick<Trace, 'spans' | 'root' | 'inferredParents' | 'clockOffsets'>

/** A node while it is being placed. */
type NodeDraft = { -readonly [Key in keyof SpanNode]: SpanNode[Key] } & { children: NodeDraft[] }

interface Placing {
  readonly clock: ClockReader
  /** Start of what has neither a start nor a parent. */
  readonly fallback: number
}

/**
 * Puts the spans of a trace into their places: recorded and inferred parents, starts with clock offsets applied, self times.
 * Takes time in proportion to the number of spans, however deep they are nested, and ends on circular parents too.
 *
 * @example
 * ```ts
 * const { roots, nodes } = traceTree(trace)
 * for (const node of nodes.values()) console.log(' '.repeat(node.depth), spanLabel(node.span), node.selfTime)
 * ```
 */
export function traceTree(trace: TraceParts): TraceTree {
  const links = linkParents(trace.spans)
  const inferred = applyInferred(trace, links)
  breakCycles(links.parents)
  const drafts = createDrafts(trace, links, inferred)
  const timed = trace.spans.find((span) => readStart(span) !== undefined)
  const placing = { clock: createClockReader(trace.clockOffsets, trace.spans), fallback: timed?.startTime ?? 0 }
  const roots = drafts.filter((draft) => !draft.parent)
  for (const root of roots) placeInTime(root, placing)
  roots.sort(compareStarts)
  return { roots, nodes: placeDescendants(roots, placing) }
}

/** The node of the trace's root. It is looked for by its ids, as a trace that was read from JSON holds a copy. */
export function findRootNode(trace: TraceParts, { nodes }: TraceTree): SpanNode | undefined {
  const known = nodes.get(trace.root)
  if (known) return known
  for (const node of nodes.values()) if (isSameSpan(node.span, trace.root)) return node
  return undefined
}

/** Hangs tops under their inferred parents, in place, and returns which. */
function applyInferred({ inferredParents }: TraceParts, { parents, byId }: Parents): Set<number> {
  const inferred = new Set<number>()
  for (const [childId, parentId] of Object.entries(inferredParents)) {
    const child = byId.get(childId)?.members.find((index) => parents[index] === -1)
    const group = byId.get(parentId)
    const parent = group?.exit ?? group?.members[0]
    if (child === undefined || parent === undefined || child === parent) continue
    parents[child] = parent
    inferred.add(child)
  }
  return inferred
}

function createDrafts({ spans, root }: TraceParts, { parents, orphans }: Parents, inferred: ReadonlySet<number>): NodeDraft[] {
  const drafts = spans.map((span, index): NodeDraft => {
    const place = parents[index]! >= 0 ? (inferred.has(index) ? 'inferred' : 'recorded') : 'root'
    const isOrphan = place === 'root' && orphans.has(index) && !isSameSpan(span, root)
    const duration = readDuration(span)
    return { span, children: [], depth: 0, place: isOrphan ? 'orphan' : place, startTime: 0, duration, selfTime: duration }
  })
  drafts.forEach((draft, index) => {
    const parent = drafts[parents[index]!]
    if (!parent) return
    draft.parent = parent
    parent.children.push(draft)
  })
  return drafts
}

/** From top to bottom, as a span without a start takes its parent's. */
function placeDescendants(roots: readonly NodeDraft[], placing: Placing): Map<SpanData, SpanNode> {
  const nodes = new Map<SpanData, SpanNode>()
  const waiting = roots.toReversed()
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    nodes.set(node.span, node)
    for (const child of node.children) placeInTime(child, placing)
    node.children.sort(compareStarts)
    node.selfTime = measureSelfTime(node)
    for (let index = node.children.length - 1; index >= 0; index -= 1) waiting.push(node.children[index]!)
  }
  return nodes
}

function placeInTime(draft: NodeDraft, { clock, fallback }: Placing): void {
  const { span, parent } = draft
  const start = readStart(span)
  draft.startTime = start === undefined ? (parent?.startTime ?? fallback) : start + clock(span)
  draft.depth = parent ? parent.depth + 1 : 0
}

/** Equal ones keep their order, which is the order of recorded starts. */
function compareStarts(a: SpanNode, b: SpanNode): number {
  return compareNumbers(a.startTime, b.startTime)
}

function isSameSpan(a: SpanData, b: SpanData): boolean {
  return a === b || (a.spanId === b.spanId && a.kind === b.kind && a.service === b.service)
}
