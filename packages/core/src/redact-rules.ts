import * as check from './check.js'
import type { AttributeValue } from './span-data.js'
import { type NameTest, rememberNames, toWords } from './sensitive-names.js'
import { isThenable } from './thenable.js'

/**
 * Sees the value of every attribute by its name, before the built-in rules do, and returns what is recorded in its place: the value itself,
 * another one, or undefined for `[REDACTED]`.
 */
export type RedactFunction = (name: string, value: AttributeValue) => AttributeValue | undefined

/** Rules of one's own on top of the built-in ones: names whose values are masked, or a function that sees every value. */
export type RedactRules = readonly (string | RegExp)[] | RedactFunction

/** What rules say about a name: of an attribute as a whole, and of a key inside a text. */
export interface NameRules {
  /** True for names that were given as they stand, and for what a pattern matches. */
  readonly isExact: NameTest
  /** The same, and true wherever the words of a given name follow one another. */
  readonly isMeant: NameTest
}

/** Patterns are asked about the beginning of longer names, so that one that is slow stays bounded. */
const MAX_NAME_LENGTH = 256

/** A name without a letter or digit would name nothing: `*` is no wildcard here. */
export function checkRedact(rules: RedactRules | undefined): RedactRules | undefined {
  check.patternsOrFunction(rules, 'redact')
  if (typeof rules !== 'object') return rules
  const index = rules.findIndex((rule) => typeof rule === 'string' && !/[\p{L}\p{N}]/u.test(rule))
  if (index === -1) return rules
  throw check.invalid(`redact[${index}]`, 'a name with a letter or digit in it, or a regular expression', rules[index])
}

/** Names are compared by their words, whatever their case and separators: `customer.name` is `customerName` and `X-Customer-Name`. */
export function compileNames(rules: readonly (string | RegExp)[]): NameRules {
  const names = rules.filter((rule) => typeof rule === 'string').map(toKey)
  const patterns = rules.filter((rule) => rule instanceof RegExp)
  const whole = new Set(names)
  const longest = Math.max(0, ...names.map((name) => name.length))
  // `search` begins at the front whatever `lastIndex` a pattern with /g has.
  const matches: NameTest = (name) => patterns.some((pattern) => name.slice(0, MAX_NAME_LENGTH).search(pattern) !== -1)
  return {
    isExact: rememberNames((name) => whole.has(toKey(name)) || matches(name)),
    isMeant: rememberNames((name) => hasWordsOf(name, whole, longest) || matches(name)),
  }
}

/** Names without a Latin letter or digit have no words; they count as they are. */
function toKey(name: string): string {
  return toWords(name).join('') || name.toLowerCase()
}

function hasWordsOf(name: string, keys: ReadonlySet<string>, longest: number): boolean {
  const words = toWords(name)
  if (words.length === 0) return keys.has(name.toLowerCase())
  for (let start = 0; start < words.length; start++) {
    let joined = ''
    for (let next = start; next < words.length && joined.length < longest; next++) if (keys.has((joined += words[next]))) return true
  }
  return false
}

/** Calls a function of the user's. What is no value of an attribute is told to `onThrow`, and undefined takes its place. */
export function askRedact(
  redact: RedactFunction,
  { name, value }: NamedValue,
  onThrow: (error: unknown) => void,
): AttributeValue | undefined {
  try {
    const answer: unknown = redact(name, value)
    if (answer === undefined || isAttributeValue(answer)) return answer
    if (isThenable(answer)) answer.then(undefined, onThrow)
    onThrow(new TypeError(`redact must return a string, a number, a boolean, an array of them or undefined, at once (asked for ${name})`))
  } catch (error) {
    onThrow(error)
  }
  return undefined
}

/** An attribute on its own. */
export interface NamedValue {
  readonly name: string
  readonly value: AttributeValue
}

function isAttributeValue(value: unknown): value is AttributeValue {
  return isPrimitive(value) || (Array.isArray(value) && value.every((item) => typeof item === typeof value[0] && isPrimitive(item)))
}

function isPrimitive(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
