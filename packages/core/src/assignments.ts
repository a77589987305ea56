import { isSensitiveName, type NameTest } from './sensitive-names.js'

const MAX_KEY_LENGTH = 64
const TAB = 0x09
const SPACE = 0x20
const COLON = 0x3a
const EQUALS = 0x3d
const BACKSLASH = 0x5c

const AUTH_SCHEME = /^(?:bearer|basic|digest|negotiate|token|apikey)$/i
const WHOLE_LINE_KEY = /(?:authorization|cookies?)$/i
/** Words that need the one before them to tell a secret: "API key: x", "card number: x". */
const SECOND_WORD = /^(?:id|no|key|keys|code|number|string|card|tokens)$/i
const MAX_SECOND_WORD_LENGTH = 6
const SOURCE_FILE = /\.[cm]?[jt]sx?$|\.(?:vue|svelte|py|go|rb|java|php)$/
const EMPTY_VALUE = /^(?:null|undefined|true|false|none)$/i
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

interface Key {
  readonly name: string
  /** The quote directly in front of the name: in `-H 'Cookie: a=b'` the value ends with it. Empty where there is none. */
  readonly quote: string
}

/** Where in nested objects a scan is. Brackets inside strings count as well: what they cost is a parent, not a key. */
interface Nesting {
  /** The keys of the objects and lists around the current place, outermost first; a list hands its key on to its objects. */
  readonly parents: string[]
  /** The last key, and where its value begins. */
  key: string
  valueStart: number
  readonly test: NameTest
}

/**
 * Masks the values of assignments to sensitive names inside a text: `password=x`, `"token": "x"` (escaped quotes included),
 * `Authorization: Bearer x`, `api_key => 'x'`, `Key (card_number)=(x)`,
 * `{"card":{"number":"x"}}`. Takes time linear in the length of the text. Which names are sensitive `test` says; `parent` is the name of what
 * the text is the JSON of.
 *
 * @example
 * maskAssignments('connect failed: user=app password=hunter2', '[REDACTED]') // 'connect failed: user=app password=[REDACTED]'
 */
// oxlint-disable-next-line max-params -- called for every text
export function maskAssignments(text: string, mask: string, test: NameTest = isSensitiveName, parent = ''): string {
  const isJson = parent !== '' && isOpeningBracket(text.charCodeAt(0))
  const nesting: Nesting = { parents: isJson ? [parent] : [], key: '', valueStart: -1, test }
  let masked = ''
  let done = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (!isSeparator(code)) {
      if (isOpeningBracket(code) || isClosingBracket(code)) followBracket(nesting, isOpeningBracket(code), index)
      continue
    }
    const key = keyBefore(text, index, done)
    const separatorEnd = endOfSeparator(text, index)
    const start = skipSpaces(text, separatorEnd)
    nesting.key = key?.name ?? ''
    nesting.valueStart = start
    if (key !== undefined && isAssignment(key.name, text.slice(index, separatorEnd)) && isSensitive(key.name, nesting)) {
      const end = endOfValue(text, start, key)
      if (end > start && !EMPTY_VALUE.test(text.slice(start, Math.min(end, start + 10)))) {
        const quotes = quotesAround(text, start, end)
        masked += text.slice(done, start + quotes.before) + mask
        done = end - quotes.after
      }
      index = Math.max(end, separatorEnd) - 1
    } else {
      index = separatorEnd - 1
    }
  }
  return done === 0 ? text : masked + text.slice(done)
}

function followBracket(nesting: Nesting, isOpening: boolean, index: number): void {
  const { parents, key, valueStart } = nesting
  if (isOpening) parents.push(index === valueStart ? key : (parents.at(-1) ?? ''))
  else parents.pop()
}

/** `{` or `[`: they differ in one bit. */
function isOpeningBracket(code: number): boolean {
  return (code | 0x20) === 0x7b
}

/** `}` or `]` */
function isClosingBracket(code: number): boolean {
  return (code | 0x20) === 0x7d
}

/** By its own name, or by that of the object around it and its own: `card` and `number`. */
function isSensitive(name: string, { parents, test }: Nesting): boolean {
  const parent = parents.at(-1) ?? ''
  return test(name) || (parent !== '' && test(`${parent}.${name}`))
}

function isSeparator(code: number): boolean {
  return code === COLON || code === EQUALS
}

/** `=`, `:`, `==`, `:=`, `=>` and the like count as one separator. */
function endOfSeparator(text: string, index: number): number {
  let end = index + 1
  while (end < text.length && (isSeparator(text.charCodeAt(end)) || text[end] === '>')) end++
  return end
}

/** False for `Token::new` and for the line number in `src/token.js:10`. */
function isAssignment(key: string, separator: string): boolean {
  return !separator.startsWith('::') && !(separator === ':' && SOURCE_FILE.test(key))
}

