import type { SqlRules } from './sql-rules.js'

const QUOTE = 0x27
const BACKSLASH = 0x5c
const DOLLAR = 0x24
const DASH = 0x2d
const DOT = 0x2e
const ALTERNATIVE_CLOSINGS: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}', '<': '>' }

/** Letters, digits, `_`, `$` and everything beyond ASCII. */
export function isWordCode(code: number): boolean {
  const lower = code | 0x20
  return (lower >= 0x61 && lower <= 0x7a) || isDigit(code) || code === 0x5f || code === DOLLAR || code > 0x7f
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

/** `E'\''`, `N''`, `X''`, `B''`, `r''`, `U&''` and Oracle's `q'[]'`. */
export function endOfPrefixedString(text: string, at: number, rules: SqlRules): number {
  const quote = text.charCodeAt(at + 1) === QUOTE ? at + 1 : text.charCodeAt(at + 2) === QUOTE ? at + 2 : 0
  if (quote === 0) return 0
  switch (text.slice(at, quote).toLowerCase()) {
    case 'e':
      return endOfString(text, quote, true)
    case 'q':
    case 'nq':
      return endOfAlternativeQuoted(text, quote)
    case 'n':
    case 'x':
    case 'b':
    case 'r':
    case 'u&':
      return endOfString(text, quote, rules.backslash)
    default:
      return 0
  }
}

/** Doubled quotes are part of the string. In doubt whether `\'` ends it, the string takes the rest of the text. */
export function endOfString(text: string, at: number, backslash: boolean | undefined): number {
  const quote = text.charCodeAt(at)
  for (let index = at + 1; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === quote) {
      if (text.charCodeAt(index + 1) !== quote) return index + 1
      index++
    } else if (code === BACKSLASH && backslash !== false) {
      const next = text.charCodeAt(index + 1)
      if (backslash === undefined && next === quote) return text.length
      if (backslash === true || next === BACKSLASH) index++
    }
  }
  return text.length
}

/** Everything that can follow a first digit: `0xFF`, `1_000.5e-3`. */
export function endOfNumber(text: string, at: number): number {
  let end = at + 1
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    const isExponentSign =
      (code === DASH || code === 0x2b) && (text.charCodeAt(end - 1) | 0x20) === 0x65 && isDigit(text.charCodeAt(end + 1))
    if (!isWordCode(code) && code !== DOT && !isExponentSign) break
  }
  return end
}

/** `$$...$$` or `$tag$...$tag$`; `$1` is a placeholder. */
export function endOfDollarQuoted(text: string, at: number): number {
  let tagEnd = at + 1
  while (tagEnd < text.length && tagEnd - at <= 64 && text.charCodeAt(tagEnd) !== DOLLAR && isWordCode(text.charCodeAt(tagEnd))) tagEnd++
  if (text.charCodeAt(tagEnd) !== DOLLAR || isDigit(text.charCodeAt(at + 1))) return 0
  const tag = text.slice(at, tagEnd + 1)
  const end = text.indexOf(tag, tagEnd + 1)
  return end === -1 ? text.length : end + tag.length
}

/** Oracle's `q'[it's]'`: the mark after the quote, or its counterpart, ends the string together with a quote. */
function endOfAlternativeQuoted(text: string, quote: number): number {
  const opening = text[quote + 1] ?? ''
  const closing = ALTERNATIVE_CLOSINGS[opening] ?? opening
  const end = text.indexOf(`${closing}'`, quote + 2)
  return end === -1 ? text.length : end + 2
}
