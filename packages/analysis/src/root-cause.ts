import { linkFailures, listCauses, sharesMessage } from './error-origins.js'
import type { Failures } from './error-origins.js'
import { cutName } from './format.js'
import { listIds } from './issues.js'
import { describeError, isFailed, spanError } from './span-error.js'
import { nodeLabel } from './span-label.js'
import { compareNumbers, JITTER_MS } from './span-times.js'
import type { Finding, SpanNode, TraceTree } from './types.js'

/**
 * Says where an error came from, and through which services it went: from the topmost failed span down to the one that failed first of all.
 * `error` where the request failed with it, `warning` where that was handled, `info` where all it was is a 4xx answer to a call.
 */
export function findRootCause(tree: TraceTree, root: SpanNode): Finding | undefined {
  const nodes = [...tree.nodes.values()]
  const top = findTop(nodes, root)
  if (!top) return undefined
  const origin = descend(top, linkFailures(nodes))
  const way = listWay(origin, top)
  const wasFatal = isFatal(top, root)
  const { type, message } = spanError(origin.span) ?? {}
  const { service } = origin.span
  const services = [...new Set(way.map(({ span }) => span.service))].filter((name) => name !== service)
  const label = nodeLabel(origin)
  const fault = describeError(origin.span) ?? 'failed'
  return {
    kind: 'root-cause',
    severity: wasFatal ? 'error' : isRefusedCall(origin) ? 'info' : 'warning',
    message: `${cutName(service)}: ${fault}, in \`${cutName(label)}\`${tellWay(services.map(cutName))}${tellEnd(top, root)}`,
    spanIds: listIds([origin, ...way].map(({ span }) => span)),
    evidence: {
      service,
      operation: label,
      ...(type === undefined ? {} : { type }),
      ...(message === undefined ? {} : { message }),
      failedSpans: nodes.filter(({ span }) => isFailed(span)).length,
    },
  }
}

/** Where to begin: at the root, else at a failed consumer, else at the first failed span that no failed one stands above. */
function findTop(nodes: readonly SpanNode[], root: SpanNode): SpanNode | undefined {
  if (isFailed(root.span)) return root
  const failed = nodes.filter(({ span }) => isFailed(span))
  const below = new Set<SpanNode>()
  for (const node of nodes) if (node.parent && (below.has(node.parent) || isFailed(node.parent.span))) below.add(node)
  return failed.find(({ span }) => span.kind === 'consumer') ?? failed.find((node) => !below.has(node))
}

function isFatal(top: SpanNode, root: SpanNode): boolean {
  return top === root || top.span.kind === 'consumer'
}

function descend(top: SpanNode, failures: Failures): SpanNode {
  let origin = top
  for (let next = pickCause(top, failures); next; next = pickCause(next, failures)) origin = next
  return origin
}

/**
 * The failure with the node's own message, else a direct child, else the last to end by the node's end: what failed before was retried
 * or handled.
 */
function pickCause(node: SpanNode, failures: Failures): SpanNode | undefined {
  const ranked = listCauses(node, failures).map((failure) => {
    const end = failure.startTime - node.startTime + failure.duration
    const inTime = end <= node.duration + JITTER_MS
    return {
      failure,
      rank: [Number(sharesMessage(failure.span, node.span)), Number(failure.parent === node), Number(inTime), end] as const,
    }
  })
  return ranked.reduce<(typeof ranked)[number] | undefined>(
    (best, item) => (!best || compareRanks(item.rank, best.rank) > 0 ? item : best),
    undefined,
  )?.failure
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const order = compareNumbers(value, b[index]!)
    if (order !== 0) return order
  }
  return 0
}

/** The failed spans above the origin, up to the topmost one. */
function listWay(origin: SpanNode, top: SpanNode): SpanNode[] {
  const way: SpanNode[] = []
  for (let node: SpanNode | undefined = origin; node && node !== top; node = node.parent) {
    if (node.parent && isFailed(node.parent.span)) way.push(node.parent)
  }
  return way
}

function tellWay(services: readonly string[]): string {
  const last = services.at(-1)
  if (last === undefined) return ''
  const through = services.slice(0, -1)
  return through.length === 0 ? `; passed up to ${last}` : `; passed up through ${through.join(', ')} to ${last}`
}

function tellEnd(top: SpanNode, root: SpanNode): string {
  return top === root ? '' : '; the request itself did not fail'
}

function isRefusedCall({ span }: SpanNode): boolean {
  return span.kind === 'client' && /^HTTP 4\d\d$/.test(describeError(span) ?? '')
}
