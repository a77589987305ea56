/** A route or middleware that Hono found for the request's path and method. */
interface MatchedRoute {
  readonly method: string
  readonly path: string
}

/** What a Hono request tells of its way: everything that matched, in order, and which of it was entered last. */
export interface RoutedRequest {
  readonly matchedRoutes: readonly MatchedRoute[]
  readonly routeIndex: number
}

/**
 * The template of the route that answered. Where a middleware did (a guard, a cache), that of the route it stands before;
 * where nothing but middleware matched, its path if it is more than `*`; a 404 behind the last route has none.
 */
export function findRoute({ matchedRoutes, routeIndex }: RoutedRequest, statusCode: number): string | undefined {
  const entered = matchedRoutes[routeIndex]
  const next = matchedRoutes.slice(routeIndex).find(isRoute)
  if (next !== undefined) return next.path
  if (statusCode === 404) return undefined
  const passed = matchedRoutes.slice(0, routeIndex).findLast(isRoute)
  const path = passed?.path ?? entered?.path
  return path === '*' || path === '/*' ? undefined : path
}

/** `app.use`, and `app.mount`, which hides its inner routes. */
function isRoute({ method, path }: MatchedRoute): boolean {
  return method !== 'ALL' || !path.endsWith('*')
}
