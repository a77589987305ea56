import { types } from './builtins.js'

/** What is longer or deeper than this was never meant to be read. */
const MAX_ITEMS = 1_000
const MAX_DEPTH = 32
const MAX_KEY_LENGTH = 256

interface Budget {
  items: number
  characters: number
  readonly seen: Set<object>
}

/**
 * JSON of a part of an object that a person can still read: the first thousand items, about `maxLength` characters, bytes only by their number. It
 * looks at no more than it shows, as the whole may be of any size. Circles, repetitions and what throws say so.
 *
 * Throws where nothing of the object can be read.
 */
export function toBoundedJson(value: object, maxLength: number): string {
  const budget: Budget = { items: MAX_ITEMS, characters: maxLength, seen: new Set() }
  return JSON.stringify(prune(value, budget, 0)) ?? '[unreadable]'
}

/** A plain copy that JSON can hold. */
function prune(value: unknown, budget: Budget, depth: number): unknown {
  if (typeof value === 'string') return take(value, budget)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (budget.seen.has(value)) return '[repeated]'
  if (depth > MAX_DEPTH) return '[deep]'
  budget.seen.add(value)
  return pruneObject(value, budget, depth)
}

function pruneObject(value: object, budget: Budget, depth: number): unknown {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  if (value instanceof Error) return take(`${value.name}: ${value.message}`, budget)
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON === 'function') {
    const json: unknown = toJSON.call(value, '')
    return json === value ? pruneMembers(value, budget, depth) : prune(json, budget, depth + 1)
  }
  if (types.isBoxedPrimitive(value)) return prune(value.valueOf(), budget, depth + 1)
  if (value instanceof Map) return pruneMap(value, budget, depth)
  return Array.isArray(value) || value instanceof Set ? pruneList(value, budget, depth) : pruneMembers(value, budget, depth)
}

/** Like an object, so that its keys tell what is sensitive. */
function pruneMap(map: ReadonlyMap<unknown, unknown>, budget: Budget, depth: number): object {
  const members: Record<string, unknown> = {}
  for (const [key, item] of map) {
    if (!isLeft(budget)) break
    const name = typeof key === 'string' ? key : (JSON.stringify(prune(key, budget, depth + 1)) ?? typeof key)
    if (name !== '__proto__') members[take(name, budget, MAX_KEY_LENGTH)] = prune(item, budget, depth + 1)
  }
  return members
}

function pruneList(list: Iterable<unknown>, budget: Budget, depth: number): unknown[] {
  const items: unknown[] = []
  for (const item of list) {
    if (!isLeft(budget)) break
    items.push(prune(item, budget, depth + 1))
  }
  return items
}

function pruneMembers(value: object, budget: Budget, depth: number): object {
  const members: Record<string, unknown> = {}
  for (const name in value) {
    if (!Object.hasOwn(value, name) || name === '__proto__') continue
    if (!isLeft(budget)) break
    members[take(name, budget, MAX_KEY_LENGTH)] = pruneMember(value as Record<string, unknown>, name, { budget, depth })
  }
  return members
}

function pruneMember(value: Record<string, unknown>, name: string, { budget, depth }: { budget: Budget; depth: number }): unknown {
  try {
    return prune(value[name], budget, depth + 1)
  } catch {
    return '[unreadable]'
  }
}

function isLeft(budget: Budget): boolean {
  return budget.characters > 0 && budget.items-- > 0
}

function take(text: string, budget: Budget, maxLength: number = budget.characters): string {
  const part = text.length > maxLength ? text.slice(0, maxLength) : text
  budget.characters -= part.length
  return part
}
