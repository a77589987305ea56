import type { SpanData } from '@clew/core'
import { exceptionStack, exceptionTime, hasException, isFailed, spanError } from './span-error.js'
import { JITTER_MS } from './span-times.js'
import { traceTree } from './trace-tree.js'
import type { SpanNode, Trace } from './types.js'
import { isAsynchronous } from './waiting.js'

/** For each failed node, the failed nodes next below it that it may have failed of. */
export type Failures = ReadonlyMap<SpanNode, readonly SpanNode[]>

/** An exception thrown within so many milliseconds of the end of a failed call, with nothing begun between, is an answer to it. */
const ANSWER_MS = 20

/** A shorter message that is found within another text is no evidence. */
const TELLING_LENGTH = 8

/** Classes that errors of all sorts have in common. */
const COMMON_TYPES: ReadonlySet<string> = new Set(
  'Error Exception TypeError RangeError ReferenceError SyntaxError EvalError URIError AggregateError DOMException'.split(' '),
)

/**
 * The spans in which the errors of a trace began: those that failed of nothing that failed below them. From top to bottom.
 *
 * A failed span fails of what failed below it, unless it recorded an exception of its own. Then it does so only where that exception
 * has the same message or code, quotes the message (in its own, or in its stack as a cause), or was thrown right after a call had failed.
 *
 * @example
 * ```ts
 * for (const span of findErrorOrigins(trace)) console.log(span.service, describeError(span))
 * ```
 */
export function findErrorOrigins(trace: Trace): SpanData[] {
  if (!trace.hasErrors) return []
  const nodes = [...traceTree(trace).nodes.values()]
  const failures = linkFailures(nodes)
  return nodes.filter((node) => isFailed(node.span) && listCauses(node, failures).length === 0).map(({ span }) => span)
}

/** `nodes` are in order from top to bottom. */
export function linkFailures(nodes: readonly SpanNode[]): Failures {
  const failures = new Map<SpanNode, SpanNode[]>()
  const failedAbove = new Map<SpanNode, SpanNode>()
  for (const node of nodes) {
    const { parent } = node
    if (!parent || !mayExplain(node, parent)) continue
    const above = isFailed(parent.span) ? parent : failedAbove.get(parent)
    if (!above) continue
    failedAbove.set(node, above)
    if (!isFailed(node.span)) continue
    const known = failures.get(above)
    if (known) known.push(node)
    else failures.set(above, [node])
  }
  return failures
}

/** The failures that a failed node came from; none where its error began in it. */
export function listCauses(node: SpanNode, failures: Failures): readonly SpanNode[] {
  const below = failures.get(node) ?? []
  if (below.length === 0 || !hasException(node.span)) return below
  const thrownAt = exceptionTime(node.span) ?? node.duration
  const lastStart = node.children.reduce((last, child) => {
    const start = child.startTime - node.startTime
    return start <= thrownAt && start > last ? start : last
  }, 0)
  return below.filter((failure) => {
    if (sharesMessage(failure.span, node.span) || sharesType(failure.span, node.span)) return true
    const end = failure.startTime - node.startTime + failure.duration
    return failure.parent === node && Math.abs(thrownAt - end) <= ANSWER_MS && lastStart <= end
  })
}

/** True where the error of `above` has the message of `below`, or quotes it. */
export function sharesMessage(below: SpanData, above: SpanData): boolean {
  const message = spanError(below)?.message
  const own = spanError(above)?.message
  if (message === undefined || own === undefined) return false
  if (own === message) return true
  return message.length >= TELLING_LENGTH && (own.includes(message) || (exceptionStack(above) ?? '').includes(message))
}

/** Codes and classes of one's own tell errors apart; `TypeError` does not. */
function sharesType(below: SpanData, above: SpanData): boolean {
  const type = spanError(below)?.type
  return type !== undefined && !COMMON_TYPES.has(type) && spanError(above)?.type === type
}

/** A message taken elsewhere and work begun after the end cannot be why a span failed. */
function mayExplain(child: SpanNode, node: SpanNode): boolean {
  return !isAsynchronous(child) && child.startTime - node.startTime <= node.duration + JITTER_MS
}
