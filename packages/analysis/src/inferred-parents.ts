import type { SpanData } from '@clew/core'
import type { ClockReader } from './clock-reader.js'
import { createIntervalIndex } from './interval-index.js'
import type { IntervalIndex } from './interval-index.js'
import type { Parents } from './parents.js'
import { isEntry } from './span-groups.js'
import { compareNumbers, hasValidTimes, JITTER_MS } from './span-times.js'
import { isDatabaseCall } from './span-label.js'

/** A span in time, clock offsets applied. */
interface Interval {
  readonly index: number
  readonly start: number
  readonly end: number
}

interface Search {
  readonly calls: readonly Interval[]
  readonly tree: IntervalIndex
  /** Whether a call may have led to a segment, for all but time. */
  readonly mayLeadTo: (call: Interval, segment: Interval) => boolean
}

/** How far a segment may stick out of the call that led to it. */
interface Slack {
  readonly start: number
  readonly end: number
}

/** A server span ends when its response has closed; on a busy machine that is well after the caller has read it. */
const LATE_CLOSE_MS = 20

/** Among more calls at once than these, a span's place in time says nothing. */
const MOST_ENCLOSING = 64

/**
 * Guesses where segments belong whose parent is unknown, as behind a service that is not traced and only passes the trace id on:
 * under the tightest call that encloses them in time and was not answered by a span yet. Where two calls fit equally
 * (neither encloses the other), there is no guess. Returns the parents by child, in the order of `spans`.
 */
export function inferParents(spans: readonly SpanData[], links: Parents, clock: ClockReader): Map<number, number> {
  const inferred = new Map<number, number>()
  const segments = listSegments(spans, links, clock)
  const calls = segments.length < 2 ? [] : listFreeCalls(spans, links.parents, clock)
  if (calls.length === 0) return inferred
  const tops = createTops(links.parents)
  const mayLeadTo = (call: Interval, segment: Interval): boolean =>
    (isEntry(spans[segment.index]!) || spans[call.index]!.service !== spans[segment.index]!.service) &&
    tops.find(call.index) !== tops.find(segment.index)
  const search = { calls, tree: createIntervalIndex(calls.map((call) => call.end)), mayLeadTo }
  for (const segment of segments) {
    const call = findFirst(listSlacks(segment), (slack) => findCall(search, segment, slack))
    if (!call || call === 'ambiguous') continue
    inferred.set(segment.index, call.index)
    tops.join(segment.index, call.index)
  }
  return inferred
}

/** Tops of the recorded tree. Messages are left out: they are taken at any time. */
function listSegments(spans: readonly SpanData[], { parents, cycles }: Parents, clock: ClockReader): Interval[] {
  const cut = new Set(cycles.map((cycle) => cycle[0]))
  return toIntervals(spans, clock, (span, index) => parents[index] === -1 && span.kind !== 'consumer' && !cut.has(index))
}

/** Calls that no server span and no further call hangs under. Databases do not call anybody. */
function listFreeCalls(spans: readonly SpanData[], parents: Int32Array, clock: ClockReader): Interval[] {
  const answered = new Set<number>()
  spans.forEach((span, index) => {
    if (span.kind === 'server' || span.kind === 'client') answered.add(parents[index]!)
  })
  return toIntervals(spans, clock, (span, index) => span.kind === 'client' && !answered.has(index) && !isDatabaseCall(span))
}

function toIntervals(spans: readonly SpanData[], clock: ClockReader, isWanted: (span: SpanData, index: number) => boolean): Interval[] {
  const intervals: Interval[] = []
  spans.forEach((span, index) => {
    if (!hasValidTimes(span) || !isWanted(span, index)) return
    const start = span.startTime + clock(span)
    intervals.push({ index, start, end: start + span.duration })
  })
  return intervals.sort((a, b) => compareNumbers(a.start, b.start) || compareNumbers(b.end, a.end) || a.index - b.index)
}

/** Looks at the enclosing calls from the latest start on. The tightest must lie within all others; the first that it does not ends the search. */
function findCall(search: Search, segment: Interval, slack: Slack): Interval | 'ambiguous' | undefined {
  let best: Interval | undefined
  let seen = 0
  let place = search.tree.findLast(countStarted(search.calls, segment.start + slack.start), segment.end - slack.end)
  for (; place >= 0; place = search.tree.findLast(place, segment.end - slack.end)) {
    const call = search.calls[place]!
    seen += 1
    if (seen > MOST_ENCLOSING) return 'ambiguous'
    if (!search.mayLeadTo(call, segment)) continue
    if (!best || isWithin(call, best)) best = call
    else if (!isWithin(best, call)) return 'ambiguous'
  }
  return best
}

/** What is tried in turn. A segment of which more than half lies beyond the call belongs elsewhere. */
function listSlacks({ start, end }: Interval): Slack[] {
  const lateClose = Math.max(JITTER_MS, Math.min(LATE_CLOSE_MS, (end - start) / 2))
  return [
    { start: 0, end: 0 },
    { start: JITTER_MS, end: JITTER_MS },
    { start: JITTER_MS, end: lateClose },
  ]
}

function findFirst<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}

/** True where `inner` lies within `outer` and is not the same. */
function isWithin(inner: Interval, outer: Interval): boolean {
  return inner.start >= outer.start && inner.end <= outer.end && (inner.start > outer.start || inner.end < outer.end)
}

/** How many of the calls have started by `time`. */
function countStarted(calls: readonly Interval[], time: number): number {
  let low = 0
  let high = calls.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (calls[middle]!.start <= time) low = middle + 1
    else high = middle
  }
  return low
}

/** Tells which tree a span belongs to, while trees are hung under each other. */
interface Tops {
  find(index: number): number
  join(top: number, under: number): void
}

function createTops(parents: Int32Array): Tops {
  const next = Int32Array.from(parents, (parent, index) => (parent < 0 ? index : parent))
  function find(index: number): number {
    let top = index
    while (next[top] !== top) top = next[top]!
    for (let step = index; step !== top;) {
      const above = next[step]!
      next[step] = top
      step = above
    }
    return top
  }
  return {
    find,
    join: (top, under) => {
      next[top] = find(under)
    },
  }
}
