import { cut, readProperty } from './attributes.js'
import type { Attributes } from './span-data.js'

/** What is recorded of something thrown. */
export interface ExceptionInfo {
  /** The class of the error. */
  readonly type: string
  readonly message: string
  /** With the stacks of its causes, and of the errors of an `AggregateError`. */
  readonly stacktrace?: string
  /** What to count it under, `error.type`: the code of a system error (`ECONNREFUSED`), else the class. */
  readonly errorType: string
}

const MAX_CAUSES = 5
/** Of an `AggregateError`. */
const MAX_ERRORS = 5
/** Causes and errors together. */
const MAX_STACKS = 12
const CODE = /^[A-Z][A-Z0-9_]{2,63}$/

/**
 * Reads an error, or whatever else was thrown. Never throws, whatever getters and proxies do.
 *
 * @example
 * readException(new TypeError('x is not a function'), 4_096).type // 'TypeError'
 * readException('out of stock', 4_096).message // 'out of stock'
 */
export function readException(error: unknown, maxLength: number): ExceptionInfo {
  if (typeof error !== 'object' || error === null) {
    const type = error === null ? 'null' : typeof error
    const message = error === undefined || error === null ? `${type} was thrown` : cut(safeString(error), maxLength)
    return { type, message, errorType: type }
  }
  const type = className(error)
  const message = cut(messageOf(error) || messagesOf(errorsOf(error).first), maxLength)
  const stacktrace = stackOf(error, maxLength)
  return { type, message, errorType: errorCode(error) ?? type, ...(stacktrace ? { stacktrace } : undefined) }
}

/** `exception.*` of the semantic conventions. */
export function exceptionAttributes(info: ExceptionInfo): Attributes {
  const attributes: Attributes = { 'exception.type': info.type, 'exception.message': info.message }
  if (info.stacktrace !== undefined) attributes['exception.stacktrace'] = info.stacktrace
  return attributes
}

function className(error: object): string {
  const name = readProperty(error, 'name')
  if (typeof name === 'string' && name !== '' && name !== 'Error') return cut(name, 256)
  const constructorName = readProperty(readProperty(error, 'constructor'), 'name')
  return typeof constructorName === 'string' && constructorName !== '' ? cut(constructorName, 256) : 'Error'
}

/** The code of the error or, for wrappers such as fetch's `TypeError: fetch failed`, of its cause. */
function errorCode(error: object): string | undefined {
  let current: unknown = error
  for (let depth = 0; depth < MAX_CAUSES && typeof current === 'object' && current !== null; depth++) {
    const code = readProperty(current, 'code')
    if (typeof code === 'string' && CODE.test(code)) return code
    current = readProperty(current, 'cause')
  }
  return undefined
}

function messageOf(error: unknown): string {
  return safeString(readProperty(error, 'message') ?? '')
}

/** Node leaves the message empty where a host could be reached by none of its addresses: the errors say it. */
function messagesOf(errors: readonly unknown[]): string {
  const messages = errors.map((error) => (typeof error === 'object' ? messageOf(error) : safeString(error)))
  return messages.filter((message) => message !== '').join('; ')
}

interface AggregatedErrors {
  readonly first: readonly unknown[]
  readonly count: number
}

const NO_ERRORS: AggregatedErrors = { first: [], count: 0 }

/** The `errors` of an `AggregateError`, or of what looks like one. */
function errorsOf(error: object): AggregatedErrors {
  const errors = readProperty(error, 'errors')
  try {
    return Array.isArray(errors) ? { first: errors.slice(0, MAX_ERRORS), count: errors.length } : NO_ERRORS
  } catch {
    return NO_ERRORS
  }
}

interface FoundStacks {
  readonly parts: string[]
  readonly seen: Set<unknown>
}

function stackOf(error: object, maxLength: number): string | undefined {
  const found: FoundStacks = { parts: [], seen: new Set() }
  addStacks(error, '', found)
  return found.parts.length === 0 ? undefined : cut(found.parts.join('\n'), maxLength)
}

function addStacks(error: unknown, label: string, found: FoundStacks): void {
  const { parts, seen } = found
  if (error === undefined || error === null || seen.size >= MAX_STACKS || seen.has(error)) return
  seen.add(error)
  const stack = typeof error === 'object' ? readProperty(error, 'stack') : safeString(error)
  if (typeof stack === 'string') parts.push(label + stack)
  if (typeof error !== 'object') return
  const { first, count } = errorsOf(error)
  first.forEach((item, index) => addStacks(item, `${index + 1} of ${count}: `, found))
  addStacks(readProperty(error, 'cause'), 'Caused by: ', found)
}

function safeString(value: unknown): string {
  try {
    return String(value)
  } catch {
    return '[unreadable]'
  }
}

const RECORDED: symbol = Symbol.for('clew.exceptions.1')
const registry = globalThis as unknown as Record<symbol, WeakMap<object, string> | undefined>
const recorded = (registry[RECORDED] ??= new WeakMap())

/** Remembers that the error was recorded in this trace. False where it was already: an exception is recorded once, where it happened. */
export function markRecorded(error: unknown, traceId: string): boolean {
  if (typeof error !== 'object' || error === null) return true
  if (recorded.get(error) === traceId) return false
  recorded.set(error, traceId)
  return true
}

/**
 * True where the error was recorded on a span of this trace. Values without identity never were.
 *
 * @example
 * const error = new Error('card declined')
 * const span = startSpan('charge').fail(error)
 * isRecorded(error, span.spanContext().traceId) // true
 */
export function isRecorded(error: unknown, traceId: string): boolean {
  return typeof error === 'object' && error !== null && recorded.get(error) === traceId
}
