import type { AttributesInput } from './attributes.js'
import type { Clock } from './clock.js'
import { systemClock } from './clock.js'
import { readEnvironment } from './env.js'
import type { TraceError } from './errors.js'
import type { Exporter } from './exporter.js'
import type { RandomSource } from './ids.js'
import type { Dialect } from './propagator.js'
import { checkRedact, type RedactRules } from './redact-rules.js'
import type { RequestDescription } from './request.js'
import type { SpanData } from './span-data.js'
import type { SegmentView } from './verdict.js'
import { compileTargets, type TargetTest } from './targets.js'
import { type ResolvedSampling, resolveSampling } from './sampling-options.js'
import * as check from './check.js'

/** How ids from outside are treated: `continue` takes ids and the sampled flag, `accept` takes ids and decides itself, `restart` begins a new trace with a link, `ignore` begins a new one. */
export type Trust = 'continue' | 'accept' | 'restart' | 'ignore'

/** What a sampler is asked about where a trace begins. */
export interface SamplingRequest {
  readonly traceId: string
  readonly name: string
  readonly attributes: AttributesInput
  /** True where the trace was begun by another process. */
  readonly remote: boolean
}

/** The rate of the traces that begin with a matching request. */
export interface SamplingRule {
  /** In any case. Default: every method. */
  readonly method?: string
  /** A raw path: exact, with `*` for any characters, or a regular expression. */
  readonly path: string | RegExp
  /** 0 to 1. */
  readonly rate: number
}

/** What is kept whole although its trace was not sampled. */
export interface KeepOptions {
  /** Segments in which a span failed; client 4xx alone do not count. Default: true. */
  readonly errors?: boolean
  /** Segments whose local root took longer, in milliseconds; by route where an array is given. Default: 1,000. */
  readonly slowerThanMs?: number | readonly { readonly route: string; readonly ms: number }[]
  /** Asked when the local root ends. Default: none. */
  readonly when?: (segment: SegmentView) => boolean
  /** Above this many traces per second that qualify, the rest goes out in part. Default: 100. */
  readonly maxTracesPerSecond?: number
}

/** Which traces are recorded. */
export interface SamplingOptions {
  /** 0 to 1: the part of the traces begun here that is recorded. Default: 1 (`CLEW_SAMPLE_RATE`, `OTEL_TRACES_SAMPLER`). */
  readonly rate?: number
  /** Above this many traces begun per second the rate is lowered. Default: 100. */
  readonly maxTracesPerSecond?: number
  /** The first that matches takes the place of `rate`. */
  readonly rules?: readonly SamplingRule[]
  /** Decides (true, false), gives a rate (0 to 1), or leaves it to rules and rate (undefined). */
  readonly sampler?: (request: SamplingRequest) => boolean | number | undefined
  readonly keep?: KeepOptions
}

/** How ids travel. */
export interface PropagationOptions {
  /** Formats read, the first valid one wins. Default: `['w3c', 'b3', 'b3multi', 'datadog', 'jaeger', 'x-trace', 'gcp', 'xray']` (`OTEL_PROPAGATORS`). */
  readonly extract?: readonly Dialect[]
  /** Formats sent. Default: `['w3c', 'x-trace']` (`OTEL_PROPAGATORS`). */
  readonly inject?: readonly Dialect[]
  /** What is believed of ids that arrive. Default: `continue`. */
  readonly trust?: Trust | ((request: RequestDescription) => Trust)
  /** Where `tracedFetch` sends ids: a string is a host name, or the beginning of a URL. Default: everywhere; `baggage` goes to targets named here alone. */
  readonly targets?: readonly (string | RegExp)[] | ((url: URL) => boolean)
}

/** The memory of segments that were not kept, in case their trace turns out to matter. */
export interface RecorderOptions {
  /** How long a segment is held, in milliseconds, as far as the bytes allow. Default: 30,000. */
  readonly windowMs?: number
  /** Memory for them, at least 65,536 bytes; the oldest give way. Default: 24 MiB. */
  readonly maxBytes?: number
}

/** Bounds on what is recorded. What is cut is counted and marked. */
export interface LimitOptions {
  /** Attributes per span. Default: 128. */
  readonly attributes?: number
  /** Events per span. Default: 128. */
  readonly events?: number
  /** Links per span. Default: 128. */
  readonly links?: number
  /** Characters per string value. Default: 4,096. */
  readonly valueLength?: number
  /** Spans per segment. Default: 10,000. */
  readonly spansPerSegment?: number
  /** Log lines per segment; warnings and worse may be twice as many. Default: 1,000. */
  readonly logsPerSegment?: number
  /** Characters of the log lines of a segment together; twice as many with warnings and worse. Default: 262,144 (256 KiB). */
  readonly logBytesPerSegment?: number
  /** For how long after its local root ended a segment takes new spans, in milliseconds. Default: 30,000. */
  readonly lateMs?: number
  /** A span that is open for so long is exported as it is, in milliseconds. Default: 600,000. */
  readonly maxSpanAgeMs?: number
}

