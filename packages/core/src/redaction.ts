import { MASK, redactText } from './redact-text.js'
import type { AttributeValue, Attributes } from './span-data.js'

export { redactText } from './redact-text.js'

/** Masks what must not be recorded in one attribute; returns the value itself where there is nothing to mask. */
export function redactAttribute(name: string, value: AttributeValue): AttributeValue {
  if (/passw|secret|token|authorization|cookie|e-?mail/i.test(name)) return MASK
  return typeof value === 'string' ? redactText(value) : value
}

/** Masks what must not be recorded in attributes; returns the object itself where there is nothing to mask. */
export function redactAttributes(attributes: Attributes): Attributes {
  let redacted: Attributes | undefined
  for (const name in attributes) {
    const value = attributes[name]
    if (value === undefined) continue
    const kept = redactAttribute(name, value)
    if (kept !== value) (redacted ??= { ...attributes })[name] = kept
  }
  return redacted ?? attributes
}
