import type { SpanData } from '@clew/core'
import { compareNumbers, compareTexts, isUnfinished, readDuration } from './span-times.js'

/** Spans without their duplicates, and one span per id that had arrived more than once. */
interface UniqueSpans {
  readonly spans: SpanData[]
  readonly duplicated: readonly SpanData[]
}

/**
 * Leaves one of the spans that have span id, kind and service in common: the finished one, then the longer one, then the one
 * that says more. Client and server may share an id (Zipkin), so both stay.
 */
export function dropDuplicates(spans: readonly SpanData[]): UniqueSpans {
  const kept = new Map<string, SpanData>()
  const duplicated = new Set<string>()
  for (const span of spans) {
    const key = `${span.spanId}\n${span.kind}\n${span.service}`
    const other = kept.get(key)
    if (other) duplicated.add(key)
    if (!other || compareCompleteness(span, other) > 0) kept.set(key, span)
  }
  return { spans: [...kept.values()], duplicated: [...duplicated].map((key) => kept.get(key)!) }
}

/** Above 0 where `a` is the one to keep. The last resort makes the answer independent of the order of arrival. */
function compareCompleteness(a: SpanData, b: SpanData): number {
  return (
    Number(isUnfinished(b)) - Number(isUnfinished(a)) ||
    compareNumbers(readDuration(a), readDuration(b)) ||
    countDetails(a) - countDetails(b) ||
    compareTexts(serialize(a), serialize(b))
  )
}

function countDetails(span: SpanData): number {
  const status = span.status === 'unset' ? 0 : 1
  return Object.keys(span.attributes).length + span.events.length + span.links.length + status
}

function serialize(span: SpanData): string {
  return JSON.stringify(span, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
}
