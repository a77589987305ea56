import { isFailed, timeBounds, traceTree } from '@clew/analysis'
import type { PathStretch, SpanNode, TraceAnalysis } from '@clew/analysis'
import type { ExplainedTrace } from './api.js'

/** What lies below a span, itself left out. */
interface Below {
  readonly spans: number
  readonly errors: number
}

/** A trace made ready for drawing: its tree, and what the views look up per span id. */
export interface TraceModel {
  readonly roots: readonly SpanNode[]
  /** A key for each node: its span id, or something like it where two spans share one (Zipkin's client and server). */
  readonly keys: ReadonlyMap<SpanNode, string>
  readonly nodes: ReadonlyMap<string, SpanNode>
  readonly below: ReadonlyMap<SpanNode, Below>
  /** Stretches of the critical path. */
  readonly path: ReadonlyMap<SpanNode, readonly PathStretch[]>
  /** Failed spans, from the top of the tree to its bottom. */
  readonly errors: readonly SpanNode[]
  /** The failed ones among them. */
  readonly failed: ReadonlySet<SpanNode>
  /** The span that the trace waited for, and the one where its failure began, where they were found. */
  readonly bottleneck?: SpanNode
  readonly rootCause?: SpanNode
  /** The span to look at first: the first finding's, else the first root. */
  readonly firstId: string
  /** Unix epoch in milliseconds, clock offsets applied: from the first start to the latest end. */
  readonly startTime: number
  readonly endTime: number
}

/** Makes a trace ready for drawing. */
export function createTraceModel({ trace, analysis }: ExplainedTrace): TraceModel {
  const tree = traceTree(trace)
  const ordered = [...tree.nodes.values()]
  const keys = assignKeys(ordered)
  const nodes = new Map(ordered.map((node) => [keys.get(node)!, node]))
  const errors = ordered.filter((node) => isFailed(node.span))
  const failed = new Set(errors)
  return {
    roots: tree.roots,
    keys,
    nodes,
    below: countBelow(ordered, failed),
    path: placePath(analysis.criticalPath, ordered),
    errors,
    failed,
    ...markNodes(analysis, nodes),
    firstId: analysis.findings[0]?.spanIds[0] ?? trace.root.spanId,
    ...timeBounds(ordered),
  }
}

/** The rows on show: the tree from top to bottom (traces can be thousands of spans deep, hence no recursion), without what lies below the nodes whose keys are in `collapsed`. */
export function listRows({ roots, keys }: TraceModel, collapsed: ReadonlySet<string>): SpanNode[] {
  const rows: SpanNode[] = []
  const waiting = [...roots].reverse()
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    rows.push(node)
    if (collapsed.has(keys.get(node)!)) continue
    for (let index = node.children.length - 1; index >= 0; index -= 1) waiting.push(node.children[index]!)
  }
  return rows
}

/** A set of keys without those of a node's ancestors, so that the node is on show. */
export function unfoldTo({ keys }: TraceModel, node: SpanNode, collapsed: ReadonlySet<string>): ReadonlySet<string> {
  const next = new Set(collapsed)
  for (let parent = node.parent; parent; parent = parent.parent) next.delete(keys.get(parent)!)
  return next.size === collapsed.size ? collapsed : next
}

function assignKeys(ordered: readonly SpanNode[]): Map<SpanNode, string> {
  const counts = new Map<string, number>()
  return new Map(
    ordered.map((node) => {
      const { spanId } = node.span
      const count = (counts.get(spanId) ?? 0) + 1
      counts.set(spanId, count)
      return [node, count === 1 ? spanId : `${spanId}.${count}`]
    }),
  )
}

function countBelow(ordered: readonly SpanNode[], failed: ReadonlySet<SpanNode>): Map<SpanNode, Below> {
  const below = new Map<SpanNode, { spans: number; errors: number }>()
  for (const node of ordered) below.set(node, { spans: 0, errors: 0 })
  for (const node of [...ordered].reverse()) {
    const own = below.get(node)!
    const parent = node.parent && below.get(node.parent)
    if (!parent) continue
    parent.spans += own.spans + 1
    parent.errors += own.errors + (failed.has(node) ? 1 : 0)
  }
  return below
}

function markNodes({ findings }: TraceAnalysis, nodes: ReadonlyMap<string, SpanNode>): Pick<TraceModel, 'bottleneck' | 'rootCause'> {
  const find = (kind: string): SpanNode | undefined => nodes.get(findings.find((finding) => finding.kind === kind)?.spanIds[0] ?? '')
  const [bottleneck, rootCause] = [find('bottleneck'), find('root-cause')]
  return { ...(bottleneck && { bottleneck }), ...(rootCause && { rootCause }) }
}

/** A stretch belongs to the span of its id and service: two services may share an id. */
function placePath(path: readonly PathStretch[], nodes: readonly SpanNode[]): Map<SpanNode, PathStretch[]> {
  const owners = new Map(nodes.map((node) => [`${node.span.spanId} ${node.span.service}`, node]))
  const placed = new Map<SpanNode, PathStretch[]>()
  for (const stretch of path) {
    const owner = owners.get(`${stretch.spanId} ${stretch.service}`)
    const stretches = owner && placed.get(owner)
    if (stretches) stretches.push(stretch)
    else if (owner) placed.set(owner, [stretch])
  }
  return placed
}
