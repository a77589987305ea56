// What the signatures of @clew/core allow and refuse. It is compiled, never run.
import { createServer } from 'node:http'
import { expectTypeOf } from 'vitest'
import {
  bind,
  consoleExporter,
  continueTrace,
  createTracedFetch,
  createTracer,
  ERROR_CODES,
  extract,
  getActiveSpan,
  getSpanId,
  getTraceContext,
  getTraceHeaders,
  getTraceId,
  inject,
  keepTrace,
  memoryExporter,
  otlpExporter,
  recordValue,
  runWithSpan,
  startSpan,
  suppressTracing,
  tracedFetch,
  TraceError,
  traceUpgrades,
  withSpan,
} from '../../src/index.js'
import type {
  AdapterOptions,
  Attributes,
  AttributesInput,
  AttributeValue,
  Clock,
  ConsoleExporterOptions,
  Dialect,
  Exemplar,
  ExportBatch,
  Exporter,
  ExportResult,
  Getter,
  HistogramPoint,
  KeepOptions,
  LimitOptions,
  LinkInput,
  LogRecord,
  MemoryExporter,
  MetricData,
  MetricOptions,
  MetricStats,
  OtlpExporterOptions,
  PropagationOptions,
  QueueOptions,
  QueueStats,
  RandomSource,
  RecorderOptions,
  RecorderStats,
  RedactFunction,
  RedactRules,
  RemoteContext,
  RequestDescription,
  RequestTrace,
  Resource,
  ResponseHeader,
  SamplingOptions,
  SamplingRequest,
  SamplingRule,
  Scope,
  SegmentView,
  Setter,
  Span,
  SpanContext,
  SpanData,
  SpanEvent,
  SpanKind,
  SpanLink,
  SpanOptions,
  SpanStatus,
  StatusInput,
  TimeInput,
  TraceContext,
  TracedFetchOptions,
  TraceErrorCode,
  Tracer,
  TracerOptions,
  TracerStats,
  Trust,
  UpgradeServer,
} from '../../src/index.js'

const span = startSpan('a', {
  kind: 'client',
  attributes: { 'cart.items': 3 },
  startTime: new Date(),
  parent: null,
  links: [],
  metric: true,
})

// Spans.
expectTypeOf(withSpan('a', () => 1)).toEqualTypeOf<number>()
expectTypeOf(withSpan('a', { kind: 'producer' }, async (active) => active.isRecording())).toEqualTypeOf<Promise<boolean>>()
expectTypeOf(span).toEqualTypeOf<Span>()
expectTypeOf(runWithSpan(span, () => 'x')).toEqualTypeOf<string>()
expectTypeOf(bind((n: number) => String(n))).toEqualTypeOf<(n: number) => string>()
expectTypeOf(suppressTracing(() => 1)).toEqualTypeOf<number>()
expectTypeOf(continueTrace({}, 'job', () => 1)).toEqualTypeOf<number>()
expectTypeOf(continueTrace(new Map(), 'job', { kind: 'server' }, async () => 1)).toEqualTypeOf<Promise<number>>()
// @ts-expect-error a span has a name
withSpan(() => 1)
// @ts-expect-error there is no such kind
startSpan('a', { kind: 'database' })
// @ts-expect-error there is no such option
startSpan('a', { attribute: {} })
// @ts-expect-error the function comes last
withSpan('a', () => 1, { kind: 'client' })
// @ts-expect-error bind takes a function
bind('a')
// @ts-expect-error a span, not its id
runWithSpan('00f067aa0ba902b7', () => 1)
// @ts-expect-error a job needs a name
continueTrace({}, () => 1)

expectTypeOf(
  span.setAttribute('a', 1).setAttributes({ b: true }).addEvent('c', { d: 1 }).updateName('e').fail(new Error('f')).keep('g'),
).toEqualTypeOf<Span>()
expectTypeOf(span.spanContext()).toEqualTypeOf<SpanContext>()
expectTypeOf(span.end(1.5)).toEqualTypeOf<void>()
expectTypeOf(span.recordException('thrown')).toEqualTypeOf<void>()
span.setStatus({ code: 'error', message: 'no stock' }).setStatus({ code: 2 })
span.addLink({ context: span.spanContext(), attributes: { reason: 'retry' } })
span.addEvent('at', [1, 500])
// @ts-expect-error OpenTelemetry's statuses alone
span.setStatus({ code: 'failed' })
// @ts-expect-error a link names a context
span.addLink({ attributes: {} })
// @ts-expect-error a name is text
span.setAttribute(1, 'a')

