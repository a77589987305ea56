import type { SpanData } from '@clew/core'
import { readText } from './attributes.js'

/** Milliseconds to add to the recorded times of a span. */
export type ClockReader = (span: SpanData) => number

/** Looks the offset of a span's clock up in `Trace.clockOffsets`. */
export function createClockReader(offsets: Readonly<Record<string, number>>): ClockReader {
  const known = new Map(Object.entries(offsets))
  if (known.size === 0) return () => 0
  return (span) => known.get(nameInstanceClock(span)) ?? known.get(span.service) ?? 0
}

/** Names the clock of each span: its service, or where several instances of it took part, the instance. */
export function nameClocks(spans: readonly SpanData[]): string[] {
  const instances = new Map<string, Set<string>>()
  for (const span of spans) {
    const seen = instances.get(span.service) ?? new Set()
    instances.set(span.service, seen.add(nameInstanceClock(span)))
  }
  return spans.map((span) => (instances.get(span.service)!.size > 1 ? nameInstanceClock(span) : span.service))
}

function nameInstanceClock(span: SpanData): string {
  const instance = readText(span.resource.attributes, 'service.instance.id')
  return instance === undefined ? span.service : `${span.service}@${instance}`
}
