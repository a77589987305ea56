import { compareText } from './compare.js'
import type { ErrorGroup } from './contract.js'
import { getOrCreate } from './get-or-create.js'
import type { ResolvedErrorsQuery } from './query.js'
import type { Failure } from './stored-trace.js'

const MAX_TRACE_IDS = 5

interface Group {
  /** The newest failure of each of the newest traces. */
  readonly newest: Failure[]
  newestTold: Failure | undefined
  count: number
  firstSeen: number
}

/** Failed spans of one day by service, operation and error type. In whatever order they come, the groups are the same. */
export class ErrorGroups {
  readonly #query: ResolvedErrorsQuery
  /** By service, operation and type: to join the three into one key takes longer than all else. */
  readonly #groups = new Map<string, Map<string, Map<string, Group>>>()

  constructor(query: ResolvedErrorsQuery) {
    this.#query = query
  }

  add(failure: Failure): void {
    const { startTime, service, name } = failure.span
    if (startTime < this.#query.from || startTime >= this.#query.to) return
    if (this.#query.service !== undefined && service !== this.#query.service) return
    const byOperation = getOrCreate(this.#groups, service, () => new Map<string, Map<string, Group>>())
    const byType = getOrCreate(byOperation, name, () => new Map<string, Group>())
    addToGroup(
      getOrCreate(byType, failure.type, () => ({ newest: [], newestTold: undefined, count: 0, firstSeen: Infinity })),
      failure,
    )
  }

  /** Most frequent first, then the one last seen. */
  list(): readonly ErrorGroup[] {
    const groups = [...this.#groups.values()].flatMap((byOperation) => [...byOperation.values()]).flatMap((byType) => [...byType.values()])
    return groups
      .map((group) => toErrorGroup(group, this.#query.date))
      .toSorted(compareGroups)
      .slice(0, this.#query.limit)
  }
}

function addToGroup(group: Group, failure: Failure): void {
  group.count += 1
  group.firstSeen = Math.min(group.firstSeen, failure.span.startTime)
  if (failure.message !== undefined && (group.newestTold === undefined || compareFailures(failure, group.newestTold) < 0)) {
    group.newestTold = failure
  }
  addToNewest(group.newest, failure)
}

function addToNewest(newest: Failure[], failure: Failure): void {
  const last = newest[MAX_TRACE_IDS - 1]
  if (last !== undefined && compareFailures(failure, last) > 0) return
  const own = newest.findIndex((other) => other.span.traceId === failure.span.traceId)
  const other = newest[own]
  if (other !== undefined && compareFailures(failure, other) > 0) return
  if (other !== undefined) newest.splice(own, 1)
  newest.push(failure)
  newest.sort(compareFailures)
  newest.length = Math.min(newest.length, MAX_TRACE_IDS)
}

/** Newest first, equal ones by their ids. */
function compareFailures({ span: a }: Failure, { span: b }: Failure): number {
  return b.startTime - a.startTime || compareText(a.traceId, b.traceId) || compareText(a.spanId, b.spanId)
}

function toErrorGroup({ newest, newestTold, count, firstSeen }: Group, date: string): ErrorGroup {
  const [{ span, type }] = newest as [Failure, ...Failure[]]
  return {
    date,
    service: span.service,
    operation: span.name,
    type,
    ...(newestTold?.message === undefined ? {} : { message: newestTold.message }),
    count,
    firstSeen,
    lastSeen: span.startTime,
    traceIds: newest.map((failure) => failure.span.traceId),
  }
}

function compareGroups(a: ErrorGroup, b: ErrorGroup): number {
  if (a.count !== b.count) return b.count - a.count
  if (a.lastSeen !== b.lastSeen) return b.lastSeen - a.lastSeen
  return compareText(a.service, b.service) || compareText(a.operation, b.operation) || compareText(a.type, b.type)
}