// The active span.
expectTypeOf(getActiveSpan()).toEqualTypeOf<Span | undefined>()
expectTypeOf(getTraceId()).toEqualTypeOf<string | undefined>()
expectTypeOf(getSpanId()).toEqualTypeOf<string | undefined>()
expectTypeOf(getTraceContext()).toEqualTypeOf<TraceContext | undefined>()
expectTypeOf<TraceContext>().toHaveProperty('sampled').toEqualTypeOf<boolean>()
expectTypeOf(keepTrace('large')).toEqualTypeOf<void>()
expectTypeOf(recordValue('cart.items', 3, { country: 'CH' })).toEqualTypeOf<void>()
// @ts-expect-error a value is a number
recordValue('cart.items', '3')
// @ts-expect-error a reason is text
keepTrace(true)

// Carriers.
expectTypeOf(inject(new Headers())).toEqualTypeOf<Headers>()
expectTypeOf(inject({ to: 'jo' })).toEqualTypeOf<{ to: string }>()
expectTypeOf(getTraceHeaders()).toEqualTypeOf<Record<string, string>>()
expectTypeOf(extract({})).toEqualTypeOf<RemoteContext | undefined>()
const write: Setter<string[]> = (list, name, value) => void list.push(name, value)
const read: Getter<Map<string, Uint8Array>> = (map, name) => map.get(name)
expectTypeOf(inject([] as string[], write)).toEqualTypeOf<string[]>()
extract(new Map<string, Uint8Array>(), read)
startSpan('job', { parent: extract({}) ?? null })
// @ts-expect-error a setter for another carrier
inject(new Headers(), write)
// @ts-expect-error a getter for another carrier
extract({}, read)

// fetch.
expectTypeOf(tracedFetch).toEqualTypeOf<typeof fetch>()
expectTypeOf(createTracedFetch({ targets: ['http://orders.internal', /^https:/], captureQuery: ['page'], fetch })).toEqualTypeOf<
  typeof fetch
>()
expectTypeOf<Required<TracedFetchOptions>>().toHaveProperty('captureQuery')
// @ts-expect-error targets are a list or a function
createTracedFetch({ targets: 'http://orders.internal' })
// @ts-expect-error what fetch takes
void tracedFetch(1)

