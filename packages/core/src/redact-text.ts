import { isDomainCode, maskEmails, maskUserinfo } from './addresses.js'
import { maskAssignments } from './assignments.js'
import type { NameTest } from './sensitive-names.js'
import { maskSqlInText } from './sql-text.js'

/** What stands in the place of a value that is not recorded. */
export const MASK = '[REDACTED]'

/** Below this length one loop over the characters is cheaper than the native searches it can save. */
const SHORT_TEXT = 96

/** The characters without which there is nothing to mask: those of assignments, of addresses and around SQL literals, and those that `isTrigger` looks at. */
const TRIGGERS: Uint8Array = markCodes('@:=\'"(<>% -J')

/** What follows "bearer" in a sentence about credentials rather than in one. */
const NOT_A_CREDENTIAL =
  /^(?:token|tokens|auth|authentication|authorization|scheme|realm|header|credentials?|is|was|not|missing|required|invalid|expired|error)\b/i

/**
 * Masks what must not be recorded inside free text (messages, stacks, span names): e-mail addresses, credentials in URLs, bearer and
 * basic credentials, JSON Web Tokens, PEM private keys, values assigned to sensitive names (`password=x`, `"token":"x"`) and the literals of SQL.
 * Returns the text itself where there is nothing to mask. Never throws; takes time linear in the length of the text.
 * Which names are sensitive `test` says; without it the built-in rules do. `name` is that of the attribute, which an object's JSON continues:
 * `card` and `{"number":"x"}`.
 *
 * @example
 * redactText('no such user: jo@example.com') // 'no such user: [REDACTED]'
 */
export function redactText(text: string, test?: NameTest, name?: string): string {
  if (text.length <= SHORT_TEXT && !hasTrigger(text)) return text
  let masked = maskAssignments(maskUserinfo(maskSqlInText(text), MASK), MASK, test, name)
  masked = maskCredentials(masked, MASK)
  masked = maskWebTokens(masked, MASK)
  masked = maskPrivateKeys(masked, MASK)
  return maskEmails(masked, MASK)
}

function hasTrigger(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x80 && TRIGGERS[code] === 1 && isTrigger(text, index, code)) return true
  }
  return false
}

function isTrigger(text: string, index: number, code: number): boolean {
  switch (code) {
    case 0x20: // the space after "bearer" or "basic"
      return index >= 5 && isLetterOf(text.charCodeAt(index - 1), 0x72, 0x63)
    case 0x25:
      return text.startsWith('%40', index)
    case 0x2d:
      return text.startsWith('-----', index)
    case 0x4a:
      return index >= 2 && text.startsWith('eyJ', index - 2)
    default:
      return true
  }
}

function isLetterOf(code: number, first: number, second: number): boolean {
  const lower = code | 0x20
  return lower === first || lower === second
}

/** RFC 6750 and RFC 7617: `Bearer` or `Basic`, one space, the credential. */
function maskCredentials(text: string, mask: string): string {
  let masked = ''
  let done = 0
  for (let space = text.indexOf(' '); space !== -1; space = text.indexOf(' ', Math.max(space + 1, done))) {
    const scheme = schemeBefore(text, space)
    if (scheme === undefined) continue
    const end = endOfCredential(text, space + 1)
    const credential = text.slice(space + 1, end)
    if (scheme === 'bearer' ? !isBearerCredential(credential) : !isBasicCredential(credential)) continue
    masked += text.slice(done, space + 1) + mask
    done = end
  }
  return done === 0 ? text : masked + text.slice(done)
}

function schemeBefore(text: string, space: number): 'bearer' | 'basic' | undefined {
  if (space < 5 || !isLetterOf(text.charCodeAt(space - 1), 0x72, 0x63)) return undefined
  if (text.slice(space - 5, space).toLowerCase() === 'basic') return 'basic'
  return space >= 6 && text.slice(space - 6, space).toLowerCase() === 'bearer' ? 'bearer' : undefined
}

function endOfCredential(text: string, start: number): number {
  let end = start
  while (end < text.length && isCredentialCode(text.charCodeAt(end))) end++
  return end
}

/** token68 of RFC 9110, section 11.2. */
function isCredentialCode(code: number): boolean {
  return (isDomainCode(code) && code <= 0x7f) || code === 0x5f || code === 0x7e || code === 0x2b || code === 0x2f || code === 0x3d
}

function isBearerCredential(text: string): boolean {
  return text.length >= 4 && !NOT_A_CREDENTIAL.test(text)
}

/** Base64, not a word: "basic authentication" stays. */
function isBasicCredential(text: string): boolean {
  return text.length >= 4 && !/^[A-Z]?[a-z]+[.-]?$/.test(text) && /[0-9A-Z=]/.test(text)
}

/** RFC 7519: base64url parts joined by dots, the first of which is a JSON object and therefore begins with `eyJ`. */
function maskWebTokens(text: string, mask: string): string {
  let masked = ''
  let done = 0
  for (let start = text.indexOf('eyJ'); start !== -1; start = text.indexOf('eyJ', Math.max(start + 3, done))) {
    let end = start
    while (end < text.length && isWebTokenCode(text.charCodeAt(end))) end++
    if (isWebToken(text.slice(start, end))) {
      masked += text.slice(done, start) + mask
      done = end
    } else {
      start = end - 3
    }
  }
  return done === 0 ? text : masked + text.slice(done)
}

function isWebToken(run: string): boolean {
  const dot = run.indexOf('.')
  return dot >= 10 && run.length - dot > 4
}

function isWebTokenCode(code: number): boolean {
  return (isDomainCode(code) && code <= 0x7f) || code === 0x5f
}

/** RFC 7468. An unterminated key ends with the text. */
function maskPrivateKeys(text: string, mask: string): string {
  const header = text.indexOf('PRIVATE KEY-----')
  if (header === -1) return text
  const footer = text.lastIndexOf('-----END')
  const end = footer < header ? text.length : footer
  return text.slice(0, header + 16) + mask + text.slice(end)
}

function markCodes(chars: string): Uint8Array {
  const marks = new Uint8Array(128)
  for (const char of chars) marks[char.charCodeAt(0)] = 1
  return marks
}
