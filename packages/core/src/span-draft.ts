import { toName } from './attributes.js'
import { roundToMicros, type TimeInput, toEpochMs } from './clock.js'
import type { Segment } from './segment.js'
import type { Attributes, AttributeValue, SpanData, SpanEvent, SpanKind, SpanLink } from './span-data.js'

export type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** A span that is still being recorded. */
export interface MutableSpanData extends Mutable<SpanData> {
  events: SpanEvent[]
  links: SpanLink[]
}

/** What a span begins with, beside its segment. Attributes given here are trusted: of valid types and owned by the span; what is too long is cut. */
export interface SpanSeed {
  readonly name: string
  readonly kind: SpanKind
  readonly parentSpanId: string | undefined
  readonly parentIsRemote: boolean | undefined
  readonly attributes: Attributes
  readonly startTime: TimeInput | undefined
  readonly startedAt: number
}

/** Shared by the spans that have none. */
export const NO_EVENTS: SpanEvent[] = Object.freeze([]) as unknown as SpanEvent[]
export const NO_LINKS: SpanLink[] = Object.freeze([]) as unknown as SpanLink[]

/** A span at its start. Every span has the same fields in the same order. */
export function createSpanData(segment: Segment, seed: SpanSeed): MutableSpanData {
  const { owner } = segment
  return {
    traceId: segment.seed.traceId,
    spanId: owner.nextSpanId(),
    parentSpanId: seed.parentSpanId,
    name: toName(seed.name, owner.options.limits.valueLength),
    kind: seed.kind,
    service: owner.service,
    startTime: roundToMicros(toEpochMs(seed.startTime) ?? segment.seed.anchor + seed.startedAt),
    duration: 0,
    status: 'unset',
    statusMessage: undefined,
    attributes: seed.attributes,
    events: NO_EVENTS,
    links: NO_LINKS,
    resource: owner.resource,
    flags: segment.flags,
    traceState: segment.seed.traceState,
    parentIsRemote: seed.parentIsRemote,
    droppedAttributes: undefined,
    droppedEvents: undefined,
    droppedLinks: undefined,
  }
}

/** True for what was given by ourselves, and is longer than a value may be. */
export function isTooLong(value: AttributeValue, maxLength: number): boolean {
  if (typeof value === 'string') return value.length > maxLength
  return Array.isArray(value) && value.some((item) => typeof item === 'string' && item.length > maxLength)
}