// Options, every one of them: what is added has to be added here.
export const clock: Required<Clock> = { now: () => 0, monotonic: () => 0, origin: 0 }
export const random: RandomSource = (bytes) => void bytes.fill(1)
export const rule: Required<SamplingRule> = { method: 'GET', path: /^\/health/, rate: 0 }
export const keep: Required<KeepOptions> = {
  errors: true,
  maxTracesPerSecond: 10,
  slowerThanMs: [{ route: '/a', ms: 5 }],
  when: (segment: SegmentView) => segment.hasErrors,
}
export const sampling: Required<SamplingOptions> = {
  rate: 0.1,
  maxTracesPerSecond: 10,
  rules: [rule],
  sampler: (request: SamplingRequest) => (request.remote ? undefined : 0.5),
  keep,
}
export const trust: Trust = 'accept'
export const propagation: Required<PropagationOptions> = {
  extract: ['w3c', 'b3', 'b3multi', 'datadog', 'jaeger', 'x-trace', 'gcp', 'xray'] satisfies Dialect[],
  inject: ['w3c'],
  trust: (request: RequestDescription) => (request.peerAddress === '10.0.0.1' ? trust : 'restart'),
  targets: (url: URL) => url.hostname.endsWith('.internal'),
}
export const limits: Required<LimitOptions> = {
  attributes: 1,
  events: 1,
  links: 1,
  valueLength: 1,
  spansPerSegment: 1,
  logsPerSegment: 1,
  logBytesPerSegment: 1,
  lateMs: 1,
  maxSpanAgeMs: 1,
}
export const queue: Required<QueueOptions> = { maxBytes: 1, maxBatchSpans: 1, flushIntervalMs: 1, exportTimeoutMs: 1 }
export const recorder: Required<RecorderOptions> = { windowMs: 10_000, maxBytes: 1_048_576 }
export const metrics: Required<MetricOptions> = { spans: ['job', /^cron/], maxSeries: 10 }
export const redactFunction: RedactFunction = (name: string, value: AttributeValue) => (name === 'iban' ? undefined : value)
export const redact: RedactRules = ['iban', /^customer\./]
export const options: Required<TracerOptions> = {
  service: 'orders',
  version: '1.2.3',
  environment: 'production',
  attributes: { team: 'shop', cells: [1, 2] } satisfies AttributesInput,
  exporter: false,
  sampling,
  propagation,
  recorder,
  metrics,
  limits,
  queue,
  redact,
  flushOnExit: false,
  onSpanEnd: (ended: SpanData) => void ended.duration,
  onError: (error: TraceError) => void error.code,
  default: false,
  clock,
  random,
}
export const adapterOptions: Required<AdapterOptions> = {
  ...options,
  tracer: createTracer(options),
  ignore: ['/healthz', /^\/static/],
  routeName: (request: RequestDescription, route) => route ?? request.path,
  isError: (statusCode) => statusCode >= 400,
  responseHeaders: ['X-Trace-Id', 'X-Span-Id', 'traceresponse', 'Server-Timing'] satisfies ResponseHeader[],
  captureRequestHeaders: ['user-agent'],
  onSpanStart: (started: Span) => void started.setAttribute('a', 1),
}
// @ts-expect-error there is no such option
createTracer({ serviceName: 'orders' })
// @ts-expect-error a rate is a number
createTracer({ sampling: { rate: 'all' } })
// @ts-expect-error a rule has a rate
createTracer({ sampling: { rules: [{ path: '/a' }] } })
// @ts-expect-error true is no exporter
createTracer({ exporter: true })
// @ts-expect-error there is no such dialect
createTracer({ propagation: { inject: ['zipkin'] } })
// @ts-expect-error a route without its milliseconds
createTracer({ sampling: { keep: { slowerThanMs: [{ route: '/a' }] } } })
// @ts-expect-error names, patterns or a function
createTracer({ redact: 'iban' })
// @ts-expect-error false or options, with names of their own
createTracer({ recorder: { maxMegabytes: 24 } })
// @ts-expect-error false or options
createTracer({ metrics: true })
// @ts-expect-error unknown trust
createTracer({ propagation: { trust: 'believe' } })

// The tracer.
const tracer = createTracer()
expectTypeOf(tracer).toEqualTypeOf<Tracer>()
expectTypeOf(tracer.startSpan('a', {} satisfies SpanOptions)).toEqualTypeOf<Span>()
expectTypeOf(tracer.withSpan('a', () => 1)).toEqualTypeOf<number>()
expectTypeOf(tracer.flush({ timeoutMs: 10 })).toEqualTypeOf<Promise<void>>()
expectTypeOf(tracer.shutdown()).toEqualTypeOf<Promise<void>>()
expectTypeOf(tracer.stats()).toEqualTypeOf<TracerStats>()
expectTypeOf(tracer.stats().queue).toEqualTypeOf<QueueStats>()
expectTypeOf(tracer.stats().metrics).toEqualTypeOf<MetricStats>()
expectTypeOf(tracer.stats().recorder).toEqualTypeOf<RecorderStats>()
expectTypeOf(tracer.setSampling({ rate: 1 })).toEqualTypeOf<void>()
// @ts-expect-error milliseconds have their name
void tracer.flush(1_000)
// @ts-expect-error statistics are read
tracer.stats().queue.bytes = 0

