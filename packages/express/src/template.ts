/** A path as Express takes it. */
export type Path = string | RegExp
/** The parameters of a matched path; wildcards of Express 5 are arrays. */
export type Params = Readonly<Record<string, unknown>>

/** The path of a route or router as it was written. */
export interface Template {
  readonly template: string
  /** True where it was inferred from values and more than one template could have given them. */
  readonly inferred: boolean
}

/** `/orders` and `/` are `/orders`; `/orders` and `/:id` are `/orders/:id`. */
export function joinTemplates(outer: Template, inner: Template): Template {
  const base = outer.template.endsWith('/') ? outer.template.slice(0, -1) : outer.template
  const template = inner.template === '/' && base !== '' ? base : base + inner.template
  return { template, inferred: outer.inferred || inner.inferred }
}

const DYNAMIC = /[:*{}()?+]/

/** True where `pattern` can have matched exactly `path`: its fixed segments are there. */
export function isPlausible(pattern: Path, path: string): boolean {
  if (pattern === path) return true
  if (typeof pattern !== 'string') return path.search(pattern) !== -1
  const wanted = splitPath(pattern)
  const given = splitPath(path)
  if (wanted.length !== given.length && !/[*{(?]/.test(pattern)) return false
  for (const [index, segment] of wanted.entries()) {
    if (DYNAMIC.test(segment)) {
      if (!segment.startsWith(':')) return true
    } else if (segment.toLowerCase() !== given[index]?.toLowerCase()) return false
  }
  return true
}

/** Which of several paths of one route has matched the rest of `url`. */
export function choosePath(paths: readonly Path[], url: string): Template {
  const path = url.split('?', 1)[0] ?? '/'
  const plausible = paths.filter((pattern) => isPlausible(pattern, path))
  return { template: String(plausible[0] ?? paths[0] ?? '/'), inferred: plausible.length !== 1 }
}

/**
 * Puts the names of the parameters back in the place of their values: `/users/7` with `{ id: '7' }` is `/users/:id`. Marked as inferred
 * where a value stands in more places than there are parameters for it, or in none. `inherited` are the parameters of the outer router,
 * which `mergeParams` repeats.
 */
export function inferTemplate(matched: string, params: Params = {}, inherited: Params = {}): Template {
  const entries = Object.entries(params).filter(([, value]) => value !== undefined && value !== '')
  if (entries.length === 0) return { template: matched, inferred: false }
  const path: Inference = { given: splitPath(matched).map(decode), written: splitPath(matched) }
  const own = entries.filter(([name]) => !(name in inherited))
  const repeated = entries.filter(([name]) => name in inherited)
  const placed = own.map((entry) => placeName(entry, own, path))
  // A parameter of the outer router that stands here again may be one of the same name, or chance.
  const chances = repeated.map((entry) => placeName(entry, repeated, path))
  const inferred = placed.some((place) => place !== 'only') || chances.some((place) => place !== 'none')
  return { template: `/${path.written.join('/')}`, inferred }
}

interface Inference {
  /** The segments as they came; those that are taken are emptied. */
  readonly given: string[]
  /** The segments with names in the place of values. */
  readonly written: string[]
}

type Entry = readonly [name: string, value: unknown]

/** Writes the name where the value stands first, and tells whether it stood there alone. */
function placeName([name, value]: Entry, rivals: readonly Entry[], { given, written }: Inference): 'only' | 'first' | 'none' {
  const parts = Array.isArray(value) ? value.map(String) : String(value).split('/')
  const places = [...given.keys()].filter((index) => parts.every((part, offset) => given[index + offset] === part))
  const [at] = places
  if (at === undefined) return placeWithin([name, value], { given, written })
  written.splice(at, parts.length, nameOf(name, value))
  given.splice(at, parts.length, '')
  const equal = rivals.filter((rival) => String(rival[1]) === String(value))
  return places.length <= equal.length ? 'only' : 'first'
}

/** Parameters that are part of a segment: `/:from-:to`, `/v:version`. */
function placeWithin([name, value]: Entry, { given, written }: Inference): 'only' | 'first' | 'none' {
  const text = String(value)
  const at = given.findIndex((segment) => segment.includes(text))
  const segment = given[at]
  if (segment === undefined) return 'none'
  const isOnly = given.filter((other) => other.includes(text)).length === 1 && segment.indexOf(text) === segment.lastIndexOf(text)
  written[at] = decode(written[at] ?? '').replace(text, () => nameOf(name, value))
  given[at] = segment.replace(text, '/')
  return isOnly ? 'only' : 'first'
}

/** Groups without a name, and `*` of Express 4, are numbered. */
function nameOf(name: string, value: unknown): string {
  if (/^\d+$/.test(name)) return '*'
  return Array.isArray(value) ? `*${name}` : `:${name}`
}

function splitPath(path: string): string[] {
  return path.replace(/^\//, '').replace(/\/$/, '').split('/')
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
