import { endOfDollarQuoted, endOfNumber, endOfPrefixedString, endOfString, isDigit, isWordCode } from './sql-literals.js'
import { findSqlRules } from './sql-rules.js'
import type { SqlRules } from './sql-rules.js'

const QUOTE = 0x27
const DOUBLE_QUOTE = 0x22
const BACKTICK = 0x60
const DOLLAR = 0x24
const DASH = 0x2d
const SLASH = 0x2f
const STAR = 0x2a
const HASH = 0x23
const DOT = 0x2e
const COLON = 0x3a

/** After these a double-quoted text is taken for a value where the database is not known. */
const VALUE_WORDS: ReadonlySet<string> = new Set(
  'like ilike in values value between and limit then else regexp rlike is returns default'.split(' '),
)
const VALUE_MARKS = '=<>!~|+-*/%(,:['

/** A text on its way through the masker, and what stood in front of the current place, white space and comments aside. */
interface Scan {
  readonly text: string
  readonly rules: SqlRules
  /** The last character; empty at the start. */
  char: string
  /** Where the last word began and ended, if nothing stood after it; equal otherwise. */
  wordStart: number
  wordEnd: number
  /** True after the word `identified`. */
  isIdentified: boolean
  /** True after `identified by`: a password follows, quoted or not. */
  isPassword: boolean
}

/**
 * Masks the literals of a SQL text with `?`: strings in every quoting (`''`, `\'`, `E''`, `N''`, `q'[]'`, `$tag$`), numbers, hex and
 * bit strings. Keywords, identifiers and placeholders (`$1`, `:name`, `@p1`, `?`) stay; comments are dropped, as anything can stand in them.
 *
 * `system` is `db.system.name` (`postgresql`, `mysql`, ...). Where it is missing or unknown, privacy decides what databases read
 * differently: double-quoted text is masked where a value can stand, and the text ends where the end of a string is in doubt.
 * Never throws; takes time linear in the length of the text.
 *
 * @example
 * maskSql("SELECT * FROM users WHERE name = 'Jo' AND age > 30 AND id = $1")
 * // 'SELECT * FROM users WHERE name = ? AND age > ? AND id = $1'
 */
export function maskSql(text: string, system?: string): string {
  const scan: Scan = { text, rules: findSqlRules(system), char: '', wordStart: 0, wordEnd: 0, isIdentified: false, isPassword: false }
  let masked = ''
  let copied = 0
  let at = 0
  while (at < text.length) {
    if (isSpace(text.charCodeAt(at))) {
      at++
      continue
    }
    const comment = endOfComment(scan, at)
    const literal = comment > 0 ? 0 : endOfLiteral(scan, at)
    if (comment > 0) {
      masked += text.slice(copied, at)
      copied = at = isOpenBefore(text, at) ? skipSpaces(text, comment) : comment
    } else if (literal > 0) {
      masked += `${text.slice(copied, at)}?`
      copied = at = literal
      remember(scan, '?')
    } else {
      at = skipToken(scan, at)
    }
  }
  return copied === 0 ? text : (masked + text.slice(copied)).trimEnd()
}

/** Where what begins at `at` and stays as it is ends: a word, a placeholder, a quoted identifier, or a single mark. */
function skipToken(scan: Scan, at: number): number {
  const { text } = scan
  const closing = closingOfIdentifier(text.charCodeAt(at), scan.rules)
  if (closing === '' && isWordStart(text, at)) return skipWord(scan, at)
  const end = closing === '' ? at + 1 : text.indexOf(closing, at + 1) + 1
  remember(scan, text[end - 1] as string)
  return end
}

function skipWord(scan: Scan, at: number): number {
  const { text } = scan
  const end = endOfWord(text, at)
  scan.isPassword = scan.isIdentified && text.slice(at, end).toLowerCase() === 'by'
  scan.isIdentified = end - at === 10 && text.slice(at, end).toLowerCase() === 'identified'
  scan.char = text[end - 1] as string
  scan.wordStart = at
  scan.wordEnd = end
  return end
}

function remember(scan: Scan, char: string): void {
  scan.char = char
  scan.wordStart = scan.wordEnd = 0
  scan.isIdentified = scan.isPassword = false
}

function closingOfIdentifier(code: number, rules: SqlRules): string {
  if (code === DOUBLE_QUOTE) return '"'
  if (code === BACKTICK) return '`'
  return code === 0x5b && rules.bracketIdentifiers ? ']' : ''
}

