import { findErrorOrigins, joinTrace, spanError, type Trace } from '@clew/analysis'
import type { Attributes, SpanData } from '@clew/core'
import type { ErrorsQuery, OperationSummary, ServiceSummary, TraceQuery, TraceSummary } from '../contract.js'

/** The answers a store must give, found the slow and obvious way: by looking at every span of every trace. */
export interface Oracle {
  readonly traces: readonly Trace[]
  /** As they came, of a span that came in two forms both. */
  readonly spanCount: number
  findTraces(query: TraceQuery): readonly TraceSummary[]
  services(): readonly ServiceSummary[]
  operations(service: string): readonly OperationSummary[]
  /** Service, operation, type and count of each group, in the order of these. */
  errorCounts(query: ErrorsQuery & { readonly date: string }): readonly string[]
}

interface Received {
  readonly trace: Trace
  readonly startTime: number
}

const OLDER_NAMES: Readonly<Record<string, string>> = {
  'http.request.method': 'http.method',
  'http.response.status_code': 'http.status_code',
  'url.path': 'http.path',
  'deployment.environment.name': 'deployment.environment',
}

export function createOracle(spans: readonly SpanData[]): Oracle {
  const ids = [...new Set(spans.map((span) => span.traceId))]
  const received = ids.map((id) => receive(spans.filter((span) => span.traceId === id)))
  const traces = received.map(({ trace }) => trace)
  const all = traces.flatMap((trace) => trace.spans)
  return {
    traces,
    spanCount: spans.length,
    findTraces: (query) => sort(received.filter((entry) => matches(entry, query)).map(summarize), query.order ?? 'newest'),
    services: () => [...new Set(all.map((span) => span.service))].toSorted(byText).map((name) => summarizeService(name, all)),
    operations: (service) => summarizeOperations(all.filter((span) => span.service === service)),
    errorCounts: (query) => countErrors(traces, query),
  }
}

/** The first start is that of all spans as they came: a joined trace has clocks set right, and of a span that came twice one form. */
function receive(spans: readonly SpanData[]): Received {
  return { trace: joinTrace(spans), startTime: Math.min(...spans.map((span) => span.startTime)) }
}

function matches({ trace, startTime }: Received, query: TraceQuery): boolean {
  const { spans } = trace
  const { from = 0, to = Infinity, minDuration = 0, maxDuration = Infinity, service, operation, environment, version } = query
  const failed = spans.some((span) => span.status === 'error')
  const attributes = Object.entries(query.attributes ?? {})
  return (
    startTime >= from &&
    startTime < to &&
    trace.root.duration >= minDuration &&
    trace.root.duration <= maxDuration &&
    (query.status === undefined || failed === (query.status === 'error')) &&
    (query.errorType === undefined || spans.some((span) => errorTypes(span).includes(query.errorType))) &&
    spans.some((span) => attributes.every(([name, value]) => hasValue(span, name, value))) &&
    spans.some(
      (span) =>
        (service === undefined || span.service === service) &&
        (operation === undefined || span.name === operation || read(span.attributes, 'url.path') === operation) &&
        (environment === undefined || read(span.resource.attributes, 'deployment.environment.name') === environment) &&
        (version === undefined || span.resource.attributes['service.version'] === version),
    )
  )
}

function read(attributes: Attributes, name: string): Attributes[string] | undefined {
  return attributes[name] ?? attributes[OLDER_NAMES[name] ?? name]
}

function hasValue(span: SpanData, name: string, value: string): boolean {
  const values = [read(span.attributes, name), read(span.resource.attributes, name)].flat()
  return values.some((own) => own !== undefined && String(own) === value)
}

function errorTypes(span: SpanData): unknown[] {
  return [span.attributes['error.type'], spanError(span)?.type, ...span.events.map((event) => event.attributes['exception.type'])]
}

function summarize({ trace, startTime }: Received): TraceSummary {
  const statusCode = read(trace.root.attributes, 'http.response.status_code')
  return {
    traceId: trace.traceId,
    ...(trace.externalId === undefined ? {} : { externalId: trace.externalId }),
    startTime,
    duration: trace.duration,
    totalDuration: trace.totalDuration,
    rootService: trace.root.service,
    rootName: trace.root.name,
    ...(typeof statusCode === 'number' ? { statusCode } : {}),
    spanCount: trace.spans.length,
    errorCount: trace.spans.filter((span) => span.status === 'error').length,
    services: trace.services.map((service) => service.name),
    state: trace.state,
  }
}

function sort(summaries: readonly TraceSummary[], order: 'newest' | 'slowest'): readonly TraceSummary[] {
  const key = order === 'newest' ? 'startTime' : 'duration'
  return summaries.toSorted((a, b) => b[key] - a[key] || byText(a.traceId, b.traceId))
}

function summarizeService(name: string, all: readonly SpanData[]): ServiceSummary {
  const spans = all
    .filter((span) => span.service === name)
    .toSorted((a, b) => b.startTime - a.startTime || byText(versionOf(a), versionOf(b)))
  return {
    name,
    traceCount: new Set(spans.map((span) => span.traceId)).size,
    spanCount: spans.length,
    errorCount: spans.filter((span) => span.status === 'error').length,
    lastSeen: spans[0]?.startTime ?? Number.NaN,
    versions: [...new Set(spans.map(versionOf))],
  }
}

function versionOf(span: SpanData): string {
  return String(span.resource.attributes['service.version'])
}

function summarizeOperations(spans: readonly SpanData[]): readonly OperationSummary[] {
  const keys = [...new Set(spans.map((span) => `${span.name}\n${span.kind}`))].toSorted(byText)
  return keys.map((key) => {
    const same = spans.filter((span) => `${span.name}\n${span.kind}` === key)
    const { service, name, kind } = same[0] as SpanData
    const errorCount = same.filter((span) => span.status === 'error').length
    return { service, name, kind, spanCount: same.length, errorCount, lastSeen: Math.max(...same.map((span) => span.startTime)) }
  })
}

function countErrors(traces: readonly Trace[], { date, service }: ErrorsQuery & { readonly date: string }): readonly string[] {
  const counts = new Map<string, number>()
  for (const trace of traces) {
    for (const span of findErrorOrigins(trace)) {
      const day = new Date(span.startTime).toISOString().slice(0, 10)
      if (day !== date || (service !== undefined && span.service !== service)) continue
      const key = [span.service, span.name, spanError(span)?.type ?? 'error'].join('\n')
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  return Array.from(counts, ([key, count]) => `${key}\n${count}`).toSorted(byText)
}

function byText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
