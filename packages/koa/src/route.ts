import { mountPrefix } from '@clew/core/adapter'
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

/** What is known of the route by now. */
export interface FollowedRoute {
  matched: string | RegExp | undefined
  template: string | undefined
}

const FOLLOWED: unique symbol = Symbol('clew.koa.route')
type FollowedContext = RoutedContext & { [FOLLOWED]?: FollowedRoute }

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
      followed.template = joinPaths(readPrefix(this), String(path))
  },
}

/**
 * Follows the request through `@koa/router` from here on; the template of the route appears in what is returned. `koa-mount` cuts its
 * prefix off `ctx.path` and does not leave it anywhere, so it is read at the moment the router tells its route.
 */
export function followRoute(context: KoaContext): FollowedRoute {
  const ctx = context as FollowedContext
  const known = ctx[FOLLOWED]
  if (known !== undefined) return known
  const followed: FollowedRoute = { matched: ctx._matchedRoute, template: undefined }
  ctx[FOLLOWED] = followed
  Object.defineProperty(ctx, '_matchedRoute', MATCHED_ROUTE)
  return followed
}

/** Prefixes of `koa-mount` have no parameters. Express around us leaves the whole target in the request. */
function readPrefix({ req, originalUrl, path }: KoaContext): string {
  return mountPrefix((req as { originalUrl?: string }).originalUrl ?? originalUrl, path)
}

function joinPaths(prefix: string, path: string): string {
  return path === '/' && prefix !== '' ? prefix : prefix + path
}
