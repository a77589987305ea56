import { SAME_MOMENT_MS } from './span-times.js'
import type { SpanNode } from './types.js'
import { isAwaited } from './waiting.js'

/** A stretch of the critical path, in milliseconds from the start of the root. */
export interface OwnStretch {
  readonly node: SpanNode
  readonly from: number
  readonly to: number
}

/** The critical path of a tree. */
export interface CriticalPath {
  /** In time order. They touch, and add up to the root's duration. */
  readonly stretches: readonly OwnStretch[]
  /** Nodes that waited for a child somewhere on the path. */
  readonly callers: ReadonlySet<SpanNode>
}

/** The children a node waited for, clipped to it. */
interface Awaited {
  /** Those that ended last come first. */
  readonly children: readonly OwnStretch[]
  /** For each place in `children`, and the one after the last: which of those before it started first. -1 at the beginning. */
  readonly longest: Int32Array
}

interface Walk {
  /** The root's start. All times count from here, as epoch milliseconds are too coarse to be summed. */
  readonly base: number
  readonly awaited: Map<SpanNode, Awaited>
  readonly waiting: OwnStretch[]
  readonly stretches: OwnStretch[]
  readonly callers: Set<SpanNode>
}

/**
 * Walks backwards from the end of the root: what was the request waiting for? At each moment that is the child that ended last before it,
 * down to the span that was itself at work. (After CRISP, Zhang et al., USENIX ATC 2022, which leaves the time between two children
 * to their parent; here a child that ran throughout that time takes it, so that a span's own stretches lie in its self time.)
 */
export function walkCriticalPath(root: SpanNode): CriticalPath {
  const whole = { node: root, from: 0, to: root.duration }
  const base = root.startTime
  const walk: Walk = { base, awaited: new Map([[root, listAwaited(whole, base)]]), waiting: [], stretches: [], callers: new Set() }
  if (root.duration > 0) walk.waiting.push(whole)
  for (let window = walk.waiting.pop(); window; window = walk.waiting.pop()) splitWindow(walk, window)
  walk.stretches.sort((a, b) => a.from - b.from)
  return { stretches: mergeStretches(walk.stretches), callers: walk.callers }
}

/** Divides one stretch of time of a node between the node itself and its children. */
function splitWindow(walk: Walk, window: OwnStretch): void {
  const awaited = walk.awaited.get(window.node)!
  const { children } = awaited
  let cursor = window.to
  let place = countEndingAfter(children, window.to + SAME_MOMENT_MS)
  for (; place < children.length && cursor > window.from; place += 1) {
    const child = children[place]!
    if (child.to <= window.from) break
    if (child.from >= cursor || child.to > cursor + SAME_MOMENT_MS) continue
    const to = Math.min(child.to, cursor)
    fillGap(walk, { node: window.node, from: to, to: cursor }, place)
    cursor = Math.max(child.from, window.from)
    enter(walk, window.node, { child, from: cursor, to })
  }
  fillGap(walk, { node: window.node, from: window.from, to: cursor }, place)
}

/**
 * Gives the time between two children to the child that ran throughout, if one did, and to the node itself otherwise.
 * Of the children before `place` only one that runs beyond the gap can have started before its end; the first of them covers most.
 */
function fillGap(walk: Walk, gap: OwnStretch, place: number): void {
  if (gap.to <= gap.from) return
  const { children, longest } = walk.awaited.get(gap.node)!
  const child = children[longest[place]!]
  if (!child || child.from >= gap.to) {
    walk.stretches.push(gap)
    return
  }
  const from = Math.max(child.from, gap.from)
  enter(walk, gap.node, { child, from, to: gap.to })
  if (from > gap.from) walk.stretches.push({ ...gap, to: from })
}

function enter(walk: Walk, parent: SpanNode, { child, from, to }: { child: OwnStretch; from: number; to: number }): void {
  walk.callers.add(parent)
  if (!walk.awaited.has(child.node)) walk.awaited.set(child.node, listAwaited(child, walk.base))
  walk.waiting.push({ node: child.node, from, to })
}

function listAwaited({ node, from, to }: OwnStretch, base: number): Awaited {
  const children: OwnStretch[] = []
  for (const child of node.children) {
    if (!isAwaited(child, node)) continue
    const start = child.startTime - base
    const clipped = { node: child, from: Math.max(start, from), to: Math.min(start + child.duration, to) }
    if (clipped.to > clipped.from) children.push(clipped)
  }
  children.sort((a, b) => b.to - a.to || a.from - b.from)
  return { children, longest: findLongest(children) }
}

function findLongest(children: readonly OwnStretch[]): Int32Array {
  const longest = new Int32Array(children.length + 1).fill(-1)
  children.forEach((child, index) => {
    const best = children[longest[index]!]
    longest[index + 1] = !best || child.from < best.from ? index : longest[index]!
  })
  return longest
}

/** How many of the children, the latest ends first, end after `time`. */
function countEndingAfter(children: readonly OwnStretch[], time: number): number {
  let low = 0
  let high = children.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (children[middle]!.to > time) low = middle + 1
    else high = middle
  }
  return low
}

function mergeStretches(stretches: readonly OwnStretch[]): OwnStretch[] {
  const merged: OwnStretch[] = []
  for (const stretch of stretches) {
    const last = merged.at(-1)
    if (last?.node === stretch.node) merged[merged.length - 1] = { ...last, to: stretch.to }
    else merged.push(stretch)
  }
  return merged
}
