export type { Attributes, AttributeValue, Resource, Scope, SpanData, SpanEvent, SpanKind, SpanLink, SpanStatus } from '@clew/core'
export type { Exporter, ExportBatch, ExportResult, HistogramPoint, LogRecord, MetricData } from '@clew/core'
export type {
  ErrorGroup,
  ErrorsQuery,
  OperationSummary,
  Page,
  ServiceSummary,
  SlowestQuery,
  StoreHealth,
  TimeRange,
  TraceQuery,
  TraceStore,
  TraceSummary,
} from './contract.js'
export { memoryStore } from './memory-store.js'
export type { MemoryStoreOptions } from './memory-store.js'
export { openStore } from './open-store.js'