/** What is counted in histograms, beside the requests that arrive and are sent. */
export interface MetricOptions {
  /** Names of spans whose durations are counted: exact, with `*` for any characters, or regular expressions. `metric` of a span's own options is stronger. Default: none. */
  readonly spans?: readonly (string | RegExp)[]
  /** Combinations of attributes per metric, and of all metrics of `recordValue` together; the rest is counted under `otel.metric.overflow`. Default: 2,000. */
  readonly maxSeries?: number
}

/** Bounds of the export queue. */
export interface QueueOptions {
  /** Memory of the spans that wait, in bytes, as estimated; beyond it the oldest segments go, those with errors last. Default: 8 MiB. */
  readonly maxBytes?: number
  /** Spans and log lines per export. Default: 256. */
  readonly maxBatchSpans?: number
  /** How long a span waits for company, in milliseconds. Default: 1,000. */
  readonly flushIntervalMs?: number
  /** After this many milliseconds an export counts as failed. Default: 10,000. */
  readonly exportTimeoutMs?: number
}

/** Everything about a tracer; all of it optional. */
export interface TracerOptions {
  /** `service.name`. Default: `OTEL_SERVICE_NAME`, `SERVICE_NAME`, the name in the nearest package.json, `unknown_service`. */
  readonly service?: string
  /** `service.version`. Default: the version in the nearest package.json. */
  readonly version?: string
  /** `deployment.environment.name`. Default: `OTEL_RESOURCE_ATTRIBUTES`, else none. */
  readonly environment?: string
  /** More attributes of the resource. */
  readonly attributes?: AttributesInput
  /** Where spans go; `false`: ids, headers and logs only. Default: OTLP/HTTP to `OTEL_EXPORTER_OTLP_ENDPOINT`, else http://localhost:4318; `false` under `NODE_ENV=test` and vitest. */
  readonly exporter?: Exporter | false
  readonly sampling?: SamplingOptions
  /** The flight recorder; `false`: what passed is gone. Default: 30 s within 24 MiB. */
  readonly recorder?: false | RecorderOptions
  readonly propagation?: PropagationOptions
  /** Histograms of how long requests take, all of them whatever the sampling; `false`: none. Default: on (`OTEL_METRICS_EXPORTER`). */
  readonly metrics?: false | MetricOptions
  readonly limits?: LimitOptions
  readonly queue?: QueueOptions
  /**
   * What is masked on top of the built-in rules, which always apply. Names: in any case and spelling, wherever their words follow one another
   * (`customer.name` is `customerName`, too), or patterns for whole names. Or a function that sees every value and returns what is recorded in
   * its place, undefined for `[REDACTED]`; where it throws, the value is masked. Default: none.
   */
  readonly redact?: RedactRules
  /** Flush at the end of the process, within 2 s: at `beforeExit`, and at SIGTERM and SIGINT where nobody else listens. Default: true. */
  readonly flushOnExit?: boolean
  /** Called with every ended span, sensitive values masked. */
  readonly onSpanEnd?: (span: SpanData) => void
  /** Told what goes wrong. Default: one line on stderr per code and minute. */
  readonly onError?: (error: TraceError) => void
  /** Whether this tracer becomes the default one. Default: true, unless one was made explicitly before. */
  readonly default?: boolean
  /** Where time comes from. For tests. */
  readonly clock?: Clock
  /** Where ids come from. For tests. */
  readonly random?: RandomSource
}

/** Metrics with their defaults. */
export interface ResolvedMetrics {
  readonly spans: readonly (string | RegExp)[]
  readonly maxSeries: number
  /** True where somebody asked for metrics, and does not have them by default. */
  readonly asked: boolean
}

/** What the code reads: everything there. */
export interface ResolvedOptions {
  readonly service: string | undefined
  readonly version: string | undefined
  readonly environment: string | undefined
  readonly attributes: AttributesInput
  readonly exporter: Exporter | 'otlp' | 'console' | false
  readonly disabled: boolean
  readonly sampling: ResolvedSampling
  readonly recorder: false | Readonly<Required<RecorderOptions>>
  readonly extract: readonly Dialect[]
  readonly inject: readonly Dialect[]
  readonly trust: NonNullable<PropagationOptions['trust']>
  readonly targets: TargetTest
  readonly metrics: ResolvedMetrics | false
  readonly limits: Readonly<Required<LimitOptions>>
  readonly queue: Readonly<Required<QueueOptions>>
  readonly redact: RedactRules | undefined
  readonly flushOnExit: boolean
  readonly onSpanEnd: TracerOptions['onSpanEnd']
  readonly onError: TracerOptions['onError']
  readonly clock: Clock
  readonly random: RandomSource | undefined
  /** What was wrong in the environment; reported once the tracer stands. */
  readonly warnings: readonly TraceError[]
}

