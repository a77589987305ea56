import { readProperty } from './attributes.js'

/** True for promises and for what can be awaited like one; never throws, whatever a proxy does. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof readProperty(value, 'then') === 'function'
}