/** A word, or the sign of a placeholder with its name: `$1`, `:name`, `@p1`, `?1`. */
function isWordStart(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (isWordCode(code) || code === 0x40) return true
  if (code !== COLON && code !== 0x3f) return false
  return isWordCode(text.charCodeAt(at + 1)) && !isPartOfValue(text.charCodeAt(at - 1))
}

/** True after a word, a quote or a closing bracket: the colon of `{"age":42}` and `a[1:2]` begins no placeholder. */
function isPartOfValue(code: number): boolean {
  return isWordCode(code) || code === DOUBLE_QUOTE || code === QUOTE || code === 0x5d
}

function endOfWord(text: string, at: number): number {
  let end = at + 1
  while (end < text.length && isWordCode(text.charCodeAt(end))) end++
  return end
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d)
}

function skipSpaces(text: string, at: number): number {
  while (at < text.length && isSpace(text.charCodeAt(at))) at++
  return at
}

function isOpenBefore(text: string, at: number): boolean {
  return at === 0 || isSpace(text.charCodeAt(at - 1))
}

/** Where the comment that begins at `at` ends; 0 where none begins. */
function endOfComment({ text, rules }: Scan, at: number): number {
  const code = text.charCodeAt(at)
  if (code !== SLASH && code !== DASH && code !== HASH) return 0
  const next = text.charCodeAt(at + 1)
  if (code === SLASH) return next === STAR ? endOfBlockComment(text, at, rules.nestedComments) : 0
  const isLine = code === DASH ? next === DASH && isDashComment(text, at, rules) : isHashComment(text, at, rules)
  if (!isLine) return 0
  const newline = text.indexOf('\n', at)
  return newline === -1 ? text.length : newline
}

function isDashComment(text: string, at: number, rules: SqlRules): boolean {
  return !rules.spaceAfterDashes || at + 2 === text.length || text.charCodeAt(at + 2) <= 0x20
}

/** Postgres has operators that begin with a hash mark (`#>`), SQL Server has tables (`#new`). */
function isHashComment(text: string, at: number, rules: SqlRules): boolean {
  return rules.hashComments ?? (isOpenBefore(text, at) && isSpace(text.charCodeAt(at + 1)))
}

function endOfBlockComment(text: string, at: number, isNested: boolean): number {
  let depth = 1
  for (let index = at + 2; index < text.length - 1; index++) {
    const code = text.charCodeAt(index)
    const next = text.charCodeAt(index + 1)
    if (code === STAR && next === SLASH) {
      if (--depth === 0) return index + 2
      index++
    } else if (isNested && code === SLASH && next === STAR) {
      depth++
      index++
    }
  }
  return text.length
}

/** Where the literal that begins at `at` ends; 0 where none begins. */
function endOfLiteral(scan: Scan, at: number): number {
  const { text, rules } = scan
  const code = text.charCodeAt(at)
  if (code === QUOTE) return endOfString(text, at, rules.backslash)
  if (code === DOUBLE_QUOTE) return endOfDoubleQuoted(scan, at)
  if (isDigit(code) || (code === DOT && isDigit(text.charCodeAt(at + 1)) && scan.char !== ')')) return endOfNumber(text, at)
  if (code === DOLLAR && rules.dollarQuotes) return endOfDollarQuoted(text, at)
  if (scan.isPassword && isWordCode(code)) return endOfWord(text, at)
  if (isUnclosedIdentifier(scan, at)) return text.length
  return endOfPrefixedString(text, at, rules)
}

/** An identifier that never ends could be anything. */
function isUnclosedIdentifier({ text, rules }: Scan, at: number): boolean {
  const closing = closingOfIdentifier(text.charCodeAt(at), rules)
  return closing !== '' && !text.includes(closing, at + 1)
}

/** Where a double-quoted string ends; 0 where the quotes hold an identifier. */
function endOfDoubleQuoted(scan: Scan, at: number): number {
  const { text, rules } = scan
  const isValue = scan.isPassword || (rules.doubleQuotedStrings ?? isValuePlace(scan))
  if (!isValue && text.includes('"', at + 1)) return 0
  const end = endOfString(text, at, rules.backslash)
  return rules.doubleQuotedStrings === undefined && text.charCodeAt(end) === DOT ? 0 : end
}

function isValuePlace({ text, char, wordStart, wordEnd }: Scan): boolean {
  return (char !== '' && VALUE_MARKS.includes(char)) || VALUE_WORDS.has(text.slice(wordStart, wordEnd).toLowerCase())
}
