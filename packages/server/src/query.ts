import { analyzeTrace } from '@clew/analysis'
import type { Context, Hono } from 'hono'
import * as v from 'valibot'
import { requireToken } from './auth.js'
import { limitQueries } from './deadline.js'
import type { StoreQueries } from './deadline.js'
import { answerError, toNotFound } from './failure.js'
import type { ResolvedOptions } from './options.js'
import { checkRange, day, limit, milliseconds, moment, oneOf, readParameters, takePrefixed, text } from './parameters.js'
import { answerPacked } from './packed.js'
import { createRoutes } from './routes.js'

const RANGE = { from: v.exactOptional(moment), to: v.exactOptional(moment) }

const TRACES = {
  ...RANGE,
  service: v.exactOptional(text),
  operation: v.exactOptional(text),
  minDuration: v.exactOptional(milliseconds),
  maxDuration: v.exactOptional(milliseconds),
  status: v.exactOptional(oneOf(['error', 'ok'])),
  errorType: v.exactOptional(text),
  environment: v.exactOptional(text),
  version: v.exactOptional(text),
  order: v.exactOptional(oneOf(['newest', 'slowest'])),
  limit: v.exactOptional(limit(1_000)),
  cursor: v.exactOptional(text),
}

const SLOW = { ...RANGE, service: v.exactOptional(text), operation: v.exactOptional(text), limit: v.exactOptional(limit(100)) }

const ERRORS = { date: v.exactOptional(day), service: v.exactOptional(text), limit: v.exactOptional(limit(100)) }

/** What the handlers read. */
interface QuerySource {
  readonly store: StoreQueries
  readonly clock: () => number
}

/** The query API, to be mounted at `/api`. */
export function createQueryRoutes(options: ResolvedOptions): Hono {
  const source: QuerySource = { clock: options.clock, store: limitQueries(options.store, options.limits.storeTimeoutMs) }
  const routes = createRoutes(options, answerError)
  routes.use(requireToken(options.token, answerError), forbidCaching)
  routes.get('/v1/traces', (c) => findTraces(c, source))
  routes.get('/v1/traces/:id', (c) => explainTrace(c, source))
  routes.get('/v1/services', (c) => listServices(c, source))
  routes.get('/v1/services/:service/operations', (c) => listOperations(c, source))
  routes.get('/v1/slow', (c) => listSlowest(c, source))
  routes.get('/v1/errors', (c) => listErrors(c, source))
  routes.get('/v1/health', (c) => tellHealth(c, source))
  routes.all('*', (c) => answerError(c, toNotFound(c)))
  return routes
}

function forbidCaching(c: Context, next: () => Promise<void>): Promise<void> {
  c.header('Cache-Control', 'no-store')
  return next()
}

async function findTraces(c: Context, { store }: QuerySource): Promise<Response> {
  const search = readSearch(c)
  const attributes = takePrefixed(search, 'attribute.')
  const query = readParameters(search, TRACES)
  checkRange(query, 'from', 'to')
  checkRange(query, 'minDuration', 'maxDuration')
  return c.json(await store.findTraces(attributes ? { ...query, attributes } : query))
}

async function explainTrace(c: Context, { store }: QuerySource): Promise<Response> {
  readParameters(readSearch(c), {})
  const id = c.req.param('id') ?? ''
  const trace = await store.getTrace(id)
  if (trace) return answerPacked(c, { trace, analysis: analyzeTrace(trace) })
  const message = `There is no trace ${JSON.stringify(id)}: it was never stored, or is no longer kept`
  return answerError(c, { status: 404, code: 'NOT_FOUND', message })
}

async function listServices(c: Context, { store }: QuerySource): Promise<Response> {
  readParameters(readSearch(c), {})
  return c.json({ items: await store.services() })
}

async function listOperations(c: Context, { store }: QuerySource): Promise<Response> {
  readParameters(readSearch(c), {})
  return c.json({ items: await store.operations(c.req.param('service') ?? '') })
}

async function listSlowest(c: Context, { store }: QuerySource): Promise<Response> {
  const query = readParameters(readSearch(c), SLOW)
  checkRange(query, 'from', 'to')
  return c.json({ items: await store.slowest(query) })
}

async function listErrors(c: Context, { store, clock }: QuerySource): Promise<Response> {
  const query = readParameters(readSearch(c), ERRORS)
  const date = query.date ?? new Date(clock()).toISOString().slice(0, 10)
  return c.json({ date, items: await store.errors({ ...query, date }) })
}

async function tellHealth(c: Context, { store }: QuerySource): Promise<Response> {
  readParameters(readSearch(c), {})
  return c.json(await store.health())
}

function readSearch(c: Context): URLSearchParams {
  return new URL(c.req.url).searchParams
}
