import type { SpanData } from '@clew/core'

/** The recorded parents of a list of spans. Spans are named by their place in the list. */
export interface Parents {
  /** The parent of each span; -1 at the top. */
  readonly parents: Int32Array
  /** Spans whose recorded parent is not in the list. */
  readonly orphans: ReadonlySet<number>
  /** Spans that were each other's ancestors. The first one of each circle was made a top. */
  readonly cycles: readonly (readonly number[])[]
  readonly byId: ReadonlyMap<string, readonly number[]>
}

const NO_PARENT = /^0*$/

/** Finds the parent of every span. `spans` are in a settled order, on which the choice between shared ids depends. */
export function linkParents(spans: readonly SpanData[]): Parents {
  const byId = indexById(spans)
  const parents = new Int32Array(spans.length).fill(-1)
  const orphans = new Set<number>()
  const selfParents: number[][] = []
  spans.forEach((span, index) => {
    const twin = findSharedClient(spans, byId.get(span.spanId) ?? [], index)
    const group = hasParent(span) ? byId.get(span.parentSpanId!) : []
    const parent = twin ?? pickParent(spans, group ?? [], index)
    if (parent !== undefined) parents[index] = parent
    else if (!group) orphans.add(index)
    else if (group.length > 0) selfParents.push([index])
  })
  return { parents, orphans, byId, cycles: [...selfParents, ...breakCycles(parents)] }
}

/** True where a span names a parent. */
export function hasParent(span: SpanData): boolean {
  return span.parentSpanId !== undefined && !NO_PARENT.test(span.parentSpanId)
}

/** True where a span may have begun a trace: it names no parent, or one in another process, which need not be traced. */
export function mayBeginTrace(span: SpanData): boolean {
  return !hasParent(span) || isEntry(span) || span.parentIsRemote === true
}

/** True for a span that begins a service's part: it answers a call or takes a message. */
export function isEntry(span: SpanData): boolean {
  return span.kind === 'server' || span.kind === 'consumer'
}

/** True for a span that calls another service or sends it a message. */
export function isExit(span: SpanData): boolean {
  return span.kind === 'client' || span.kind === 'producer'
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

function indexById(spans: readonly SpanData[]): Map<string, number[]> {
  const byId = new Map<string, number[]>()
  spans.forEach((span, index) => {
    const group = byId.get(span.spanId)
    if (group) group.push(index)
    else byId.set(span.spanId, [index])
  })
  return byId
}

/** Zipkin's shared spans: the server span has the id of the client span that called it. */
function findSharedClient(spans: readonly SpanData[], group: readonly number[], index: number): number | undefined {
  if (group.length < 2 || !isEntry(spans[index]!)) return undefined
  return group.find((other) => other !== index && isExit(spans[other]!))
}

/** Where several spans have the parent's id: calls belong to the caller's span, all else to the span of the same service that was called. */
function pickParent(spans: readonly SpanData[], group: readonly number[], index: number): number | undefined {
  if (group.length === 1) return group[0] === index ? undefined : group[0]
  const child = spans[index]!
  let best: number | undefined
  let bestScore = -1
  for (const candidate of group) {
    if (candidate === index) continue
    const score = scoreParent(spans[candidate]!, child)
    if (score > bestScore) [best, bestScore] = [candidate, score]
  }
  return best
}

function scoreParent(candidate: SpanData, child: SpanData): number {
  if (isEntry(child)) return isExit(candidate) ? 1 : 0
  return (candidate.service === child.service ? 2 : 0) + (isEntry(candidate) ? 1 : 0)
}
