import type { SpanData } from '@clew/core'
import { nameClocks } from './clock-reader.js'
import { mayBeginTrace } from './parents.js'
import { hasValidTimes, JITTER_MS } from './span-times.js'

/** A clock that differs from the one that the trace is shown by. */
export interface ClockOffset {
  readonly clock: string
  /** The clock it is compared with: as a rule the root's. */
  readonly reference: string
  /** Milliseconds to add to it. */
  readonly offset: number
  /** The true offset lies within this many milliseconds of `offset`. */
  readonly uncertainty: number
  /** Server spans that do not fit into the calls they answer. */
  readonly servers: readonly SpanData[]
}

/** A recorded call across two clocks, and the offsets of the server's clock with which it would lie within the client's span. */
interface Call {
  readonly from: string
  readonly to: string
  readonly server: SpanData
  readonly least: number
  readonly most: number
  /** The offset with which it would begin as the call ends: what sticks out at the end alone is no evidence. */
  readonly latest: number
  /** False where the server span is longer than the call (a timeout, a streamed answer): only the starts can be compared. */
  readonly fits: boolean
}

/** Parent and clock of each span, by its place in the list. */
interface Places {
  readonly parents: Int32Array
  readonly clocks: readonly string[]
}

type CallsByClock = ReadonlyMap<string, ReadonlyMap<string, readonly Call[]>>

/**
 * Finds clocks that differ, from recorded calls alone: a server span cannot start before its client span, nor after that has ended.
 * Ends prove nothing: a client span ends with the head of the response, its server span when the response has closed.
 * Messages and links prove nothing about clocks (jaegertracing/jaeger#448). Each clock is compared with the one that called it,
 * beginning with the root's; the tightest call counts, as in NTP.
 */
export function findClockOffsets(spans: readonly SpanData[], parents: Int32Array): ClockOffset[] {
  const clocks = nameClocks(spans)
  const calls = groupCalls(listCalls(spans, { parents, clocks }))
  if (calls.size === 0) return []
  const offsets = new Map<string, number>()
  const found: ClockOffset[] = []
  for (const seed of orderSeeds(spans, { parents, clocks }, calls)) {
    if (offsets.has(seed)) continue
    offsets.set(seed, 0)
    const reached = [seed]
    for (const from of reached) {
      for (const [to, group] of calls.get(from) ?? []) {
        if (offsets.has(to)) continue
        const result = compareClocks(group, offsets.get(from)!)
        offsets.set(to, result?.offset ?? 0)
        if (result) found.push({ ...result, reference: seed })
        reached.push(to)
      }
    }
  }
  return found
}

function listCalls(spans: readonly SpanData[], { parents, clocks }: Places): Call[] {
  const calls: Call[] = []
  spans.forEach((server, index) => {
    const parent = parents[index]!
    const client = spans[parent]
    if (server.kind !== 'server' || client?.kind !== 'client' || clocks[index] === clocks[parent]) return
    if (hasValidTimes(server) && hasValidTimes(client)) calls.push(toCall(client, server, [clocks[parent]!, clocks[index]!]))
  })
  return calls
}

function toCall(client: SpanData, server: SpanData, [from, to]: readonly [string, string]): Call {
  const fits = server.duration <= client.duration
  const least = client.startTime - server.startTime
  const room = fits ? client.duration - server.duration : client.duration
  return { from, to, server, least, most: least + room, latest: least + client.duration, fits }
}

function groupCalls(calls: readonly Call[]): CallsByClock {
  const groups = new Map<string, Map<string, Call[]>>()
  for (const call of calls) {
    const targets = groups.get(call.from) ?? new Map<string, Call[]>()
    groups.set(call.from, targets)
    const group = targets.get(call.to)
    if (group) group.push(call)
    else targets.set(call.to, [call])
  }
  return groups
}

/** The clock of what looks like the root, then clocks that nobody called, then all others. */
function orderSeeds(spans: readonly SpanData[], { parents, clocks }: Places, calls: CallsByClock): Set<string> {
  const root = spans.findIndex((span, index) => parents[index] === -1 && mayBeginTrace(span))
  const called = new Set([...calls.values()].flatMap((targets) => [...targets.keys()]))
  const uncalled = clocks.filter((clock) => !called.has(clock))
  return new Set([...(root < 0 ? [] : [clocks[root]!]), ...uncalled, ...clocks])
}

/** Takes no offset where that explains half of the calls, then the caller's own offset (one machine), and an estimate last. */
function compareClocks(calls: readonly Call[], callerOffset: number): Omit<ClockOffset, 'reference'> | undefined {
  const shifted = calls.map((call) => ({
    ...call,
    least: call.least + callerOffset,
    most: call.most + callerOffset,
    latest: call.latest + callerOffset,
  }))
  const outside = shifted.filter((call) => !agrees(call, 0))
  if (outside.length * 2 <= calls.length) return undefined
  const shares = callerOffset !== 0 && shifted.filter((call) => agrees(call, callerOffset)).length * 2 >= calls.length
  const { offset, uncertainty } = shares ? { offset: callerOffset, uncertainty: 0 } : estimateOffset(outside)
  return { clock: calls[0]!.to, offset, uncertainty, servers: outside.map((call) => call.server) }
}

function agrees(call: Call, offset: number): boolean {
  return offset >= call.least - JITTER_MS && offset <= call.latest + JITTER_MS
}

/** The middle of the tightest call that fits; where none does, the starts are laid upon each other. */
function estimateOffset(calls: readonly Call[]): { offset: number; uncertainty: number } {
  const tightest = calls.reduce((best, call) => (compareTightness(call, best) < 0 ? call : best))
  const room = tightest.most - tightest.least
  return {
    offset: roundMs(tightest.fits ? tightest.least + room / 2 : tightest.least),
    uncertainty: roundMs(tightest.fits ? room / 2 : room),
  }
}

function compareTightness(a: Call, b: Call): number {
  return Number(b.fits) - Number(a.fits) || a.most - a.least - (b.most - b.least)
}

function roundMs(ms: number): number {
  return Math.round(ms * 1_000) / 1_000
}
