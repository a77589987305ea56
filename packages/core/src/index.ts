export {
  bind,
  continueTrace,
  extract,
  getActiveSpan,
  getSpanId,
  getTraceContext,
  getTraceHeaders,
  getTraceId,
  inject,
  keepTrace,
  recordValue,
  runWithSpan,
  startSpan,
  suppressTracing,
  withSpan,
} from './trace-api.js'
export type { Getter, Setter } from './trace-api.js'
export { createTracedFetch, tracedFetch } from './traced-fetch.js'
export type { TracedFetchOptions } from './traced-fetch.js'
export { consoleExporter } from './console-exporter.js'
export type { ConsoleExporterOptions } from './console-exporter.js'
export { otlpExporter } from './otlp-exporter.js'
export type { OtlpExporterOptions } from './otlp-exporter.js'
export { memoryExporter } from './memory-exporter.js'
export type { MemoryExporter } from './memory-exporter.js'
export { createTracer } from './default-tracer.js'
export { traceUpgrades } from './upgrades.js'
export type { UpgradeServer } from './upgrades.js'
export type { Tracer, TracerStats } from './tracer.js'
export type {
  KeepOptions,
  LimitOptions,
  MetricOptions,
  PropagationOptions,
  QueueOptions,
  RecorderOptions,
  SamplingOptions,
  SamplingRequest,
  SamplingRule,
  TracerOptions,
  Trust,
} from './options.js'
export type { RedactFunction, RedactRules } from './redact-rules.js'
export type { LinkInput, Span, SpanOptions, StatusInput, TraceContext } from './span.js'
export type { SegmentView } from './verdict.js'
export type { AttributesInput } from './attributes.js'
export type { Clock, TimeInput } from './clock.js'
export type { RandomSource } from './ids.js'
export type { MetricStats } from './metrics.js'
export type { QueueStats } from './queue.js'
export type { RecorderStats } from './recorder.js'
export type { Dialect, RemoteContext } from './propagator.js'
export type { RequestDescription } from './request.js'
export type { AdapterOptions, ResponseHeader } from './adapter-options.js'
export type { RequestTrace } from './server-request.js'
export type {
  Attributes,
  AttributeValue,
  Resource,
  Scope,
  SpanContext,
  SpanData,
  SpanEvent,
  SpanKind,
  SpanLink,
  SpanStatus,
} from './span-data.js'
export type { Exemplar, Exporter, ExportBatch, ExportResult, HistogramPoint, LogRecord, MetricData } from './exporter.js'
export { ERROR_CODES, TraceError } from './errors.js'
export type { TraceErrorCode } from './errors.js'
