import { TraceError } from './errors.js'
import type { Exporter } from './exporter.js'

/** Checks of option values. Each returns the value (undefined stays undefined) or throws `INVALID_OPTION` naming the option. */

export function invalid(name: string, expected: string, actual: unknown): TraceError {
  return new TraceError('INVALID_OPTION', `Option ${name} must be ${expected}, not ${describe(actual)}`)
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}

/**
 * `place` is the option that holds these, `sampling`, or whose they are, `of otlpExporter`.
 *
 * @example
 * checkOptionNames({ fields: {} }, ['fields', 'level'], 'of createLogger')
 */
export function knownKeys(options: object, names: readonly string[], place: string): void {
  if (typeof options !== 'object' || options === null) throw invalid(place || 'object', 'an object', options)
  const unknown = Object.keys(options).find((key) => !names.includes(key))
  if (unknown === undefined) return
  const name = place.startsWith('of ') ? `${unknown} ${place}` : place ? `${place}.${unknown}` : unknown
  throw new TraceError('INVALID_OPTION', `Option ${name} is not known; known are ${names.join(', ')}`)
}

export function object<T extends object>(value: T | undefined, name: string, names?: readonly string[]): Partial<T> {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(name, 'an object', value)
  if (names) knownKeys(value, names, name)
  return value
}

export function text(value: string | undefined, name: string): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string' || value.trim() === '') throw invalid(name, 'a string that is not empty', value)
  return value
}

export function flag(value: boolean | undefined, name: string): boolean | undefined {
  if (value !== undefined && typeof value !== 'boolean') throw invalid(name, 'true or false', value)
  return value
}

export function fn<F>(value: F | undefined, name: string): F | undefined {
  if (value !== undefined && typeof value !== 'function') throw invalid(name, 'a function', value)
  return value
}

export function range(value: number | undefined, name: string, limits: { min: number; max?: number }): number | undefined {
  if (value === undefined) return undefined
  const { min, max = Infinity } = limits
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw invalid(name, max === Infinity ? `a number of ${min} or more` : `a number from ${min} to ${max}`, value)
}

/** An object of positive numbers over its defaults. */
export function numbers<T extends object>(value: { readonly [K in keyof T]?: number } | undefined, name: string, defaults: T): T {
  const given = object(value, name, Object.keys(defaults)) as Record<string, number | undefined>
  const result: Record<string, number> = { ...(defaults as Record<string, number>) }
  for (const key of Object.keys(given)) {
    const number = range(given[key], `${name}.${key}`, { min: 0 })
    if (number !== undefined) result[key] = number
  }
  return result as T
}

export function list<T extends string>(value: readonly T[] | undefined, allowed: readonly T[], name: string): readonly T[] | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw invalid(name, `an array of ${allowed.join(', ')}`, value)
  value.forEach((item, index) => oneOf(item, allowed, `${name}[${index}]`))
  return value
}

function oneOf<T extends string>(value: T, allowed: readonly T[], name: string): T {
  if (!allowed.includes(value)) throw invalid(name, `one of ${allowed.join(', ')}`, value)
  return value
}

export function oneOfOrFunction<T extends string, F>(value: T | F | undefined, allowed: readonly T[], name: string): T | F | undefined {
  if (value === undefined || typeof value === 'function') return value
  return oneOf(value as T, allowed, name)
}

export function texts(value: readonly string[] | undefined, name: string): readonly string[] | undefined {
  if (value === undefined || (Array.isArray(value) && value.every((item) => typeof item === 'string'))) return value
  throw invalid(name, 'an array of strings', value)
}

export function patternsOrFunction<T>(value: T | undefined, name: string): T | undefined {
  if (value === undefined || typeof value === 'function' || isPatterns(value)) return value
  throw invalid(name, 'an array of strings and regular expressions, or a function', value)
}

export function patterns<T>(value: T | undefined, name: string): T | undefined {
  if (value === undefined || isPatterns(value)) return value
  throw invalid(name, 'an array of strings and regular expressions', value)
}

function isPatterns(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' || item instanceof RegExp)
}

export function exporter(value: Exporter | false): Exporter | false {
  if (value === false) return false
  if (typeof value?.export === 'function' && typeof value.close === 'function') return value
  throw invalid('exporter', 'false or an object with export() and close()', value)
}
