import { detach } from './attributes.js'
import type { Attributes, AttributeValue, SpanData } from './span-data.js'

/** What V8 cuts off a text as a slice of it has at least this many characters. */
export const MIN_SLICE = 13

/**
 * Makes the texts of a span its own, in place: those that the application cut out of longer ones (a body, a file) would keep these alive,
 * and what waits would weigh a hundred times what it is counted as.
 */
export function detachSpan(span: SpanData): void {
  detachAttributes(span.attributes)
  for (const { attributes } of span.events) detachAttributes(attributes)
  for (const { attributes } of span.links) detachAttributes(attributes)
  const draft = span as { name: string; statusMessage?: string | undefined }
  draft.name = detachText(span.name)
  if (span.statusMessage !== undefined) draft.statusMessage = detachText(span.statusMessage)
}

function detachAttributes(attributes: Attributes): void {
  for (const name in attributes) {
    const value = attributes[name] as AttributeValue
    if (typeof value === 'string') attributes[name] = detachText(value)
    else if (Array.isArray(value) && typeof value[0] === 'string') attributes[name] = (value as readonly string[]).map(detachText)
  }
}

function detachText(text: string): string {
  return text.length < MIN_SLICE ? text : detach(text)
}
