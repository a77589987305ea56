import { TraceError } from './errors.js'
import { redactText } from './redact-text.js'

/** Where requests of one signal go. */
export interface Target {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** What OTLP carries, and what OpenTelemetry calls it in the environment ("OTLP Exporter Configuration"). */
const SIGNALS = {
  traces: { path: '/v1/traces', endpoint: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', headers: 'OTEL_EXPORTER_OTLP_TRACES_HEADERS' },
  metrics: { path: '/v1/metrics', endpoint: 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', headers: 'OTEL_EXPORTER_OTLP_METRICS_HEADERS' },
  logs: { path: '/v1/logs', endpoint: 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', headers: 'OTEL_EXPORTER_OTLP_LOGS_HEADERS' },
} as const
const DEFAULT_URL = 'http://localhost:4318'
const TRACES_PATH = SIGNALS.traces.path

/** What was given in code. */
export interface TargetOptions {
  readonly url?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/**
 * URL and headers for one signal. Undefined where an address is known for spans alone: who names one receiver of spans has not asked
 * for anything to be sent to localhost. Throws `INVALID_OPTION`.
 */
export function resolveTarget(options: TargetOptions, signal: keyof typeof SIGNALS): Target | undefined {
  const url = resolveUrl(options.url, signal)
  if (url === undefined) return undefined
  const headers: Record<string, string> = {}
  for (const given of [
    readHeaders('OTEL_EXPORTER_OTLP_HEADERS'),
    readHeaders(SIGNALS[signal].headers),
    basicCredentials(url),
    options.headers ?? {},
  ]) {
    for (const [name, value] of Object.entries(given)) setHeader(headers, name, value)
  }
  headers['content-type'] = 'application/json'
  url.username = url.password = ''
  return { url: url.href, headers }
}

/** RFC 9110, section 5.6.2 (token) and 5.5 (field value). */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** `Headers` would check as well, but the first use of it, as the import of `node:http`, loads the whole of fetch: 25 ms of CPU at the start of a service. */
function setHeader(headers: Record<string, string>, name: string, value: string): void {
  if (!HEADER_NAME.test(name) || !HEADER_VALUE.test(value))
    throw new TraceError(
      'INVALID_OPTION',
      `Option headers of otlpExporter: ${JSON.stringify(name)} has a name or a value that cannot be sent`,
    )
  headers[name.toLowerCase()] = value.trim()
}

function resolveUrl(given: string | undefined, signal: keyof typeof SIGNALS): URL | undefined {
  const { path, endpoint } = SIGNALS[signal]
  if (given !== undefined) return toSignalUrl(parseUrl(given, 'Option url of otlpExporter'), path)
  const own = readVariable(endpoint)
  if (own !== undefined) return parseUrl(own, endpoint)
  const base = readVariable('OTEL_EXPORTER_OTLP_ENDPOINT')
  if (base !== undefined) return toSignalUrl(parseUrl(base, 'OTEL_EXPORTER_OTLP_ENDPOINT'), path)
  return readVariable(SIGNALS.traces.endpoint) === undefined ? new URL(path, DEFAULT_URL) : undefined
}

/** A base, or the whole address of the spans, whose neighbours the other signals are. */
function toSignalUrl(url: URL, path: string): URL {
  const base = url.pathname.endsWith(TRACES_PATH) ? url.pathname.slice(0, -TRACES_PATH.length) : url.pathname.replace(/\/$/, '')
  url.pathname = base + path
  return url
}

function parseUrl(text: string, name: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new TraceError('INVALID_OPTION', `${name} must be an http or https URL, such as http://localhost:4318, not ${describeUrl(text)}`)
}

/** Enough to see what is wrong with it, and no credentials. */
function describeUrl(text: string): string {
  return JSON.stringify(redactText(text.replace(/^.*@/s, '').slice(0, 60)))
}

function readVariable(name: string): string | undefined {
  return process.env[name]?.trim() || undefined
}

/** `key=value,key=value`, percent-encoded (OpenTelemetry, "OTLP Exporter Configuration"). */
function readHeaders(variable: string): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const member of (readVariable(variable) ?? '').split(',')) {
    const equals = member.indexOf('=')
    if (equals > 0) headers[member.slice(0, equals).trim()] = decode(member.slice(equals + 1).trim())
  }
  return headers
}

/** `fetch` refuses URLs with credentials. */
function basicCredentials(url: URL): Record<string, string> {
  if (url.username === '' && url.password === '') return {}
  const credentials = Buffer.from(`${decode(url.username)}:${decode(url.password)}`).toString('base64')
  return { authorization: `Basic ${credentials}` }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
