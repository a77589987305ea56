/** What stands in the place of a value that is not recorded. */
export const MASK = '[REDACTED]'

export function redactText(text: string): string {
  return text
}
