import { joinTrace, type Trace } from '@clew/analysis'
import { type ExportBatch, type ExportResult, TraceError } from '@clew/core'
import type { ErrorGroup, OperationSummary, ServiceSummary, TraceStore } from './contract.js'
import { ErrorGroups } from './error-groups.js'
import { MemoryState, type ResolvedMemoryOptions } from './memory-state.js'
import { Pacer } from './pacer.js'
import { type ResolvedErrorsQuery, resolveErrorsQuery, resolveSlowestQuery, resolveTraceQuery } from './query.js'
import { OperationTally, ServiceTally } from './service-summary.js'
import { deriveTraceId, parseTraceId } from './trace-id.js'
import { searchTraces } from './trace-search.js'
import type { TraceTable } from './trace-table.js'

/** The bounds of a memory store. */
export interface MemoryStoreOptions {
  /** Memory for spans and indexes in bytes, as estimated; the oldest trace goes first. Default 67,108,864 (64 MiB). */
  readonly maxBytes?: number
  /** How long a trace is kept after its start, in milliseconds. Default 86,400,000 (24 hours). */
  readonly retentionMs?: number
  /** The time, Unix epoch in milliseconds. Default `Date.now`. */
  readonly clock?: () => number
}

/**
 * Makes a store that keeps traces in the memory of this process, bounded by bytes and age: for tests, and for one process.
 *
 * A trace holds up to 50,000 spans; more are refused. A span that comes twice is kept once. Spans that had to go are counted in
 * `health().dropped` by reason. Only spans are kept, not the logs and metrics of a batch.
 *
 * A query answers from the traces as they are when it is asked. It lets the event loop turn about every 10 ms, and what is written
 * meanwhile, or has to go, is the next query's.
 *
 * @throws {TraceError} `INVALID_OPTION` where an option cannot be used.
 *
 * @example
 * const store = memoryStore({ maxBytes: 16 * 1024 * 1024 })
 * createTracer({ exporter: store })
 * const { items } = await store.findTraces({ service: 'orders', status: 'error' })
 */
export function memoryStore(options: MemoryStoreOptions = {}): TraceStore {
  const state = new MemoryState(resolveOptions(options))
  const pacer = new Pacer()
  const read = async <T>(answer: (table: TraceTable) => T | Promise<T>): Promise<T> => answer(state.open())
  const close = async (): Promise<void> => state.close()
  return {
    export: async (batch, { signal }) => takeBatch(state, batch, signal),
    getTrace: (id) => read((table) => findTrace(table, id.trim())),
    findTraces: (query = {}) => read((table) => searchTraces(table, resolveTraceQuery(query), pacer)),
    services: () => read((table) => countServices(table, pacer)),
    operations: (service) => read((table) => countOperations(table, service, pacer)),
    slowest: (query = {}) => read(async (table) => (await searchTraces(table, resolveSlowestQuery(query), pacer)).items),
    errors: (query = {}) => read((table) => findErrors(table, resolveErrorsQuery(query, state.now()), pacer)),
    health: () => read(() => state.health()),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function resolveOptions(options: MemoryStoreOptions): ResolvedMemoryOptions {
  const { maxBytes = 64 * 1024 * 1024, retentionMs = 86_400_000, clock = Date.now } = options
  checkPositive('maxBytes', maxBytes)
  checkPositive('retentionMs', retentionMs)
  if (typeof clock !== 'function') throw new TraceError('INVALID_OPTION', 'memoryStore: clock must be a function.')
  return { maxBytes, retentionMs, clock }
}

function checkPositive(name: string, value: unknown): void {
  if (typeof value === 'number' && value > 0) return
  throw new TraceError('INVALID_OPTION', `memoryStore: ${name} must be a number above 0, got ${String(value)}.`)
}

function takeBatch(state: MemoryState, batch: ExportBatch, signal: AbortSignal): ExportResult {
  if (signal.aborted) return { ok: false, retryable: true, error: signal.reason }
  if (state.isClosed) {
    return { ok: false, retryable: false, error: new TraceError('STORE_CLOSED', 'The memory store was given spans after close().') }
  }
  const rejected = state.add(batch)
  return rejected === 0 ? { ok: true } : { ok: true, rejected }
}

/** By trace id in any spelling, by the external id as it was received, or by the trace id that such a one derives. */
function findTrace(table: TraceTable, id: string): Trace | undefined {
  const traceId = parseTraceId(id)
  const trace = (traceId === undefined ? undefined : table.get(traceId)) ?? table.getByExternalId(id) ?? table.get(deriveTraceId(id))
  return trace && joinTrace(trace.spans)
}

async function findErrors(table: TraceTable, query: ResolvedErrorsQuery, pacer: Pacer): Promise<readonly ErrorGroup[]> {
  const groups = new ErrorGroups(query)
  await pacer.visit(table.newestFirst({ from: -Infinity, to: query.to }), (trace) => {
    if (trace.mayHaveFailed) for (const failure of trace.view.failures) groups.add(failure)
  })
  return groups.list()
}

async function countServices(table: TraceTable, pacer: Pacer): Promise<readonly ServiceSummary[]> {
  const tally = new ServiceTally()
  await pacer.visit(table.newestFirst({ from: -Infinity, to: Infinity }), (trace) => {
    for (const span of trace.uniqueSpans) tally.add(span)
  })
  return tally.list()
}

async function countOperations(table: TraceTable, service: string, pacer: Pacer): Promise<readonly OperationSummary[]> {
  const tally = new OperationTally()
  await pacer.visit(table.newestFirst({ from: -Infinity, to: Infinity }, service), (trace) => {
    for (const span of trace.uniqueSpans) if (span.service === service) tally.add(span)
  })
  return tally.list()
}
