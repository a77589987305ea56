import type { KoaContext } from './middleware.js'

interface Layer {
  readonly path: string | RegExp
  /** None for `router.use`. */
  readonly methods: readonly string[]
}

/** `@koa/router` leaves here what it has found: all layers that fit, and the path of the one it entered last. */
interface RoutedContext extends KoaContext {
  readonly matched?: readonly Layer[]
  _matchedRoute?: string | RegExp | undefined
}

interface Followed {
  matched: string | RegExp | undefined
  route: string | undefined
}

const FOLLOWED: unique symbol = Symbol('clew.koa.route')
type FollowedContext = RoutedContext & { [FOLLOWED]?: Followed }

/** One pair of functions for all requests: with a pair of its own each context would be an object of a shape of its own, and slow. */
const MATCHED_ROUTE: PropertyDescriptor & ThisType<FollowedContext> = {
  configurable: true,
  enumerable: true,
  get() {
    return this[FOLLOWED]?.matched
  },
  set(path: string | RegExp | undefined) {
    const followed = this[FOLLOWED]
    if (followed === undefined) return
    followed.matched = path
    if (this.matched?.some((layer) => layer.path === path && layer.methods.length > 0))
      followed.route = joinPaths(readPrefix(this), String(path))
  },
}

/**
 * Follows the request through `@koa/router` from here on. The function returned tells the template of the route. `koa-mount` cuts its
 * prefix off `ctx.path` and does not leave it anywhere, so it is read at the moment the router tells its route.
 */
export function followRoute(context: KoaContext): () => string | undefined {
  const ctx = context as FollowedContext
  const followed: Followed = { matched: ctx._matchedRoute, route: undefined }
  ctx[FOLLOWED] = followed
  Object.defineProperty(ctx, '_matchedRoute', MATCHED_ROUTE)
  return () => followed.route
}

/** Of a target in absolute form (RFC 9112, section 3.2.2). */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i

/** Prefixes of `koa-mount` have no parameters. */
function readPrefix({ originalUrl, path }: KoaContext): string {
  const original = originalUrl.replace(ORIGIN, '').split('?', 1)[0] ?? ''
  if (original === path) return ''
  if (original.endsWith(path)) return original.slice(0, -path.length)
  return path === '/' ? original : ''
}

function joinPaths(prefix: string, path: string): string {
  return path === '/' && prefix !== '' ? prefix : prefix + path
}
