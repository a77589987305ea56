import { redactAttributes, redactText } from './redaction.js'
import type { SpanData, SpanEvent, SpanLink } from './span-data.js'

/** The span with what is sensitive masked; the same object where there was nothing to mask. */
export function redactSpan(span: SpanData): SpanData {
  const attributes = redactAttributes(span.attributes)
  const name = redactText(span.name)
  const statusMessage = span.statusMessage === undefined ? undefined : redactText(span.statusMessage)
  const events = mapChanged(span.events, redactEvent)
  const links = mapChanged(span.links, redactLink)
  const same =
    attributes === span.attributes &&
    name === span.name &&
    statusMessage === span.statusMessage &&
    events === span.events &&
    links === span.links
  return same ? span : { ...span, attributes, name, statusMessage, events, links }
}

function redactEvent(event: SpanEvent): SpanEvent {
  const attributes = redactAttributes(event.attributes)
  return attributes === event.attributes ? event : { ...event, attributes }
}

function redactLink(link: SpanLink): SpanLink {
  const attributes = redactAttributes(link.attributes)
  return attributes === link.attributes ? link : { ...link, attributes }
}

function mapChanged<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  if (items.length === 0) return items
  const changed = items.map(change)
  return changed.every((item, index) => item === items[index]) ? items : changed
}
