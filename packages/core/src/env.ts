import type { AttributesInput } from './attributes.js'
import { TraceError } from './errors.js'
import type { Dialect } from './propagator.js'

/** What the environment says. */
export interface EnvironmentSettings {
  readonly service?: string
  readonly version?: string
  readonly environment?: string
  readonly attributes: AttributesInput
  readonly exporter: 'otlp' | 'console' | false
  readonly disabled: boolean
  readonly metrics?: boolean
  readonly rate?: number
  readonly maxTracesPerSecond?: number
  readonly trust?: 'accept'
  readonly dialects?: readonly Dialect[]
  readonly warnings: readonly TraceError[]
}

/**
 * Reads OpenTelemetry's environment variables and our own (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
 * Empty ones count as absent; one that cannot be used becomes a warning, never an error.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): EnvironmentSettings {
  const warnings: TraceError[] = []
  const attributes = readResourceAttributes(env, warnings)
  const service = value(env, 'OTEL_SERVICE_NAME') ?? attributes['service.name'] ?? value(env, 'SERVICE_NAME')
  const version = attributes['service.version']
  const environment = attributes['deployment.environment.name'] ?? attributes['deployment.environment']
  return {
    attributes,
    exporter: readExporter(env, warnings),
    disabled: value(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true',
    warnings,
    ...(service ? { service } : undefined),
    ...(version ? { version } : undefined),
    ...(environment ? { environment } : undefined),
    ...readMetrics(env, warnings),
    ...readSampler(env, warnings),
    ...readPropagators(env, warnings),
  }
}

function value(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const text = env[name]?.trim()
  return text === '' ? undefined : text
}

function warn(warnings: TraceError[], name: string, reason: string): void {
  warnings.push(new TraceError('INVALID_ENV', `Environment variable ${name} ${reason}; it is ignored`))
}

function readResourceAttributes(env: NodeJS.ProcessEnv, warnings: TraceError[]): Record<string, string> {
  const attributes: Record<string, string> = {}
  for (const member of (value(env, 'OTEL_RESOURCE_ATTRIBUTES') ?? '').split(',')) {
    const [name, ...rest] = member.split('=')
    if (!name?.trim()) continue
    try {
      attributes[decodeURIComponent(name.trim())] = decodeURIComponent(rest.join('=').trim())
    } catch {
      warn(warnings, 'OTEL_RESOURCE_ATTRIBUTES', `has a member that is not percent-encoded (${name.trim()})`)
    }
  }
  return attributes
}

function readExporter(env: NodeJS.ProcessEnv, warnings: TraceError[]): 'otlp' | 'console' | false {
  const name = value(env, 'OTEL_TRACES_EXPORTER')?.toLowerCase()
  if (name === 'none') return false
  if (name === 'console' || name === 'otlp') return name
  if (name !== undefined) warn(warnings, 'OTEL_TRACES_EXPORTER', `must be none, console or otlp, not ${JSON.stringify(name)}`)
  if (value(env, 'OTEL_EXPORTER_OTLP_ENDPOINT') || value(env, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')) return 'otlp'
  return env['NODE_ENV'] === 'test' || env['VITEST'] ? false : 'otlp'
}

function readMetrics(env: NodeJS.ProcessEnv, warnings: TraceError[]): Pick<EnvironmentSettings, 'metrics'> {
  const name = value(env, 'OTEL_METRICS_EXPORTER')?.toLowerCase()
  if (name === 'none') return { metrics: false }
  if (name === 'otlp' || value(env, 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT')) return { metrics: true }
  if (name !== undefined) warn(warnings, 'OTEL_METRICS_EXPORTER', `must be none or otlp, not ${JSON.stringify(name)}`)
  return {}
}

type SamplerSettings = Pick<EnvironmentSettings, 'rate' | 'maxTracesPerSecond' | 'trust'>

function readSampler(env: NodeJS.ProcessEnv, warnings: TraceError[]): SamplerSettings {
  const own = readRate(env, 'CLEW_SAMPLE_RATE', warnings)
  if (own !== undefined) return { rate: own }
  const name = value(env, 'OTEL_TRACES_SAMPLER')?.toLowerCase()
  if (name === undefined) return {}
  const kind = name.replace('parentbased_', '')
  // A sampler that is not parent-based takes ids from outside, but decides itself.
  const trust = kind === name ? ({ trust: 'accept' } as const) : {}
  if (kind === 'always_on') return { rate: 1, maxTracesPerSecond: Infinity, ...trust }
  if (kind === 'always_off') return { rate: 0, ...trust }
  if (kind === 'traceidratio') return { rate: readRate(env, 'OTEL_TRACES_SAMPLER_ARG', warnings) ?? 1, ...trust }
  warn(warnings, 'OTEL_TRACES_SAMPLER', `is not a sampler that is known here (${JSON.stringify(name)})`)
  return {}
}

function readRate(env: NodeJS.ProcessEnv, name: string, warnings: TraceError[]): number | undefined {
  const text = value(env, name)
  if (text === undefined) return undefined
  const rate = Number(text)
  if (rate >= 0 && rate <= 1) return rate
  warn(warnings, name, `must be a number from 0 to 1, not ${JSON.stringify(text)}`)
  return undefined
}

/** OpenTelemetry's names, and those of the formats that it has none for. */
const PROPAGATORS: ReadonlyMap<string, Dialect> = new Map([
  ['tracecontext', 'w3c'],
  ['b3', 'b3'],
  ['b3multi', 'b3multi'],
  ['datadog', 'datadog'],
  ['jaeger', 'jaeger'],
  ['x-trace', 'x-trace'],
  ['gcp', 'gcp'],
  ['xray', 'xray'],
])

function readPropagators(env: NodeJS.ProcessEnv, warnings: TraceError[]): Pick<EnvironmentSettings, 'dialects'> {
  const text = value(env, 'OTEL_PROPAGATORS')?.toLowerCase()
  if (text === undefined) return {}
  if (text === 'none') return { dialects: [] }
  const dialects: Dialect[] = []
  for (const name of text.split(',').map((part) => part.trim())) {
    const dialect = PROPAGATORS.get(name)
    if (dialect) dialects.push(dialect)
    // Baggage travels beside tracecontext and needs no dialect of its own.
    else if (name !== 'baggage') warn(warnings, 'OTEL_PROPAGATORS', `names a format that is not known here (${JSON.stringify(name)})`)
  }
  return dialects.length > 0 ? { dialects } : {}
}
