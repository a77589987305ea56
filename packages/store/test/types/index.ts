// What the signatures of @clew/store allow and refuse. It is compiled, never run.
import type { Trace } from '@clew/analysis'
import type * as core from '@clew/core'
import { expectTypeOf } from 'vitest'
import { memoryStore, openStore } from '../../src/index.js'
import type {
  Attributes,
  AttributeValue,
  ErrorGroup,
  ErrorsQuery,
  ExportBatch,
  Exporter,
  ExportResult,
  HistogramPoint,
  LogRecord,
  MemoryStoreOptions,
  MetricData,
  OperationSummary,
  Page,
  Resource,
  Scope,
  ServiceSummary,
  SlowestQuery,
  SpanData,
  SpanEvent,
  SpanKind,
  SpanLink,
  SpanStatus,
  StoreHealth,
  TimeRange,
  TraceQuery,
  TraceStore,
  TraceSummary,
} from '../../src/index.js'

const store = memoryStore({ maxBytes: 1_000_000 } satisfies MemoryStoreOptions)
expectTypeOf(store).toEqualTypeOf<TraceStore>()
expectTypeOf(store).toExtend<Exporter>()
expectTypeOf(openStore('memory:')).toEqualTypeOf<Promise<TraceStore>>()
// @ts-expect-error a number
memoryStore({ maxBytes: '1 MB' })
// @ts-expect-error there is no such option
memoryStore({ size: 1 })
// @ts-expect-error a URL as text
void openStore()

export const range: Required<TimeRange> = { from: 0, to: 1 }
export const query: Required<TraceQuery> = {
  ...range,
  service: 'orders',
  operation: 'GET /orders/:id',
  minDuration: 1,
  maxDuration: 2,
  status: 'error',
  errorType: 'CardError',
  attributes: { 'http.route': '/orders/:id' },
  environment: 'production',
  version: '1.2.3',
  order: 'slowest',
  limit: 10,
  cursor: 'x',
}
export const slowest: Required<SlowestQuery> = { ...range, service: 'orders', operation: 'x', limit: 10 }
export const errors: Required<ErrorsQuery> = { date: '2026-11-21', service: 'orders', limit: 10 }
expectTypeOf(store.getTrace('id')).toEqualTypeOf<Promise<Trace | undefined>>()
expectTypeOf(store.findTraces(query)).toEqualTypeOf<Promise<Page<TraceSummary>>>()
expectTypeOf(store.services()).toEqualTypeOf<Promise<readonly ServiceSummary[]>>()
expectTypeOf(store.operations('orders')).toEqualTypeOf<Promise<readonly OperationSummary[]>>()
expectTypeOf(store.slowest(slowest)).toEqualTypeOf<Promise<readonly TraceSummary[]>>()
expectTypeOf(store.errors(errors)).toEqualTypeOf<Promise<readonly ErrorGroup[]>>()
expectTypeOf(store.health()).toEqualTypeOf<Promise<StoreHealth>>()
expectTypeOf(store.close()).toEqualTypeOf<Promise<void>>()
expectTypeOf(store[Symbol.asyncDispose]()).toEqualTypeOf<Promise<void>>()
// @ts-expect-error ok or error
void store.findTraces({ status: 'failed' })
// @ts-expect-error Unix epoch in milliseconds
void store.findTraces({ from: new Date() })
// @ts-expect-error whose operations
void store.operations()
// @ts-expect-error there is no such order
void store.findTraces({ order: 'oldest' })
// @ts-expect-error a day as text
void store.errors({ date: new Date() })

// What is handed on is core's.
expectTypeOf<[Attributes, AttributeValue, Resource, Scope]>().toEqualTypeOf<
  [core.Attributes, core.AttributeValue, core.Resource, core.Scope]
>()
expectTypeOf<[SpanData, SpanEvent, SpanKind]>().toEqualTypeOf<[core.SpanData, core.SpanEvent, core.SpanKind]>()
expectTypeOf<[SpanLink, SpanStatus, Exporter]>().toEqualTypeOf<[core.SpanLink, core.SpanStatus, core.Exporter]>()
expectTypeOf<[ExportBatch, ExportResult]>().toEqualTypeOf<[core.ExportBatch, core.ExportResult]>()
expectTypeOf<[HistogramPoint, LogRecord, MetricData]>().toEqualTypeOf<[core.HistogramPoint, core.LogRecord, core.MetricData]>()