/** The name in front of a separator, across spaces, quotes and closing brackets; undefined where there is none. */
function keyBefore(text: string, index: number, floor: number): Key | undefined {
  let end = index
  for (let skipped = 0; skipped < 4 && end > floor && isBetweenKeyAndSeparator(text.charCodeAt(end - 1)); skipped++) end--
  const lowest = Math.max(floor, end - MAX_KEY_LENGTH)
  let start = end
  while (start > lowest && isKeyCode(text.charCodeAt(start - 1))) start--
  if (end - start <= MAX_SECOND_WORD_LENGTH && SECOND_WORD.test(text.slice(start, end))) start = startOfFirstWord(text, start, lowest)
  if (end - start < 3) return undefined
  const before = start > floor && isQuoteCode(text.charCodeAt(start - 1)) ? (text[start - 1] as string) : ''
  return { name: text.slice(start, end), quote: before }
}

function startOfFirstWord(text: string, start: number, lowest: number): number {
  if (start > lowest && text.charCodeAt(start - 1) === SPACE) start--
  while (start > lowest && isKeyCode(text.charCodeAt(start - 1))) start--
  return start
}

function isBetweenKeyAndSeparator(code: number): boolean {
  return code === SPACE || code === BACKSLASH || isQuoteCode(code) || code === 0x29 || code === 0x5d
}

function isKeyCode(code: number): boolean {
  const isLetter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a
  return isLetter || (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x2d || code === 0x2e
}

function isQuoteCode(code: number): boolean {
  return code === 0x22 || code === 0x27 || code === 0x60
}

function skipSpaces(text: string, index: number): number {
  while (index < text.length && isSpace(text.charCodeAt(index))) index++
  return index
}

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB
}

function endOfValue(text: string, start: number, key: Key): number {
  const quote = openingQuote(text, start)
  if (quote !== '') return endOfQuoted(text, start + quote.length, quote)
  const closing = CLOSING[text[start] ?? '']
  if (closing !== undefined) return endOfBareValue(text, endOfBracketed(text, start, closing))
  if (WHOLE_LINE_KEY.test(key.name)) return endOfLine(text, start, key.quote)
  const end = endOfBareValue(text, start)
  if (end - start > 10 || !AUTH_SCHEME.test(text.slice(start, end))) return end
  return endOfBareValue(text, skipSpaces(text, end))
}

/** A quote, with the backslashes in front of it that JSON inside JSON has; empty where the value is not quoted. */
function openingQuote(text: string, start: number): string {
  let end = start
  while (end < text.length && end - start < 8 && text.charCodeAt(end) === BACKSLASH) end++
  return isQuoteCode(text.charCodeAt(end)) ? text.slice(start, end + 1) : ''
}

/** An unterminated value ends with the text. */
function endOfQuoted(text: string, from: number, quote: string): number {
  for (let end = text.indexOf(quote, from); end !== -1; end = text.indexOf(quote, end + 1)) {
    if (end === from || text.charCodeAt(end - 1) !== BACKSLASH || isEvenRun(text, end, from)) return end + quote.length
  }
  return text.length
}

/** True if the backslashes in front of `end` escape each other and not the quote. */
function isEvenRun(text: string, end: number, from: number): boolean {
  let start = end
  while (start > from && text.charCodeAt(start - 1) === BACKSLASH) start--
  return (end - start) % 2 === 0
}

function endOfBracketed(text: string, start: number, closing: string): number {
  const opening = text[start]
  let depth = 0
  for (let index = start; index < text.length; index++) {
    if (text[index] === opening) depth++
    else if (text[index] === closing && --depth === 0) return index + 1
  }
  return text.length
}

function endOfLine(text: string, start: number, quote: string): number {
  let end = start
  while (end < text.length && text[end] !== '\n' && text[end] !== '\r' && text[end] !== quote) end++
  return end
}

function endOfBareValue(text: string, start: number): number {
  let end = start
  while (end < text.length && !isEndOfBareValue(text, end)) end++
  return end
}

/** Commas and closing brackets may be part of a password; they end it only where something else ends with them. */
function isEndOfBareValue(text: string, index: number): boolean {
  const char = text[index] as string
  if (' \t\r\n&;"\'`<>'.includes(char)) return true
  return ',)}]'.includes(char) && (index + 1 === text.length || ' \t\r\n&;"\'`<>,)}]'.includes(text[index + 1] as string))
}

/** How much of a value is its quotes, which stay. */
function quotesAround(text: string, start: number, end: number): { before: number; after: number } {
  const quote = openingQuote(text, start)
  const isClosed = quote !== '' && end - start >= 2 * quote.length && text.endsWith(quote, end)
  return { before: quote.length, after: isClosed ? quote.length : 0 }
}
