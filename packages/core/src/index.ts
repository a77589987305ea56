export type { Attributes, AttributeValue, Resource, Scope, SpanContext, SpanData, SpanEvent, SpanKind, SpanLink, SpanStatus } from './span-data.js'
export type { Exporter, ExportBatch, ExportResult, HistogramPoint, LogRecord, MetricData } from './exporter.js'
export { ERROR_CODES, TraceError } from './errors.js'
export type { TraceErrorCode } from './errors.js'
