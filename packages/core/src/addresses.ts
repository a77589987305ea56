/** Bounds every look to the left or beyond an authority, so that hostile text costs linear time. */
const MAX_LOOK = 256

const AT = 0x40
const DOT = 0x2e
/** What follows an at sign in file names: `logo@2x.png`. */
const FILE_SUFFIXES: ReadonlySet<string> = new Set([
  'png',
  'jpg',
  'jpeg',
  'gif',
  'webp',
  'svg',
  'avif',
  'ico',
  'js',
  'mjs',
  'cjs',
  'ts',
  'css',
  'json',
  'map',
])

/**
 * Masks e-mail addresses, percent-encoded at signs (`%40`) included.
 *
 * @example
 * maskEmails('to=jo%40example.com', 'REDACTED') // 'to=REDACTED'
 */
export function maskEmails(text: string, mask: string): string {
  let masked = ''
  let done = 0
  const signs = { plain: text.indexOf('@'), encoded: text.indexOf('%40') }
  for (let at = firstAt(signs); at !== -1; at = nextAt(text, signs, Math.max(at + 1, done))) {
    const start = startOfLocalPart(text, at, done)
    const end = endOfAddress(text, at)
    if (start === at || end === -1) continue
    masked += text.slice(done, start) + mask
    done = end
  }
  return done === 0 ? text : masked + text.slice(done)
}

/**
 * Masks user and password of every URL in a text.
 *
 * @example
 * maskUserinfo('connect to redis://:s3cret@cache:6379', '[REDACTED]') // 'connect to redis://[REDACTED]@cache:6379'
 */
export function maskUserinfo(text: string, mask: string): string {
  if (!text.includes('@')) return text
  let masked = ''
  let done = 0
  for (let scheme = text.indexOf('://'); scheme !== -1; scheme = text.indexOf('://', Math.max(scheme + 3, done))) {
    const start = scheme + 3
    const at = endOfUserinfo(text, start)
    if (at <= start) continue
    masked += text.slice(done, start) + mask
    done = at
  }
  return done === 0 ? text : masked + text.slice(done)
}

/** The next at sign of either spelling, -1 where no more come: each is searched for anew only when it has been passed. */
interface AtSigns {
  plain: number
  encoded: number
}

function nextAt(text: string, signs: AtSigns, from: number): number {
  if (signs.plain !== -1 && signs.plain < from) signs.plain = text.indexOf('@', from)
  if (signs.encoded !== -1 && signs.encoded < from) signs.encoded = text.indexOf('%40', from)
  return firstAt(signs)
}

function firstAt({ plain, encoded }: AtSigns): number {
  return plain === -1 || encoded === -1 ? Math.max(plain, encoded) : Math.min(plain, encoded)
}

function startOfLocalPart(text: string, at: number, floor: number): number {
  const lowest = Math.max(floor, at - MAX_LOOK)
  let start = at
  while (start > lowest && isLocalCode(text.charCodeAt(start - 1))) start--
  return start
}

/** Letters, digits, `. _ % + -` and everything beyond ASCII; the rarer marks would swallow the key of `email=jo@example.com`. */
function isLocalCode(code: number): boolean {
  return isDomainCode(code) || code === 0x5f || code === 0x25 || code === 0x2b
}

/** Letters, digits, dot, dash and everything beyond ASCII. */
export function isDomainCode(code: number): boolean {
  const lower = code | 0x20
  return (lower >= 0x61 && lower <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === DOT || code === 0x2d || code > 0x7f
}

/** `a@b.de@c.de` is masked as one. */
function endOfAddress(text: string, at: number): number {
  let end = -1
  for (let next = at; isAt(text, next);) {
    const domainEnd = endOfDomain(text, next + (text.charCodeAt(next) === AT ? 1 : 3))
    if (domainEnd === -1) break
    end = next = domainEnd
  }
  return end
}

function isAt(text: string, index: number): boolean {
  return text.charCodeAt(index) === AT || text.startsWith('%40', index)
}

/** Where a domain with a top level of letters ends; -1 for `pkg@1.2.3`, `logo@2x.png` and `user@localhost`. */
function endOfDomain(text: string, start: number): number {
  let end = start
  while (end < text.length && isDomainCode(text.charCodeAt(end))) end++
  while (end > start && !isLabelEnd(text.charCodeAt(end - 1))) end--
  let dot = end - 1
  while (dot > start && text.charCodeAt(dot) !== DOT) dot--
  if (dot <= start || end - dot < 3) return -1
  const topLevel = text.slice(dot + 1, end).toLowerCase()
  return /^\d/.test(topLevel) || FILE_SUFFIXES.has(topLevel) ? -1 : end
}

function isLabelEnd(code: number): boolean {
  return code !== DOT && code !== 0x2d
}

/** The at sign that ends the userinfo of the authority that begins at `start`; -1 where there is none. */
export function endOfUserinfo(text: string, start: number): number {
  let end = start
  while (end < text.length && !isEndOfUrl(text.charCodeAt(end)) && !'/?#'.includes(text[end] as string)) end++
  const at = lastAtBetween(text, start, end)
  if (at !== -1 || !hasPortOfText(text, start, end)) return at
  // "user:p#ss@host": a mark that should have been percent-encoded cut the password in two.
  const limit = Math.min(text.length, start + MAX_LOOK)
  while (end < limit && !isEndOfUrl(text.charCodeAt(end))) end++
  return lastAtBetween(text, start, end)
}

function lastAtBetween(text: string, start: number, end: number): number {
  for (let index = end - 1; index > start; index--) {
    if (text.charCodeAt(index) === AT) return index
  }
  return -1
}

function hasPortOfText(text: string, start: number, end: number): boolean {
  const colon = text.indexOf(':', start)
  return colon !== -1 && colon < end && text[start] !== '[' && /\D/.test(text.slice(colon + 1, end))
}

function isEndOfUrl(code: number): boolean {
  return code <= 0x20 || code === 0x22 || code === 0x27 || code === 0x60 || code === 0x3c || code === 0x3e
}
