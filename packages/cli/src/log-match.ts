import { deriveTraceId, type LogTarget, toDatadogId } from './log-id.js'
import { isObject, type LogRecord } from './log-record.js'

/** Finds the records of one trace. */
export interface LogMatcher {
  /** Finds where a record of the trace may be, in bytes read as latin1. Global: `lastIndex` moves. */
  readonly pattern: RegExp
  /** Whether the record really is the trace's. */
  matches(record: LogRecord): boolean
}

const MAX_DEPTH = 6
const TRACE_KEYS: ReadonlySet<string> = new Set([
  'traceid',
  'xtraceid',
  'ddtraceid',
  'oteltraceid',
  'xb3traceid',
  'xdatadogtraceid',
  'externalid',
  'traceexternalid',
  'externaltraceid',
])
const EXTERNAL_KEYS: ReadonlySet<string> = new Set(['externalid', 'traceexternalid', 'externaltraceid', 'xtraceid'])
const MESSAGE_KEYS: ReadonlySet<string> = new Set(['msg', 'message', 'body', 'event', 'log'])

/**
 * Makes the matcher of a trace. The hex id (any case, with or without UUID dashes) matches wherever it stands as a whole word.
 * The external id and Datadog's decimal one could mean something else: in JSON they count under a key that names a trace id,
 * or in the message; in plain text the external id counts as a whole word and the decimal one after `dd.trace_id`.
 */
export function createLogMatcher(target: LogTarget): LogMatcher {
  const hex = hexSource(target.traceId)
  const decimal = toDatadogId(target.traceId)
  const { externalId } = target
  const external = externalId === undefined ? undefined : externalSource(externalId)
  const hexWord = new RegExp(`(?:(?<![0-9a-z])|(?<=\\\\[nrtbf]))(?:${hex})(?![0-9a-z])`, 'i')
  const textWord = new RegExp(`dd[._]?trace_?id["']?\\s*[=:]\\s*["']?${decimal}(?!\\d)${external === undefined ? '' : `|${external}`}`)
  const values = { decimal, externalId, word: textWord }
  return {
    pattern: new RegExp([hex, decimalSource(decimal), ...(externalId === undefined ? [] : [rawSource(externalId)])].join('|'), 'gi'),
    matches(record) {
      if (hexWord.test(record.text)) return true
      return record.fields === undefined ? textWord.test(record.text) : hasTraceField(record.fields, values)
    },
  }
}

// A short number stands on every other line; there its key is asked for at once.
function decimalSource(decimal: string): string {
  return decimal.length >= 15 ? `(?<!\\d)${decimal}(?!\\d)` : `trace[._-]?id["']?\\s*[=:]\\s*["']?${decimal}(?!\\d)`
}

// The external id in the bytes of a file: as it is, or as JSON may escape it (RFC 8259, section 7; letters and digits never are).
function rawSource(externalId: string): string {
  return externalId.replace(/[^\w-]/gu, (character) => {
    const literal = escapePattern(Buffer.from(character, 'utf8').toString('latin1'))
    const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index).toString(16).padStart(4, '0'))
    const short = '"\\/'.includes(character) ? [`\\\\${literal}`] : []
    return `(?:${[...short, literal, units.map((unit) => `\\\\u${unit}`).join('')].join('|')})`
  })
}

// Dashes may stand where a UUID has them; ids of 64 bits are also logged without the zeros they were padded with.
function hexSource(traceId: string): string {
  const groups = [traceId.slice(0, 8), traceId.slice(8, 12), traceId.slice(12, 16), traceId.slice(16, 20), traceId.slice(20)]
  const whole = groups.join('-?')
  return traceId.startsWith('0'.repeat(16)) ? `${whole}|${traceId.slice(16)}` : whole
}

// A sentence or a log format may end right behind the id (`abc-123.`, `abc-123,`), but `abc-123.4` is another one.
function externalSource(externalId: string): string {
  return `(?<![\\w-])${escapePattern(externalId)}(?![\\w-])(?![.:/+=]\\w)`
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}

interface WantedValues {
  readonly decimal: string
  readonly externalId: string | undefined
  readonly word: RegExp
}

function hasTraceField(fields: Readonly<Record<string, unknown>>, wanted: WantedValues): boolean {
  return someField(fields, (key, value) => {
    if (TRACE_KEYS.has(key)) return isWanted(value, wanted)
    return MESSAGE_KEYS.has(key) && typeof value === 'string' && wanted.word.test(value)
  })
}

// A number above 2^53 lost digits when it was parsed; the wanted one loses the same ones.
function isWanted(value: unknown, { decimal, externalId }: WantedValues): boolean {
  if (typeof value === 'number') return value === Number(decimal)
  return value === decimal || (externalId !== undefined && value === externalId)
}

/** The external id that a record of the trace carries, if the trace id is the one derived from it: then every line with it belongs to the trace. */
export function learnExternalId(record: LogRecord, traceId: string): string | undefined {
  let learned: string | undefined
  const isDerived = (value: unknown): value is string =>
    typeof value === 'string' && value.length <= 128 && deriveTraceId(value) === traceId
  if (record.fields === undefined) {
    return [...record.text.matchAll(/\b(?:external_?id|x-trace-id)["']?\s*[=:]\s*["']?([\w.:/+=-]{1,128})/gi)]
      .map((match) => match[1])
      .find(isDerived)
  }
  someField(record.fields, (key, value) => {
    if (EXTERNAL_KEYS.has(key) && isDerived(value)) learned = value
    return learned !== undefined
  })
  return learned
}

type FieldTest = (key: string, value: unknown) => boolean

// Keys are compared without case, dots, dashes and underscores, alone and behind their parent's: `trace: { id }` is a `traceid`.
function someField(fields: Readonly<Record<string, unknown>>, test: FieldTest): boolean {
  return someFieldBelow({ fields, parent: '', depth: 0 }, test)
}

interface Level {
  readonly fields: Readonly<Record<string, unknown>>
  readonly parent: string
  readonly depth: number
}

function someFieldBelow({ fields, parent, depth }: Level, test: FieldTest): boolean {
  return Object.entries(fields).some(([name, value]) => {
    const key = name.toLowerCase().replace(/[^a-z0-9]/g, '')
    const values: readonly unknown[] = Array.isArray(value) ? value : [value]
    return values.some((item) => {
      if (isObject(item)) return depth < MAX_DEPTH && someFieldBelow({ fields: item, parent: key, depth: depth + 1 }, test)
      return test(key, item) || (parent !== '' && test(parent + key, item))
    })
  })
}
