const MAX_MEMBERS = 32
const MAX_KEY_LENGTH = 256
const MAX_VALUE_LENGTH = 256
/** The longest list that the grammar allows, without optional white space. */
const MAX_LENGTH: number = MAX_MEMBERS * (MAX_KEY_LENGTH + 1 + MAX_VALUE_LENGTH) + MAX_MEMBERS - 1
const SPACE = 0x20
const TAB = 0x09
const COMMA = 0x2c
const EQUALS = 0x3d

/**
 * Checks a `tracestate` header (W3C Trace Context Level 2, section 3.3) and returns it as it travels on: order and members
 * unchanged, white space around members and empty members removed. Undefined where any of it is invalid: the list is dropped whole.
 *
 * @example
 * normalizeTracestate('rojo=00f067aa0ba902b7 , congo=t61rcWkgMzE') // 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE'
 * normalizeTracestate('Rojo=1') // undefined: keys are lower case
 */
export function normalizeTracestate(value: string): string | undefined {
  if (value.length === 0 || value.length > MAX_LENGTH) return undefined
  const members = readMembers(value)
  if (members === undefined || members.length === 0) return undefined
  return members.join(',')
}

function readMembers(value: string): string[] | undefined {
  const members: string[] = []
  const keys: string[] = []
  let count = 0
  for (let start = 0; start <= value.length; count++) {
    if (count === MAX_MEMBERS) return undefined
    const comma = value.indexOf(',', start)
    const end = comma === -1 ? value.length : comma
    const member = trimOptionalSpace(value, start, end)
    start = end + 1
    if (member === '') continue
    const key = readKey(member)
    if (key === undefined || keys.includes(key)) return undefined
    keys.push(key)
    members.push(member)
  }
  return members
}

function trimOptionalSpace(value: string, start: number, end: number): string {
  while (start < end && isOptionalSpace(value.charCodeAt(start))) start++
  while (end > start && isOptionalSpace(value.charCodeAt(end - 1))) end--
  return value.slice(start, end)
}

function isOptionalSpace(code: number): boolean {
  return code === SPACE || code === TAB
}

/** The key of a valid member `key=value`; undefined for an invalid one. */
function readKey(member: string): string | undefined {
  const equals = member.indexOf('=')
  if (equals < 1 || equals > MAX_KEY_LENGTH || !isValue(member, equals + 1)) return undefined
  for (let index = 0; index < equals; index++) {
    const code = member.charCodeAt(index)
    if (!isLowerAlphanumeric(code) && (index === 0 || !isKeyPunctuation(code))) return undefined
  }
  return member.slice(0, equals)
}

/** Section 3.3.1.3.2: 1 to 256 printable characters without comma and equals sign; the last is not a space, as it was trimmed. */
function isValue(member: string, start: number): boolean {
  const length = member.length - start
  if (length < 1 || length > MAX_VALUE_LENGTH) return false
  for (let index = start; index < member.length; index++) {
    const code = member.charCodeAt(index)
    if (code < SPACE || code > 0x7e || code === COMMA || code === EQUALS) return false
  }
  return true
}

function isLowerAlphanumeric(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39)
}

/** `_ - * / @` */
function isKeyPunctuation(code: number): boolean {
  return code === 0x5f || code === 0x2d || code === 0x2a || code === 0x2f || code === 0x40
}
