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

/**
 * Follows the request through `@koa/router` from here on. The function returned tells the template of the route. `koa-mount` cuts its
 * prefix off `ctx.path` and does not leave it anywhere, so it is read at the moment the router tells its route.
 */
export function followRoute(context: KoaContext): () => string | undefined {
  const ctx = context as RoutedContext
  let matched = ctx._matchedRoute
  let route: string | undefined
  Object.defineProperty(ctx, '_matchedRoute', {
    configurable: true,
    enumerable: true,
    get: () => matched,
    set(path: string | RegExp | undefined) {
      matched = path
      if (ctx.matched?.some((layer) => layer.path === path && layer.methods.length > 0)) route = joinPaths(readPrefix(ctx), String(path))
    },
  })
  return () => route
}

/** Prefixes of `koa-mount` have no parameters. */
function readPrefix({ originalUrl, path }: KoaContext): string {
  const original = originalUrl.split('?', 1)[0] ?? ''
  if (original === path) return ''
  if (original.endsWith(path)) return original.slice(0, -path.length)
  return path === '/' ? original : ''
}

function joinPaths(prefix: string, path: string): string {
  return path === '/' && prefix !== '' ? prefix : prefix + path
}
