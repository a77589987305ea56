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
 * Checks a `baggage` header (W3C Baggage) and returns it as it travels on, properties included; undefined where no valid member is left.
 * Invalid members are left out. Reading stops at 180 members or 8,192 bytes; a member over 4,096 bytes is left out.
 *
 * @example
 * normalizeBaggage('user=7 , bad key=1,plan=pro;ttl=3') // 'user=7,plan=pro;ttl=3'
 */
export function normalizeBaggage(given: string): string | undefined {
  // One character more than fits tells whether the last member is whole.
  const header = given.length > MAX_LENGTH ? given.slice(0, MAX_LENGTH + 1) : given
  const members: string[] = []
  let start = 0
  // A byte read is a byte charged, whether its member turns out valid or not.
  for (let count = 0; count < MAX_MEMBERS && start < header.length; count++) {
    const comma = header.indexOf(',', start)
    const end = comma === -1 ? header.length : comma
    if (end > MAX_LENGTH) break
    const member = end - start <= MAX_MEMBER_LENGTH ? normalizeMember(header.slice(start, end)) : undefined
    if (member !== undefined) members.push(member)
    start = end + 1
  }
  return members.length === 0 ? undefined : members.join(',')
}

/** A pair and its properties without the white space around them; undefined where one of them is invalid. */
function normalizeMember(member: string): string | undefined {
  const parts: string[] = []
  for (const part of member.split(';')) {
    const equals = part.indexOf('=')
    if (equals === -1 && parts.length === 0) return undefined
    const key = (equals === -1 ? part : part.slice(0, equals)).trim()
    const value = equals === -1 ? '' : part.slice(equals + 1).trim()
    if (!TOKEN.test(key) || !VALUE.test(value)) return undefined
    parts.push(equals === -1 ? key : `${key}=${value}`)
  }
  return parts.join(';')
}
