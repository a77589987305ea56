import { suppressTracing } from '@clew/core'
import { Hono } from 'hono'
import type { Context } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { createIngestRoutes } from './ingest.js'
import { resolveOptions } from './options.js'
import type { ResolvedOptions, ServerOptions } from './options.js'
import { createPageRoutes } from './page.js'
import { createQueryRoutes } from './query.js'

/**
 * Makes clew's server as a Hono app: ingest at `/v1`, query API at `/api`, the dashboard everywhere else. It listens to nothing by
 * itself; mount it in an app, or let `serve` run it. Mounted, it checks no `Host` header unless `allowedHosts` is given.
 *
 * Throws a `TraceError` with `INVALID_OPTION` where an option cannot be used.
 *
 * @example
 * ```ts
 * const token = process.env.CLEW_TOKEN
 * if (!token) throw new Error('Set CLEW_TOKEN: whoever knows it can read and write traces')
 * const app = new Hono()
 * app.route('/clew', createServer({ store: memoryStore(), auth: { token } }))
 * ```
 */
export function createServer(options: ServerOptions): Hono {
  return createApp(resolveOptions(options))
}

/** The same from options that have been checked. */
export function createApp(options: ResolvedOptions): Hono {
  const app = new Hono()
  app.use(secure, untraced)
  app.route('/v1', createIngestRoutes(options))
  app.route('/api', createQueryRoutes(options))
  app.route('/', createPageRoutes(options))
  return app
}

/** No inline script or style, nothing from elsewhere, no framing. There is no CORS header, so that no other site reads an answer. */
const secure = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    baseUri: ["'self'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  strictTransportSecurity: false, // for whoever terminates TLS to say
  xFrameOptions: 'DENY',
})

/** What the store does to serve a request must not become spans, which would come back as further requests. */
function untraced(_c: Context, next: () => Promise<void>): Promise<void> {
  return suppressTracing(next)
}
