import type { SpanData } from '@clew/core'

/**
 * The spans of one id, by their places in the list. As a rule that is one. However many there are, choosing among them takes no search:
 * senders exist that give every span the same id.
 */
export interface SpanGroup {
  readonly members: readonly number[]
  /** The first that calls another service. */
  readonly exit?: number
  /** The first that was called. */
  readonly entry?: number
  /** Where there are several. */
  readonly byService?: ReadonlyMap<string, ServiceGroup>
}

interface ServiceGroup {
  readonly entry?: number
  readonly first: number
  readonly second?: number
}

type Draft<T> = { -readonly [Key in keyof T]: T[Key] }
type GroupDraft = Draft<SpanGroup> & { readonly members: number[] }

/** Groups spans by their ids. */
export function groupById(spans: readonly SpanData[]): Map<string, SpanGroup> {
  const groups = new Map<string, GroupDraft>()
  spans.forEach((span, index) => {
    const group = groups.get(span.spanId) ?? { members: [] }
    groups.set(span.spanId, group)
    group.members.push(index)
    if (isExit(span)) group.exit ??= index
    if (isEntry(span)) group.entry ??= index
  })
  for (const group of groups.values()) if (group.members.length > 1) group.byService = groupByService(spans, group.members)
  return groups
}

/** True for a span that begins a service's part: it answers a call or takes a message. */
export function isEntry(span: SpanData): boolean {
  return span.kind === 'server' || span.kind === 'consumer'
}

/** True for a span that calls another service or sends it a message. */
function isExit(span: SpanData): boolean {
  return span.kind === 'client' || span.kind === 'producer'
}

/** Where several spans have the parent's id: calls belong to the caller's span, all else to the span of the same service that was called. */
export function pickParent(group: SpanGroup, child: SpanData, index: number): number | undefined {
  const other = pickOther(group.members[0], group.members[1], index)
  if (isEntry(child)) return group.exit ?? other
  const own = group.byService?.get(child.service)
  return own?.entry ?? (own && pickOther(own.first, own.second, index)) ?? group.entry ?? other
}

function groupByService(spans: readonly SpanData[], members: readonly number[]): Map<string, ServiceGroup> {
  const groups = new Map<string, Draft<ServiceGroup>>()
  for (const index of members) {
    const span = spans[index]!
    const group = groups.get(span.service)
    if (group) group.second ??= index
    const own = group ?? { first: index }
    if (isEntry(span)) own.entry ??= index
    groups.set(span.service, own)
  }
  return groups
}

function pickOther(first: number | undefined, second: number | undefined, index: number): number | undefined {
  return first === index ? second : first
}
