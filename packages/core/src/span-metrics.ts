import { DURATION_RANGE } from './histogram-buckets.js'
import { Metric, type Series, type SeriesBudget } from './metric.js'
import { OperationTable } from './operation-table.js'
import { compilePattern } from './pattern.js'
import type { Redaction } from './redaction.js'
import type { Attributes, SpanData } from './span-data.js'

/** The names of the metrics that are made of spans. */
export const SPAN_METRIC_NAMES: readonly string[] = ['http.server.request.duration', 'http.client.request.duration', 'clew.span.duration']

const MAX_KNOWN_NAMES = 1000

/** What the metrics of spans are made from. */
export interface SpanMetricsSeed {
  /** Names of the spans that are counted without being asked to. */
  readonly patterns: readonly (string | RegExp)[]
  readonly maxSeries: number
  readonly redaction: Redaction
  readonly all: Series[]
}

/** Finds the series that a span's duration belongs to. */
export class SpanMetrics {
  readonly metrics: readonly Metric[]
  readonly #server: OperationTable
  readonly #client: Metric
  /** By `server.address`: calls to every host have the same names. */
  readonly #clients = new Map<unknown, OperationTable>()
  readonly #other: OperationTable
  readonly #isWanted: ((name: string) => boolean) | undefined

  constructor({ patterns, maxSeries, redaction, all }: SpanMetricsSeed) {
    const [server, client, other] = [
      'Duration of HTTP server requests.',
      'Duration of HTTP client requests.',
      'Duration of the spans that were asked for.',
    ].map((description, at) => {
      const budget: SeriesBudget = { left: maxSeries }
      return new Metric({ name: SPAN_METRIC_NAMES[at] as string, unit: 's', description, range: DURATION_RANGE, budget, redaction, all })
    }) as [Metric, Metric, Metric]
    this.metrics = [server, client, other]
    this.#server = new OperationTable(server, describeServer)
    this.#client = client
    this.#other = new OperationTable(other, describeOther)
    this.#isWanted = patterns.length === 0 ? undefined : rememberNames(patterns.map(compilePattern))
  }

  /** Undefined for a span that is not counted. `wanted` is what its options say. */
  seriesOf(span: SpanData, wanted: boolean | undefined): Series | undefined {
    if (wanted === false) return undefined
    const { kind, attributes } = span
    if (kind === 'server' || kind === 'client') {
      const method = attributes['http.request.method']
      if (typeof method === 'string') {
        if (kind === 'client') return this.#clientSeries(span, method)
        return this.#server.find(span, method, attributes['http.route'], attributes['url.scheme'])
      }
    }
    if (wanted === true || this.#isWanted?.(span.name)) return this.#other.find(span, kind)
    return undefined
  }

  #clientSeries(span: SpanData, method: string): Series {
    const { attributes } = span
    const address = attributes['server.address']
    let table = this.#clients.get(address)
    if (table === undefined) {
      if (this.#client.isFull) return this.#client.overflow()
      table = new OperationTable(this.#client, describeClient)
      this.#clients.set(address, table)
    }
    return table.find(span, method, attributes['server.port'], attributes['url.template'])
  }
}

/** HTTP metrics of the semantic conventions 1.44, which have no name of a span: it is added where method and route do not tell it. */
function describeServer(span: SpanData): Attributes {
  return { ...pick(span, ['http.request.method', 'url.scheme', 'http.route']), ...describeOutcome(span), ...nameOf(span, 'http.route') }
}

function describeClient(span: SpanData): Attributes {
  return {
    ...pick(span, ['http.request.method', 'server.address', 'server.port', 'url.template']),
    ...describeOutcome(span),
    ...nameOf(span, 'url.template'),
  }
}

function describeOther(span: SpanData): Attributes {
  return { 'clew.operation': span.name, 'span.kind': span.kind, ...describeOutcome(span) }
}

function nameOf({ name, attributes }: SpanData, template: string): Attributes {
  const method = attributes['http.request.method'] === '_OTHER' ? 'HTTP' : attributes['http.request.method']
  const usual = attributes[template] === undefined ? method : `${String(method)} ${String(attributes[template])}`
  return name === usual ? {} : { 'clew.operation': name }
}

/** Of answers with a status the code tells the error's type, as whatever was thrown would take a series each. */
function describeOutcome(span: SpanData): Attributes {
  const code = span.attributes['http.response.status_code']
  if (typeof code !== 'number') {
    if (span.status === 'error') return { 'error.type': span.attributes['error.type'] ?? 'error' }
    return pick(span, ['error.type'])
  }
  return { 'http.response.status_code': code, ...(span.status === 'error' ? { 'error.type': String(code) } : undefined) }
}

function pick({ attributes }: SpanData, names: readonly string[]): Attributes {
  const picked: Attributes = {}
  for (const name of names) if (attributes[name] !== undefined) picked[name] = attributes[name]
  return picked
}

/** Every span that ends is asked about, and most names are the same few. */
function rememberNames(tests: readonly ((name: string) => boolean)[]): (name: string) => boolean {
  const known = new Map<string, boolean>()
  return function isWanted(name) {
    const answer = known.get(name)
    if (answer !== undefined) return answer
    if (known.size >= MAX_KNOWN_NAMES) known.clear()
    const found = tests.some((test) => test(name))
    known.set(name, found)
    return found
  }
}
