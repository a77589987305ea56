import { endOfUserinfo, maskEmails, maskUserinfo } from './addresses.js'
import { isSensitiveName, type NameTest, rememberNames } from './sensitive-names.js'

/** What OpenTelemetry writes in place of credentials and signatures in URLs (semantic conventions, `url.full`). */
const MASK = 'REDACTED'

/** Parameters of signed URLs, in lower case (semantic conventions, `url.full`; the last four say who signed and what for). */
const SIGNED_PARAMETERS: ReadonlySet<string> = new Set([
  'x-amz-signature',
  'x-amz-credential',
  'x-amz-security-token',
  'awsaccesskeyid',
  'signature',
  'sig',
  'x-goog-signature',
  'x-goog-credential',
  'googleaccessid',
  'key-pair-id',
])

const MAX_NAME_LENGTH = 128
const MAX_SCHEME_LENGTH = 32

/**
 * Masks what a URL must not give away: user and password, the values of query, fragment and path parameters with sensitive names or
 * of signed URLs, and e-mail addresses. Works on relative URLs and bare queries, too. Returns the URL itself where there is nothing
 * to mask; never throws. Which names are sensitive `test` says.
 *
 * @example
 * redactUrl('https://user:pass@example.com/a?token=abc&page=2')
 * // 'https://REDACTED:REDACTED@example.com/a?token=REDACTED&page=2'
 */
export function redactUrl(url: string, test: NameTest = isSensitiveName): string {
  const path = url.includes('@') ? startOfPath(url) : 0
  if (path === 0) return redactRest(url, test)
  return maskUserinfo(url.slice(0, path), `${MASK}:${MASK}`) + redactRest(url.slice(path), test)
}

/** What follows the host may hold whole URLs again: `?next=https://user:pass@example.com`. */
function redactRest(rest: string, test: NameTest): string {
  return maskEmails(maskUserinfo(maskParameters(rest, test), MASK), MASK)
}

/** Where scheme and authority end; 0 for a relative URL. The host that follows masked credentials would look like an e-mail address. */
function startOfPath(url: string): number {
  const scheme = url.indexOf('://')
  if (scheme === -1 || scheme > MAX_SCHEME_LENGTH) return 0
  const host = endOfUserinfo(url, scheme + 3) + 1
  let end = Math.max(host, scheme + 3)
  while (end < url.length && !isAuthorityEnd(url.charCodeAt(end))) end++
  return end
}

/** `/`, `?` or `#` */
function isAuthorityEnd(code: number): boolean {
  return code === 0x2f || code === 0x3f || code === 0x23
}

function maskParameters(url: string, test: NameTest): string {
  const query = url.indexOf('?')
  let masked = ''
  let done = 0
  for (let equals = url.indexOf('='); equals !== -1; equals = url.indexOf('=', Math.max(equals + 1, done))) {
    const start = startOfName(url, equals)
    if (!isSensitiveParameter(url.slice(start, equals), test)) continue
    const end = endOfValue(url, equals + 1, isInPath(url, start, query))
    masked += url.slice(done, equals + 1) + (end > equals + 1 ? MASK : '')
    done = end
  }
  return done === 0 ? url : masked + url.slice(done)
}

function startOfName(url: string, equals: number): number {
  const lowest = Math.max(0, equals - MAX_NAME_LENGTH)
  let start = equals
  while (start > lowest && !isParameterStart(url.charCodeAt(start - 1))) start--
  return start
}

/** True for a parameter of a path segment, `/a;jsessionid=1/b`, which ends with the segment. */
function isInPath(url: string, start: number, query: number): boolean {
  return url.charCodeAt(start - 1) === 0x3b && (query === -1 || query > start)
}

/** `?`, `&`, `#`, `;` or `/` */
function isParameterStart(code: number): boolean {
  return code === 0x3f || code === 0x26 || code === 0x23 || code === 0x3b || code === 0x2f
}

function endOfValue(url: string, start: number, isPath: boolean): number {
  const isEnd = isPath ? isParameterStart : isValueEnd
  let end = start
  while (end < url.length && !isEnd(url.charCodeAt(end))) end++
  return end
}

/** `&`, `#` or `;` */
function isValueEnd(code: number): boolean {
  return code === 0x26 || code === 0x23 || code === 0x3b
}

function isSensitiveParameter(name: string, test: NameTest): boolean {
  const decoded = name.includes('%') ? decodeName(name) : name
  return isSignedParameter(decoded) || test(decoded)
}

const isSignedParameter = rememberNames((name) => SIGNED_PARAMETERS.has(name.toLowerCase()))

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
