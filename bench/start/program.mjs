// A service up to the point where it could listen: node program.mjs <framework> <framework | clew | otel>. Prints its CPU time.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const [framework = '', variant = ''] = process.argv.slice(2)

/** @type {Readonly<Record<string, () => any>>} */
const CREATE_APP = {
  express: async () => require('express')(),
  koa: async () => new (require('koa'))(),
  hono: async () => {
    await import('@hono/node-server')
    return new (await import('hono')).Hono()
  },
}

/** @type {Readonly<Record<string, () => Promise<any>>>} */
const ADAPTERS = {
  express: async () => (await import('@clew/express')).expressTracing(),
  koa: async () => (await import('@clew/koa')).koaTracing(),
  hono: async () => (await import('@clew/hono')).honoTracing(),
}

async function startClew() {
  const { createTracer } = await import('@clew/core')
  // With the default exporter, OTLP over HTTP.
  createTracer({ service: 'bench' })
  return ADAPTERS[framework]?.()
}

async function startOtel() {
  const { createOtel } = await import('../request/otel.mjs')
  return (await createOtel(framework, 1)).middlewares[0]
}

const middleware = variant === 'clew' ? await startClew() : variant === 'otel' ? await startOtel() : undefined
const app = await CREATE_APP[framework]?.()
if (middleware !== undefined) app.use(middleware)
const { user, system } = process.cpuUsage()
const modules = /** @type {{ countedModules?: number }} */ (globalThis).countedModules
console.log(JSON.stringify({ cpuMs: (user + system) / 1000, modules }))
process.exit()
