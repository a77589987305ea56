/** A place within the dashboard: `path` begins with `/` and is relative to the mount path; `query` is empty or begins with `?`. */
export interface Place {
  readonly path: string
  readonly query: string
}

/** What is shown at a place. */
export type Route = { readonly view: 'traces' } | { readonly view: 'trace'; readonly id: string } | { readonly view: 'unknown' }

/** Reads a URL below `base` (which ends with `/`); undefined where it lies outside. */
export function parsePlace(url: string, base: string): Place | undefined {
  const target = new URL(url, base)
  const root = new URL(base)
  if (target.origin !== root.origin || !`${target.pathname}/`.startsWith(root.pathname)) return undefined
  return { path: `/${target.pathname.slice(root.pathname.length)}`, query: target.search }
}

/** Which view a path stands for. Unknown paths are told apart, so that links to files and to the API stay ordinary links. */
export function matchRoute(path: string): Route {
  const parts = path.split('/').filter((part) => part !== '')
  if (parts.length === 0) return { view: 'traces' }
  if (parts[0] !== 'traces' || parts.length > 2) return { view: 'unknown' }
  return parts[1] === undefined ? { view: 'traces' } : { view: 'trace', id: decodeId(parts[1]) }
}

/** The path of a trace, with one of its spans selected where `spanId` is given. External ids may hold any printable character. */
export function toTracePath(id: string, spanId?: string): string {
  const query = spanId === undefined ? '' : `?span=${encodeURIComponent(spanId)}`
  return `/traces/${encodeURIComponent(id)}${query}`
}

function decodeId(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a stray `%`: the id is looked up as it stands
  }
}
