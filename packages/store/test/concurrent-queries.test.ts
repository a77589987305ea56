import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { buildSpan, exportSpans, toHexId } from '../src/conformance/builders.js'
import { memoryStore, type SpanData, type TraceStore } from '../src/index.js'

const NOW = Date.UTC(2026, 0, 15, 12)
const TRACES = 4_000
const GATEWAY = { attributes: { 'service.name': 'gateway' } }
const ORDERS = { attributes: { 'service.name': 'orders' } }
/** Less than the traces take. */
const OPTIONS = { maxBytes: 12 * 1024 * 1024, clock: () => NOW }

/** A call from the gateway to orders that failed there. */
function buildRequest(number: number): SpanData[] {
  const traceId = toHexId(number, 32)
  const failed = { traceId, status: 'error', attributes: { 'error.type': `E${number % 3}` } } as const
  const [root, call, served] = [1, 2, 3].map((span) => toHexId(number * 8 + span, 16)) as [string, string, string]
  const startTime = NOW - 10_000 + number
  return [
    buildSpan({
      ...failed,
      spanId: root,
      service: 'gateway',
      resource: GATEWAY,
      name: 'GET /',
      startTime,
      duration: 9 + (number % 50),
      statusMessage: `no ${number}`,
    }),
    buildSpan({
      ...failed,
      spanId: call,
      parentSpanId: root,
      service: 'gateway',
      resource: GATEWAY,
      kind: 'client',
      startTime: startTime + 1,
      duration: 8,
    }),
    buildSpan({ ...failed, spanId: served, parentSpanId: call, resource: ORDERS, startTime: startTime + 2, duration: 6 }),
  ]
}

function buildRequests(first: number, count: number): SpanData[] {
  return Array.from({ length: count }, (_, index) => buildRequest(first + index)).flat()
}

/** New traces, for which the oldest have to go, and spans that change old ones. */
function buildRound(round: number): SpanData[] {
  const changes = Array.from({ length: 40 }, (_, index) => {
    const number = 1 + (((round * 40 + index) * 37) % TRACES)
    const [root] = buildRequest(number) as [SpanData]
    return {
      ...root,
      spanId: toHexId(1_000_000 + round * 40 + index, 16),
      parentSpanId: root.spanId,
      name: 'late',
      startTime: root.startTime - 3,
      duration: 500,
    }
  })
  return [...changes, ...buildRequests(TRACES + 1 + round * 20, 20)]
}

async function openFilled(): Promise<TraceStore> {
  const store = memoryStore(OPTIONS)
  await exportSpans(store, buildRequests(1, TRACES))
  return store
}

function askAll(store: TraceStore): Promise<unknown> {
  return Promise.all([
    store.errors(),
    store.services(),
    store.operations('gateway'),
    store.slowest({ limit: 100 }),
    store.findTraces({ limit: 1_000 }),
    store.findTraces({ attributes: { nothing: 'here' } }),
    store.findTraces({ status: 'error', order: 'slowest', minDuration: 20 }),
  ])
}

/** Does something in every turn of the event loop until the answer is there, and tells how many turns that took. */
async function askMeanwhile<T>(asked: Promise<T>, act: (turn: number) => unknown): Promise<{ answer: T; turns: number }> {
  const state = { isAnswered: false, turns: 0 }
  const answered = asked.finally(() => (state.isAnswered = true))
  for (await setImmediate(); !state.isAnswered; await setImmediate()) await act(state.turns++)
  return { answer: await answered, turns: state.turns }
}

describe('a query of a large memory store', () => {
  it('lets the event loop turn', async () => {
    await using store = await openFilled()
    const { answer, turns } = await askMeanwhile(store.errors(), () => {})
    expect(answer.reduce((sum, group) => sum + group.count, 0)).toBe((await store.health()).traceCount)
    expect(turns).toBeGreaterThan(2)
  })

  it('answers from what there was when it was asked, whatever is written or evicted meanwhile', async () => {
    await using still = await openFilled()
    await using store = await openFilled()
    const { answer, turns } = await askMeanwhile(askAll(store), (turn) => exportSpans(store, buildRound(turn)))
    expect(turns).toBeGreaterThan(2)
    expect((await store.health()).dropped['evicted']).toBeGreaterThan((await still.health()).dropped['evicted'] ?? Infinity)
    expect(answer).toEqual(await askAll(still))
  })

  it('leaves the store as if it had not been asked', async () => {
    await using store = await openFilled()
    const { turns } = await askMeanwhile(askAll(store), (turn) => exportSpans(store, buildRound(turn)))
    await using other = await openFilled()
    for (let turn = 0; turn < turns; turn += 1) await exportSpans(other, buildRound(turn))
    expect(await store.health()).toEqual(await other.health())
    expect(await askAll(store)).toEqual(await askAll(other))
    const id = toHexId(TRACES, 32)
    expect(await store.getTrace(id)).toEqual(await other.getTrace(id))
  })

  it('answers although the store is closed meanwhile; the next one does not', async () => {
    const store = await openFilled()
    const { traceCount } = await store.health()
    const asked = store.errors()
    await store.close()
    expect((await asked).reduce((sum, group) => sum + group.count, 0)).toBe(traceCount)
    await expect(store.errors()).rejects.toMatchObject({ code: 'STORE_CLOSED' })
  })
})
