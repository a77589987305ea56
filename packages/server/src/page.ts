import type { Context, Hono } from 'hono'
import { basePath } from 'hono/route'
import { createAssetLoader } from './assets.js'
import type { Asset, Assets } from './assets.js'
import { answerError, toNotFound } from './failure.js'
import type { ResolvedOptions } from './options.js'
import { createRoutes } from './routes.js'

const NOT_BUILT = `The dashboard has not been built, so there is no page to show; ingest and /api work without it.
Build it with "npm run build" in clew's repository, then reload this page.
`

/** `/healthz` and the dashboard: its files, and `index.html` for every other GET, since its views have URLs of their own. */
export function createPageRoutes(options: ResolvedOptions): Hono {
  const routes = createRoutes(options, answerError)
  routes.get('/healthz', (c) => c.json({ status: 'ok' }))
  if (options.assetsDirectory !== undefined) {
    const loadAssets = createAssetLoader(options.assetsDirectory)
    routes.get('*', async (c) => answerPage(c, await loadAssets()))
  }
  routes.all('*', (c) => answerError(c, toNotFound(c)))
  return routes
}

function answerPage(c: Context, assets: Assets | undefined): Response {
  if (!assets) return c.text(NOT_BUILT, 503)
  const path = readInnerPath(c)
  const file = path === '/index.html' ? undefined : assets.files.get(path.slice(1))
  if (file) return answerFile(c, path, file)
  if (path.startsWith('/assets/')) return answerError(c, toNotFound(c))
  c.header('Cache-Control', 'no-cache')
  return c.html(assets.page.replace(/<base\b[^>]*>/, () => `<base href="${toBase(c, path)}">`))
}

/** Vite puts a hash of the content into the names below `assets/`. */
function answerFile(c: Context, path: string, { body, contentType }: Asset): Response {
  const caching = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
  return c.body(body, 200, { 'Content-Type': contentType, 'Cache-Control': caching })
}

/** The path below the mount path: empty, or beginning with `/`. */
function readInnerPath(c: Context): string {
  return c.req.path.slice(basePath(c).replace(/\/$/, '').length)
}

/**
 * The way from the page's own URL up to the mount path. It is relative because nobody can know the whole mount path: a reverse proxy,
 * `app.mount()` or Express may have cut a part of it off before the request came here.
 */
function toBase(c: Context, innerPath: string): string {
  const [lastSegment] = readShownPath(c).split('/').slice(-1)
  if (innerPath.length <= 1 && lastSegment) return `./${lastSegment.replaceAll('&', '&amp;')}/` // mounted at /clew, asked for /clew
  return '../'.repeat(Math.max(0, innerPath.split('/').length - 2)) || './'
}

/** The path as the browser has it, as far as it can be told: Express keeps the uncut one as `originalUrl`. */
function readShownPath(c: Context): string {
  const { originalUrl } = (c.env as { incoming?: { originalUrl?: string } } | undefined)?.incoming ?? {}
  return new URL(originalUrl ?? c.req.url, c.req.url).pathname
}
