/** One member of a `baggage` header. */
export interface BaggageMember {
  /** A token of RFC 9110; case matters. */
  readonly key: string
  /** The value as text; percent-encoding is undone on reading and done on writing. */
  readonly value: string
  /** What follows the first semicolon, as it travels: `a=1;b`. */
  readonly properties?: string
}

/** Members of one header (W3C Baggage, section 3.3.2). */
const MAX_MEMBERS = 180
/** Bytes of one member; the header is ASCII, so characters are bytes. */
const MAX_MEMBER_LENGTH = 4_096
/** Bytes of the whole header, commas included. */
const MAX_LENGTH = 8_192

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** baggage-octet of section 3.3.1: printable ASCII without space, quote, comma, semicolon and backslash. */
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/

/**
 * Checks a `baggage` header and returns it as it travels on, properties included; undefined where no valid member is left.
 * Invalid members are left out. Reading stops at 180 members or 8,192 bytes; a member over 4,096 bytes is left out.
 *
 * @example
 * normalizeBaggage('user=7 , bad key=1,plan=pro;ttl=3') // 'user=7,plan=pro;ttl=3'
 */
export function normalizeBaggage(header: string): string | undefined {
  if (header.length === 0) return undefined
  const members: string[] = []
  scanMembers(header, (member) => {
    const fields = splitMember(member)
    if (fields !== undefined) members.push(toText(fields.key, fields.value, fields.properties))
  })
  return members.length === 0 ? undefined : members.join(',')
}

/**
 * Reads a `baggage` header (W3C Baggage) within its limits; see `normalizeBaggage` for what is left out. Of two members with one key the last counts.
 *
 * @example
 * parseBaggage('user=J%C3%BCrgen;p=1') // [{ key: 'user', value: 'Jürgen', properties: 'p=1' }]
 */
export function parseBaggage(header: string): BaggageMember[] {
  const members = new Map<string, BaggageMember>()
  if (header.length === 0) return []
  scanMembers(header, (member) => {
    const fields = splitMember(member)
    if (fields === undefined) return
    const { key, properties } = fields
    const value = decode(fields.value)
    members.set(key, properties === '' ? { key, value } : { key, value, properties })
  })
  return [...members.values()]
}

/**
 * Writes a `baggage` header. Members that cannot be written (a key that is no token, properties with characters that may not stand
 * there, over 4,096 bytes) are left out, and so are those beyond 180 members or 8,192 bytes. Empty where nothing is left.
 *
 * @example
 * formatBaggage([{ key: 'user', value: 'Jürgen' }]) // 'user=J%C3%BCrgen'
 */
export function formatBaggage(members: readonly BaggageMember[]): string {
  let header = ''
  let count = 0
  for (const { key, value, properties = '' } of members) {
    const member = toText(key, encode(value), properties)
    const length = header.length + (count > 0 ? 1 : 0) + member.length
    if (member.length > MAX_MEMBER_LENGTH || length > MAX_LENGTH || splitMember(member) === undefined || member.includes(',')) continue
    header = count === 0 ? member : `${header},${member}`
    if (++count === MAX_MEMBERS) break
  }
  return header
}

/** Calls `visit` for every member that lies within the limits. A byte read is a byte charged, whether its member turns out valid or not. */
function scanMembers(header: string, visit: (member: string) => void): void {
  let start = 0
  for (let count = 0; count < MAX_MEMBERS && start < header.length; count++) {
    const comma = header.indexOf(',', start)
    const end = comma === -1 ? header.length : comma
    if (end > MAX_LENGTH) return
    if (end - start <= MAX_MEMBER_LENGTH) visit(header.slice(start, end))
    start = end + 1
  }
}

interface MemberFields {
  readonly key: string
  readonly value: string
  readonly properties: string
}

function splitMember(member: string): MemberFields | undefined {
  const semicolon = member.indexOf(';')
  const pair = semicolon === -1 ? member : member.slice(0, semicolon)
  const equals = pair.indexOf('=')
  if (equals === -1) return undefined
  const key = pair.slice(0, equals).trim()
  const value = pair.slice(equals + 1).trim()
  if (!TOKEN.test(key) || !VALUE.test(value)) return undefined
  const properties = semicolon === -1 ? '' : readProperties(member.slice(semicolon + 1))
  return properties === undefined ? undefined : { key, value, properties }
}

function readProperties(text: string): string | undefined {
  const properties: string[] = []
  for (const part of text.split(';')) {
    const equals = part.indexOf('=')
    const key = (equals === -1 ? part : part.slice(0, equals)).trim()
    const value = equals === -1 ? '' : part.slice(equals + 1).trim()
    if (!TOKEN.test(key) || !VALUE.test(value)) return undefined
    properties.push(equals === -1 ? key : `${key}=${value}`)
  }
  return properties.join(';')
}

function toText(key: string, value: string, properties: string): string {
  return properties === '' ? `${key}=${value}` : `${key}=${value};${properties}`
}

/** Section 3.3.1.3: a sequence that is not valid percent-encoded UTF-8 stands for U+FFFD. */
function decode(value: string): string {
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return value.replace(/(?:%[0-9A-Fa-f]{2})+|%/g, decodeBytes)
  }
}

function decodeBytes(encoded: string): string {
  return encoded === '%' ? '%' : Buffer.from(encoded.replaceAll('%', ''), 'hex').toString('utf8')
}

/** Lone surrogates become U+FFFD first, as encodeURIComponent would throw on them. */
function encode(value: string): string {
  return encodeURIComponent(Buffer.from(value).toString())
}
