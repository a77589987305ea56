import { expect, it } from 'vitest'
import type { TraceQuery, TraceStore, TraceSummary } from '../contract.js'
import { BASE_TIME, exportSpans, type UseStore } from './builders.js'
import { createOracle, type Oracle } from './oracle.js'
import { createRandom, type Random } from './random.js'
import { ENVIRONMENTS, ERROR_TYPES, EXTERNAL_IDS, generateSpans, METHODS, NAMES, PATHS, SERVICES, VERSIONS } from './traces.js'

const SEEDS = [1, 2, 3]
const TRACES = 150
const QUERIES = 120
const BATCH_SPANS = 50

/** Whether a store answers as one that looks at every span, over generated traces and queries. */
export function testGenerated(useStore: UseStore): void {
  for (const seed of SEEDS) {
    it(
      `answers as a search over every span does (seed ${seed})`,
      useStore(async (store) => {
        const random = createRandom(seed)
        const oracle = await fill(store, random)
        await compareTraces(store, oracle)
        await compareSummaries(store, oracle)
        for (let count = 0; count < QUERIES; count += 1) await compareQuery(store, oracle, random)
      }),
    )
  }
}

async function fill(store: TraceStore, random: Random): Promise<Oracle> {
  const spans = generateSpans(random, TRACES)
  for (let start = 0; start < spans.length; start += BATCH_SPANS) await exportSpans(store, spans.slice(start, start + BATCH_SPANS))
  return createOracle([...new Set(spans)])
}

async function compareTraces(store: TraceStore, oracle: Oracle): Promise<void> {
  for (const trace of oracle.traces) expect(await store.getTrace(trace.traceId)).toEqual(trace)
  for (const externalId of EXTERNAL_IDS) {
    const holders = oracle.traces.filter((trace) => trace.spans.some((span) => span.attributes['trace.external_id'] === externalId))
    const ids = oracle.findTraces({}).map((summary) => summary.traceId)
    const newest = ids.find((id) => holders.some((trace) => trace.traceId === id))
    expect((await store.getTrace(externalId))?.traceId).toBe(newest)
  }
}

async function compareSummaries(store: TraceStore, oracle: Oracle): Promise<void> {
  expect(await store.services()).toEqual(oracle.services())
  for (const service of [...SERVICES, 'nobody']) expect(await store.operations(service)).toEqual(oracle.operations(service))
  expect(await store.health()).toMatchObject({ traceCount: oracle.traces.length, spanCount: oracle.spanCount, dropped: {} })
  for (const time of [BASE_TIME, BASE_TIME + 10_000]) {
    for (const service of [undefined, ...SERVICES]) {
      const query = { date: new Date(time).toISOString().slice(0, 10), ...(service === undefined ? {} : { service }) }
      const groups = await store.errors({ ...query, limit: 100 })
      const counts = groups.map((group) => [group.service, group.operation, group.type, group.count].join('\n'))
      expect(counts.toSorted()).toEqual(oracle.errorCounts(query))
    }
  }
}

async function compareQuery(store: TraceStore, oracle: Oracle, random: Random): Promise<void> {
  const query = generateQuery(random)
  const expected = oracle.findTraces(query)
  expect(await readPages(store, { ...query, limit: random.integer(1, 40) }), JSON.stringify(query)).toEqual(expected)
  const { from, to, service, operation } = query
  const range = Object.fromEntries(Object.entries({ from, to, service, operation }).filter(([, value]) => value !== undefined))
  expect(await store.slowest({ ...range, limit: 10 })).toEqual(oracle.findTraces({ ...range, order: 'slowest' }).slice(0, 10))
}

async function readPages(store: TraceStore, query: TraceQuery): Promise<readonly TraceSummary[]> {
  const { items, nextCursor } = await store.findTraces(query)
  expect(items.length).toBeLessThanOrEqual(query.limit ?? 20)
  if (nextCursor === undefined) return items
  expect(items).toHaveLength(query.limit ?? 20)
  return [...items, ...(await readPages(store, { ...query, cursor: nextCursor }))]
}

/** Each condition with a chance that leaves most queries with a few of them. */
function generateQuery(random: Random): TraceQuery {
  const some = <K extends keyof TraceQuery>(name: K, value: TraceQuery[K]): object => (random.chance(0.2) ? { [name]: value } : {})
  return {
    ...some('from', BASE_TIME + random.integer(0, 10) * 1_000),
    ...some('to', BASE_TIME + random.integer(0, 10) * 1_000),
    ...some('service', random.pick([...SERVICES, 'nobody'])),
    ...some('operation', random.pick([...NAMES, ...PATHS])),
    ...some('minDuration', random.integer(1, 12) * 25),
    ...some('maxDuration', random.integer(1, 12) * 25),
    ...some('status', random.pick(['error', 'ok'])),
    ...some('errorType', random.pick(ERROR_TYPES)),
    ...some('attributes', generateConditions(random)),
    ...some('environment', random.pick(ENVIRONMENTS)),
    ...some('version', random.pick(VERSIONS)),
    ...some('order', random.pick(['newest', 'slowest'])),
  }
}

function generateConditions(random: Random): Record<string, string> {
  const conditions = [
    ['http.request.method', random.pick(METHODS)],
    ['http.response.status_code', random.pick(['200', '404', '503'])],
    ['url.path', random.pick(PATHS)],
    ['tags', random.pick(['a', 'b', 'c'])],
    ['cached', random.pick(['true', 'false'])],
    ['host.name', `${random.pick(SERVICES)}-1`],
    ['nothing', ''],
  ] as const
  return Object.fromEntries(random.shuffle(conditions).slice(0, random.integer(1, 2)))
}
