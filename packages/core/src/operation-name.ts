const MAX_NAMES = 1000
/** By method and route. */
const known = new Map<string, Map<string, string>>()
let count = 0

/**
 * The name of a request's span: `GET /orders/:id`. The same string for the same request, as each new one would have to be hashed before
 * its histogram is found: 90 ns of 160.
 */
export function operationName(method: string, route: string): string {
  const names = known.get(method)
  return names?.get(route) ?? remember(method, route)
}

function remember(method: string, route: string): string {
  if (count++ >= MAX_NAMES) {
    known.clear()
    count = 1
  }
  const name = `${method} ${route}`
  const names = known.get(method) ?? new Map<string, string>()
  known.set(method, names.set(route, name))
  return name
}
