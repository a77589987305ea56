import type { SpanData } from '@clew/core'
import { readText } from './attributes.js'

/** Milliseconds to add to the recorded times of a span. */
export type ClockReader = (span: SpanData) => number

/** Looks the offsets of the spans' clocks up in `Trace.clockOffsets`. */
export function createClockReader(offsets: Readonly<Record<string, number>>, spans: readonly SpanData[]): ClockReader {
  const known = new Map(Object.entries(offsets))
  if (known.size === 0) return () => 0
  const nameClock = createClockNamer(spans)
  return (span) => known.get(nameClock(span)) ?? 0
}

/** Names the clock of each span: its service, or where several instances of it took part, the instance. */
export function nameClocks(spans: readonly SpanData[]): string[] {
  return spans.map(createClockNamer(spans))
}

function createClockNamer(spans: readonly SpanData[]): (span: SpanData) => string {
  const first = new Map<string, string>()
  const several = new Set<string>()
  for (const span of spans) {
    const name = nameInstanceClock(span)
    const known = first.get(span.service)
    if (known === undefined) first.set(span.service, name)
    else if (known !== name) several.add(span.service)
  }
  return (span) => (several.has(span.service) ? nameInstanceClock(span) : span.service)
}

function nameInstanceClock(span: SpanData): string {
  const instance = readText(span.resource.attributes, 'service.instance.id')
  return instance === undefined ? span.service : `${span.service}@${instance}`
}
