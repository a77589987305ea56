import type { SpanData } from '@clew/core'
import { groupById, isEntry, pickParent } from './span-groups.js'
import type { SpanGroup } from './span-groups.js'

/** The recorded parents of a list of spans. Spans are named by their place in the list. */
export interface Parents {
  /** The parent of each span; -1 at the top. */
  readonly parents: Int32Array
  /** Spans whose recorded parent is not in the list. */
  readonly orphans: ReadonlySet<number>
  /** Spans that were each other's ancestors. The first one of each circle was made a top. */
  readonly cycles: readonly (readonly number[])[]
  readonly byId: ReadonlyMap<string, SpanGroup>
}

const NO_PARENT = /^0*$/

/** Finds the parent of every span. `spans` are in a settled order, on which the choice between shared ids depends. */
export function linkParents(spans: readonly SpanData[]): Parents {
  const byId = groupById(spans)
  const parents = new Int32Array(spans.length).fill(-1)
  const orphans = new Set<number>()
  const selfParents: number[][] = []
  spans.forEach((span, index) => {
    // Zipkin's shared spans: the server span has the id of the client span that called it.
    const twin = isEntry(span) ? byId.get(span.spanId)!.exit : undefined
    const group = hasParent(span) ? byId.get(span.parentSpanId!) : undefined
    const parent = twin ?? (group && pickParent(group, span, index))
    if (parent !== undefined) parents[index] = parent
    else if (group) selfParents.push([index])
    else if (hasParent(span)) orphans.add(index)
  })
  return { parents, orphans, byId, cycles: [...selfParents, ...breakCycles(parents)] }
}

/** True where a span names a parent. */
function hasParent(span: SpanData): boolean {
  return span.parentSpanId !== undefined && !NO_PARENT.test(span.parentSpanId)
}

/** True where a span may have begun a trace: it names no parent, or one in another process, which need not be traced. */
export function mayBeginTrace(span: SpanData): boolean {
  return !hasParent(span) || isEntry(span) || span.parentIsRemote === true
}

/** Cuts every circle at its first span, in place, and returns the circles. */
export function breakCycles(parents: Int32Array): number[][] {
  const cycles: number[][] = []
  const visitedBy = new Int32Array(parents.length).fill(-1)
  for (let start = 0; start < parents.length; start += 1) {
    let index = start
    while (index >= 0 && visitedBy[index] === -1) {
      visitedBy[index] = start
      index = parents[index]!
    }
    if (index >= 0 && visitedBy[index] === start) cycles.push(cutCycle(parents, index))
  }
  return cycles
}

function cutCycle(parents: Int32Array, member: number): number[] {
  const cycle = [member]
  for (let index = parents[member]!; index !== member; index = parents[index]!) cycle.push(index)
  cycle.sort((a, b) => a - b)
  parents[cycle[0]!] = -1
  return cycle
}