/** In the order in which they are tried. Load balancers add the last two to every request. */
const DIALECTS: readonly Dialect[] = ['w3c', 'b3', 'b3multi', 'datadog', 'jaeger', 'x-trace', 'gcp', 'xray']
const INJECTED: readonly Dialect[] = ['w3c', 'x-trace']
export const TRUSTS: readonly Trust[] = ['continue', 'accept', 'restart', 'ignore']
const MIB = 1024 * 1024

/** The names `createTracer` understands; adapters use them to tell their own options apart. */
export const TRACER_OPTION_NAMES: readonly string[] = [
  'service',
  'version',
  'environment',
  'attributes',
  'exporter',
  'sampling',
  'recorder',
  'propagation',
  'metrics',
  'limits',
  'queue',
  'redact',
  'flushOnExit',
  'onSpanEnd',
  'onError',
  'default',
  'clock',
  'random',
]

/** Options over environment over defaults. Throws `INVALID_OPTION`; a bad environment variable only warns. */
export function resolveOptions(options: TracerOptions = {}, env: NodeJS.ProcessEnv = process.env): ResolvedOptions {
  check.knownKeys(options, TRACER_OPTION_NAMES, '')
  const fromEnv = readEnvironment(env)
  const propagation = check.object(options.propagation, 'propagation', ['extract', 'inject', 'trust', 'targets'])
  return {
    service: check.text(options.service, 'service') ?? fromEnv.service,
    version: check.text(options.version, 'version') ?? fromEnv.version,
    environment: check.text(options.environment, 'environment') ?? fromEnv.environment,
    attributes: { ...fromEnv.attributes, ...check.object(options.attributes, 'attributes') },
    exporter: options.exporter === undefined ? fromEnv.exporter : check.exporter(options.exporter),
    disabled: fromEnv.disabled,
    sampling: resolveSampling(options.sampling, fromEnv),
    recorder: resolveRecorder(options.recorder),
    extract: check.list(propagation.extract, DIALECTS, 'propagation.extract') ?? fromEnv.dialects ?? DIALECTS,
    inject: check.list(propagation.inject, DIALECTS, 'propagation.inject') ?? fromEnv.dialects ?? INJECTED,
    trust: check.oneOfOrFunction(propagation.trust, TRUSTS, 'propagation.trust') ?? fromEnv.trust ?? 'continue',
    targets: compileTargets(check.patternsOrFunction(propagation.targets, 'propagation.targets')),
    metrics: resolveMetrics(options.metrics, fromEnv.metrics),
    limits: resolveLimits(options.limits),
    queue: resolveQueue(options.queue),
    redact: checkRedact(options.redact),
    flushOnExit: check.flag(options.flushOnExit, 'flushOnExit') ?? true,
    onSpanEnd: check.fn(options.onSpanEnd, 'onSpanEnd'),
    onError: check.fn(options.onError, 'onError'),
    clock: options.clock ?? systemClock,
    random: check.fn(options.random, 'random'),
    warnings: fromEnv.warnings,
  }
}

const DEFAULT_LIMITS: Required<LimitOptions> = {
  attributes: 128,
  events: 128,
  links: 128,
  valueLength: 4096,
  spansPerSegment: 10_000,
  logsPerSegment: 1000,
  logBytesPerSegment: MIB / 4,
  lateMs: 30_000,
  maxSpanAgeMs: 600_000,
}
const DEFAULT_QUEUE: Required<QueueOptions> = { maxBytes: 8 * MIB, maxBatchSpans: 256, flushIntervalMs: 1000, exportTimeoutMs: 10_000 }

function resolveMetrics(given: TracerOptions['metrics'], fromEnv: boolean | undefined): ResolvedMetrics | false {
  if (given === false || (given === undefined && fromEnv === false)) return false
  const options = check.object(given, 'metrics', ['spans', 'maxSeries'])
  return {
    spans: check.patterns(options.spans, 'metrics.spans') ?? [],
    maxSeries: check.range(options.maxSeries, 'metrics.maxSeries', { min: 1 }) ?? 2000,
    asked: given !== undefined || fromEnv === true,
  }
}

const DEFAULT_RECORDER: Required<RecorderOptions> = { windowMs: 30_000, maxBytes: 24 * MIB }
const MIN_RECORDER_BYTES = 65_536

function resolveRecorder(options: false | RecorderOptions | undefined): ResolvedOptions['recorder'] {
  if (options === false) return false
  const recorder = check.numbers(options, 'recorder', DEFAULT_RECORDER)
  check.range(recorder.maxBytes, 'recorder.maxBytes', { min: MIN_RECORDER_BYTES })
  return recorder
}

function resolveLimits(options: LimitOptions | undefined): Required<LimitOptions> {
  return check.numbers(options, 'limits', DEFAULT_LIMITS)
}

function resolveQueue(options: QueueOptions | undefined): Required<QueueOptions> {
  const queue = check.numbers(options, 'queue', DEFAULT_QUEUE)
  check.range(queue.maxBatchSpans, 'queue.maxBatchSpans', { min: 1 })
  return queue
}
