/** OpenTelemetry's sub-keys for sampling, in the member `ot` of a `tracestate`. */
export interface OtValues {
  /** The rejection threshold: 1 to 14 lower-case hex digits, without zeros at the end. */
  readonly threshold: string | undefined
  /** Explicit randomness: 14 lower-case hex digits. */
  readonly randomness: string | undefined
}

const NO_VALUES: OtValues = { threshold: undefined, randomness: undefined }
const KEY = 'ot='
const MAX_MEMBERS = 32
const MAX_VALUE_LENGTH = 256
const THRESHOLD = /^[0-9a-f]{1,14}$/
const RANDOMNESS = /^[0-9a-f]{14}$/

/**
 * Reads `th` and `rv` of a valid `tracestate` (https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/).
 * What is malformed counts as absent.
 *
 * @example
 * readOt('rojo=1,ot=th:c;rv:6e6d1a75832a2f') // { threshold: 'c', randomness: '6e6d1a75832a2f' }
 */
export function readOt(traceState: string | undefined): OtValues {
  const member = traceState === undefined ? undefined : findMember(traceState.split(','))
  if (member === undefined) return NO_VALUES
  return { threshold: readSubKey(member, 'th', THRESHOLD), randomness: readSubKey(member, 'rv', RANDOMNESS) }
}

/**
 * Writes `th` and `rv` into a `tracestate`: what is undefined is taken out, other sub-keys and members stay. A member that changes goes
 * first (W3C Trace Context Level 2, section 3.5); of more than 32 the last is dropped. Undefined where nothing is left.
 *
 * @example
 * writeOt('rojo=1,ot=p:8;th:c', { threshold: 'fd70a4', randomness: undefined }) // 'ot=p:8;th:fd70a4,rojo=1'
 */
export function writeOt(traceState: string | undefined, values: OtValues): string | undefined {
  const members = traceState === undefined ? [] : traceState.split(',')
  const member = findMember(members)
  const written = writeMember(member, values)
  if (written === member) return traceState
  const others = members.filter((other) => other !== member)
  const list = written === undefined ? others : [written, ...others].slice(0, MAX_MEMBERS)
  return list.length === 0 ? undefined : list.join(',')
}

function findMember(members: readonly string[]): string | undefined {
  return members.find((member) => member.startsWith(KEY))
}

function subKeys(member: string): string[] {
  return member.slice(KEY.length).split(';')
}

function readSubKey(member: string, name: string, shape: RegExp): string | undefined {
  const found = subKeys(member).filter((subKey) => subKey.startsWith(`${name}:`))
  const value = found[0]?.slice(name.length + 1)
  return found.length === 1 && value !== undefined && shape.test(value) ? value : undefined
}

function writeMember(member: string | undefined, { threshold, randomness }: OtValues): string | undefined {
  const before = member === undefined ? [] : subKeys(member)
  if (has(before, 'th', threshold) && has(before, 'rv', randomness)) return member
  const others = before.filter((subKey) => !subKey.startsWith('th:') && !subKey.startsWith('rv:') && subKey !== '')
  const own = [...(threshold === undefined ? [] : [`th:${threshold}`]), ...(randomness === undefined ? [] : [`rv:${randomness}`])]
  const value = [...others, ...own].join(';')
  // A list that would be too long does without our part: better unknown than wrong.
  const fitting = value.length > MAX_VALUE_LENGTH ? others.join(';') : value
  return fitting === '' ? undefined : KEY + fitting
}

/** True where the sub-key stands there once with this value, or not at all where it is undefined. */
function has(before: readonly string[], name: string, value: string | undefined): boolean {
  const found = before.filter((subKey) => subKey.startsWith(`${name}:`))
  return value === undefined ? found.length === 0 : found.length === 1 && found[0] === `${name}:${value}`
}
