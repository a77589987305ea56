import { type AttributeLimits, type AttributesInput, cut, sizeOfAttributes, toAttributes, toName } from './attributes.js'
import { roundToMicros } from './clock.js'
import type { SpanEvent, SpanLink } from './span-data.js'
import type { LinkInput } from './span.js'

/** What the fixed fields of an event or a link weigh in memory, roughly. */
const DETAIL_SIZE = 100

/** An event or a link, and what it weighs. */
export interface Detail<T> {
  readonly detail: T
  readonly size: number
}

/** An event within limits. */
export function toEvent(
  name: string,
  input: AttributesInput | undefined,
  { time, limits }: { time: number; limits: AttributeLimits },
): Detail<SpanEvent> {
  const { attributes, dropped } = toAttributes(input, limits)
  const event = { name: toName(name, limits.valueLength), time: roundToMicros(time), attributes }
  const size = DETAIL_SIZE + event.name.length + sizeOfAttributes(attributes)
  return { detail: dropped > 0 ? { ...event, droppedAttributes: dropped } : event, size }
}

/** A link within limits; undefined for what refers to nothing. Throws where it cannot be read. */
export function toLink(link: LinkInput, limits: AttributeLimits): Detail<SpanLink> | undefined {
  const { traceId, spanId, traceFlags, traceState } = link.context
  if (typeof traceId !== 'string' || typeof spanId !== 'string') return undefined
  const { attributes, dropped } = toAttributes(link.attributes, limits)
  const detail = {
    traceId: cut(traceId, limits.valueLength),
    spanId: cut(spanId, limits.valueLength),
    flags: typeof traceFlags === 'number' ? traceFlags : undefined,
    traceState: typeof traceState === 'string' ? cut(traceState, limits.valueLength) : undefined,
    attributes,
    ...(dropped > 0 ? { droppedAttributes: dropped } : undefined),
  }
  return { detail, size: DETAIL_SIZE + (detail.traceState?.length ?? 0) + sizeOfAttributes(attributes) }
}
