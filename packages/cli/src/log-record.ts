import { parseLineTime, parseTimeValue, TIME_KEYS } from './log-time.js'

/** A line of a log with the lines that belong to it: a stack trace below, or the rest of an object printed over several lines. */
export interface LogRecord {
  /** The bytes as they stand in the file, one character each (latin1), without the last line break. */
  readonly raw: string
  readonly text: string
  /** The object a JSON line holds. */
  readonly fields?: Readonly<Record<string, unknown>>
  /** What stands before the object, such as a container's name. */
  readonly prefix?: string
  /** Unix epoch in milliseconds. */
  readonly time?: number
}

const SERVICE_KEYS = ['service', 'service.name', 'serviceName', 'service_name', 'dd.service', 'app', 'name', 'logger']
const LEVEL_KEYS = ['level', 'severity', 'log.level', 'levelname', 'severityText', 'severity_text', 'lvl']
const SPAN_KEYS = ['span_id', 'spanId', 'span.id', 'spanID', 'dd.span_id']
const MESSAGE_KEYS = ['msg', 'message', 'body', 'event', 'log']
// pino's and bunyan's.
const LEVEL_NAMES: Readonly<Record<number, string>> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }

/** Reads a record from the bytes of its lines. Never throws: what is not JSON is plain text. */
export function parseLogRecord(raw: string): LogRecord {
  const text = Buffer.from(raw, 'latin1').toString('utf8')
  const found = parseFields(text)
  if (found === undefined) return { raw, text, ...withTime(parseLineTime(text)) }
  const time = readFirst(found.fields, TIME_KEYS, parseTimeValue) ?? parseLineTime(found.prefix)
  return { raw, text, ...found, ...withTime(time) }
}

function withTime(time: number | undefined): { time?: number } {
  return time === undefined ? {} : { time }
}

function parseFields(text: string): { fields: Record<string, unknown>; prefix: string } | undefined {
  const start = text.indexOf('{')
  if (start === -1 || !/\}\s*,?\s*$/.test(text.slice(-8))) return undefined
  try {
    const fields: unknown = JSON.parse(text.slice(start, text.lastIndexOf('}') + 1))
    return isObject(fields) ? { fields, prefix: text.slice(0, start).trim() } : undefined
  } catch {
    // Plain text with braces in it.
    return undefined
  }
}

/** True for an object that is neither null nor an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a person reads of a record. */
export interface LogView {
  readonly service?: string
  readonly level?: string
  readonly spanId?: string
  readonly message: string
}

/** Picks service, level, span and message out of a record, by the names that the usual loggers give them. */
export function viewLogRecord(record: LogRecord): LogView {
  const { fields } = record
  return fields === undefined ? viewPlainText(record.text) : viewFields(fields, record.prefix)
}

function viewFields(fields: Readonly<Record<string, unknown>>, prefix: string | undefined): LogView {
  const service = readFirst(fields, SERVICE_KEYS, readName) ?? (prefix === '' ? undefined : prefix)
  const level = readFirst(fields, LEVEL_KEYS, readLevel)
  const spanId = readFirst(fields, SPAN_KEYS, readName)
  return { ...defined({ service, level, spanId }), message: joinMessage(fields) }
}

function joinMessage(fields: Readonly<Record<string, unknown>>): string {
  const message = readFirst(fields, MESSAGE_KEYS, readName) ?? ''
  const error = fields['err'] ?? fields['error'] ?? fields['exception']
  const detail = isObject(error) ? readName(error['message']) : readName(error)
  if (detail === undefined || message.includes(detail)) return message
  return message === '' ? detail : `${message}: ${detail}`
}

const PLAIN_LEVEL = /\b(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL)\b|\b(?:level|lvl|severity)=["']?(\w+)/
const PLAIN_SERVICE = /\b(?:dd\.service|service(?:[._]name)?)["']?[=:]\s*["']?([\w.-]+)/
const PLAIN_SPAN = /\b(?:span_?id|span\.id)["']?[=:]\s*["']?([0-9a-f]{16})\b/i
const LEADING_TIME = /^\[?\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?\s?(?:Z|[+-]\d{2}:?\d{2}(?!\d))?\]?:?\s*/

function viewPlainText(text: string): LogView {
  const level = PLAIN_LEVEL.exec(text.slice(0, 200))
  const service = PLAIN_SERVICE.exec(text)?.[1]
  const spanId = PLAIN_SPAN.exec(text)?.[1]
  return { ...defined({ service, level: (level?.[1] ?? level?.[2])?.toLowerCase(), spanId }), message: text.replace(LEADING_TIME, '') }
}

function defined(view: Record<'service' | 'level' | 'spanId', string | undefined>): Omit<LogView, 'message'> {
  const { service, level, spanId } = view
  return {
    ...(service === undefined ? {} : { service }),
    ...(level === undefined ? {} : { level }),
    ...(spanId === undefined ? {} : { spanId }),
  }
}

function readFirst<T>(
  fields: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  read: (value: unknown) => T | undefined,
): T | undefined {
  for (const key of keys) {
    const value = read(readPath(fields, key))
    if (value !== undefined) return value
  }
  return undefined
}

// `span.id` is a key of its own or the `id` within `span`.
function readPath(fields: Readonly<Record<string, unknown>>, key: string): unknown {
  if (key in fields) return fields[key]
  const dot = key.indexOf('.')
  const outer = dot === -1 ? undefined : fields[key.slice(0, dot)]
  return isObject(outer) ? outer[key.slice(dot + 1)] : undefined
}

function readName(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  if (typeof value === 'number') return String(value)
  return isObject(value) ? readName(value['name']) : undefined
}

function readLevel(value: unknown): string | undefined {
  if (typeof value === 'number') return LEVEL_NAMES[value] ?? String(value)
  return typeof value === 'string' && value !== '' ? value.toLowerCase() : undefined
}
