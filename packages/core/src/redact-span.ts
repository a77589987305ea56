import { BUILT_IN, type Redaction } from './redaction.js'
import type { Attributes, SpanData } from './span-data.js'

/** The span with what is sensitive masked; the same object where there was nothing to mask. */
export function redactSpan(span: SpanData, redaction: Redaction = BUILT_IN): SpanData {
  const attributes = redaction.attributes(span.attributes)
  const name = redaction.text('span.name', span.name)
  const statusMessage = span.statusMessage === undefined ? undefined : redaction.text('otel.status_description', span.statusMessage)
  const events = redactEach(span.events, redaction)
  const links = redactEach(span.links, redaction)
  const same =
    attributes === span.attributes &&
    name === span.name &&
    statusMessage === span.statusMessage &&
    events === span.events &&
    links === span.links
  return same ? span : { ...span, attributes, name, statusMessage, events, links }
}

/** Events and links. */
function redactEach<T extends { readonly attributes: Attributes }>(items: readonly T[], redaction: Redaction): readonly T[] {
  if (items.length === 0) return items
  const changed = items.map((item) => {
    const attributes = redaction.attributes(item.attributes)
    return attributes === item.attributes ? item : { ...item, attributes }
  })
  return changed.every((item, index) => item === items[index]) ? items : changed
}
