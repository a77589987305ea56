import type { CriticalPath } from './critical-path.js'
import { cutName, formatMs, formatShare } from './format.js'
import { listIds } from './issues.js'
import { nodeLabel } from './span-label.js'
import type { BreakdownRow, Finding, SpanNode } from './types.js'

/** Spans of one service, kind and label: what a person calls one thing, done once or many times. */
interface Operation {
  readonly service: string
  readonly label: string
  /** Its own time on the critical path. */
  time: number
  /** The longest first. */
  nodes: SpanNode[]
  /** True where its longest span waited for others in between: the time is what was left over. */
  waited: boolean
}

/** An operation counts as significant from this share and this time on; below, it is worth a remark and no warning. */
const SIGNIFICANT_SHARE = 0.25
const SIGNIFICANT_MS = 100

/** A second operation is named from this share on. */
const NAMED_SHARE = 0.05

/** An operation with this part of its service's time speaks for the service. */
const SPEAKS_FOR_SERVICE = 0.9

/**
 * Says in one sentence what the request was waiting for most, and what came next. `warning` where that took at least 100 ms and a quarter
 * of the request, else `info`. Nothing where the request took no time.
 */
export function findBottleneck(path: CriticalPath, breakdown: readonly BreakdownRow[], duration: number): Finding | undefined {
  const operations = rankOperations(path)
  const [first] = operations
  if (!first || duration <= 0) return undefined
  const second = operations.find((other) => other !== first && !other.waited && other.time / duration >= NAMED_SHARE)
  const row = breakdown.find(({ service }) => service === first.service)
  const serviceTime = row?.pathTime ?? first.time
  const speaksAlone = first.time >= SPEAKS_FOR_SERVICE * serviceTime || breakdown.filter(({ pathTime }) => pathTime > 0).length === 1
  const share = first.time / duration
  return {
    kind: 'bottleneck',
    severity: share >= SIGNIFICANT_SHARE && first.time >= SIGNIFICANT_MS ? 'warning' : 'info',
    message: tellFirst(first, { duration, ...(speaksAlone ? {} : { serviceTime }) }) + (second ? tellSecond(second, first, duration) : ''),
    spanIds: [first, ...(second ? [second] : [])].flatMap(({ nodes }) => listIds(nodes.map((node) => node.span))),
    evidence: {
      service: first.service,
      operation: first.label,
      count: first.nodes.length,
      pathTimeMs: first.time,
      servicePathTimeMs: serviceTime,
      durationMs: duration,
      share,
    },
  }
}

function rankOperations({ stretches, callers }: CriticalPath): Operation[] {
  const times = new Map<SpanNode, number>()
  for (const { node, from, to } of stretches) times.set(node, (times.get(node) ?? 0) + to - from)
  const operations = new Map<string, Operation>()
  const longestFirst = [...times].toSorted(([, a], [, b]) => b - a)
  for (const [node, time] of longestFirst) {
    const { service, kind } = node.span
    const label = nodeLabel(node)
    const key = `${service}\n${kind}\n${label}`
    const operation = operations.get(key) ?? { service, label, time: 0, nodes: [], waited: callers.has(node) }
    operation.time += time
    operation.nodes.push(node)
    operations.set(key, operation)
  }
  return [...operations.values()].toSorted((a, b) => b.time - a.time)
}

function tellFirst(operation: Operation, { duration, serviceTime }: { duration: number; serviceTime?: number }): string {
  const place = tellPlace(operation)
  const time = serviceTime ?? operation.time
  const whole = `${cutName(operation.service)}: ${formatMs(time)} of ${formatMs(duration)} ms (${formatShare(time / duration)})`
  return serviceTime === undefined ? `${whole}, ${place}` : `${whole}, ${formatMs(operation.time)} ms of it ${place}`
}

function tellSecond(operation: Operation, first: Operation, duration: number): string {
  const service = operation.service === first.service ? '' : `${cutName(operation.service)}: `
  return `; then ${service}${formatMs(operation.time)} ms (${formatShare(operation.time / duration)}) ${tellPlace(operation)}`
}

function tellPlace({ label, nodes, waited }: Operation): string {
  const name = nodes.length > 1 ? `${formatMs(nodes.length)} × \`${cutName(label)}\`` : `\`${cutName(label)}\``
  if (!waited) return `in ${name}`
  const callees = new Set(nodes.map(findCallee))
  const [callee] = callees
  return callees.size === 1 && callee !== undefined ? `in ${name} outside ${cutName(callee)}` : `in ${name} itself`
}

/** The other service that a call led to. */
function findCallee({ span, children }: SpanNode): string | undefined {
  return span.kind === 'client' ? children.find((child) => child.span.service !== span.service)?.span.service : undefined
}