// Exporters.
expectTypeOf(memoryExporter()).toEqualTypeOf<MemoryExporter>()
expectTypeOf(memoryExporter().trace('4bf92f3577b34da6a3ce929d0e0e4736')).toEqualTypeOf<SpanData[]>()
expectTypeOf(consoleExporter({ write: (line) => void line.length } satisfies Required<ConsoleExporterOptions>)).toExtend<Exporter>()
expectTypeOf(
  otlpExporter({
    url: 'http://localhost:4318',
    headers: { authorization: 'Bearer x' },
    timeoutMs: 10,
    fetch,
  } satisfies Required<OtlpExporterOptions>),
).toExtend<Exporter>()
export const own: Exporter = {
  export: async (batch: ExportBatch, { signal }) =>
    signal.aborted ? { ok: false, retryable: true, error: batch.spans.length } : { ok: true },
  close: async () => {},
}
export const refused: ExportResult = { ok: false, retryable: true, retryAfterMs: 1_000, error: new Error('busy') }
// @ts-expect-error a failure says whether another try may help
export const vague: ExportResult = { ok: false, error: 'x' }
// @ts-expect-error an exporter can be closed
export const unclosed: Exporter = { export: async () => ({ ok: true }) }
// @ts-expect-error headers are text
otlpExporter({ headers: { a: 1 } })
// @ts-expect-error a function
consoleExporter({ write: 'stdout' })

// Records: they are read, and hold what they say.
expectTypeOf<SpanData['kind']>().toEqualTypeOf<SpanKind>()
expectTypeOf<SpanKind>().toEqualTypeOf<'internal' | 'server' | 'client' | 'producer' | 'consumer'>()
expectTypeOf<SpanData['status']>().toEqualTypeOf<SpanStatus>()
expectTypeOf<SpanStatus>().toEqualTypeOf<'unset' | 'ok' | 'error'>()
expectTypeOf<SpanData['events']>().toEqualTypeOf<readonly SpanEvent[]>()
expectTypeOf<SpanData['links']>().toEqualTypeOf<readonly SpanLink[]>()
expectTypeOf<SpanData['resource']>().toEqualTypeOf<Resource>()
expectTypeOf<SpanData['scope']>().toEqualTypeOf<Scope | undefined>()
expectTypeOf<SpanData['attributes']>().toEqualTypeOf<Attributes>()
expectTypeOf<ExportBatch['logs']>().toEqualTypeOf<readonly LogRecord[]>()
expectTypeOf<ExportBatch['metrics']>().toEqualTypeOf<readonly MetricData[]>()
expectTypeOf<MetricData['points']>().toEqualTypeOf<readonly HistogramPoint[]>()
expectTypeOf<NonNullable<HistogramPoint['exemplars']>>().toEqualTypeOf<readonly Exemplar[]>()
expectTypeOf<LinkInput['context']>().toEqualTypeOf<SpanContext>()
expectTypeOf<StatusInput['message']>().toEqualTypeOf<string | undefined>()
expectTypeOf<TimeInput>().toEqualTypeOf<number | Date | readonly [seconds: number, nanoseconds: number]>()
expectTypeOf<RequestTrace['span']>().toEqualTypeOf<Span>()
// @ts-expect-error a record is not changed
;((record: SpanData) => (record.name = 'b'))(memoryExporter().spans[0]!)
// @ts-expect-error no nested objects
export const nested: AttributeValue = { a: 1 }
// @ts-expect-error seconds and nanoseconds
export const half: TimeInput = [1]

// Upgrades and errors.
expectTypeOf(traceUpgrades(createServer(), { service: 'chat' })).toEqualTypeOf<void>()
expectTypeOf(createServer()).toExtend<UpgradeServer>()
// @ts-expect-error a server
traceUpgrades('localhost')
expectTypeOf(new TraceError('INVALID_OPTION', 'x', { cause: 1 }).code).toEqualTypeOf<TraceErrorCode>()
expectTypeOf(ERROR_CODES.INVALID_OPTION).toExtend<string>()
expectTypeOf<keyof typeof ERROR_CODES>().toEqualTypeOf<TraceErrorCode>()
// @ts-expect-error codes stand in the table
export const wrong = new TraceError('NO_SUCH_CODE', 'x')
