import { knownKeys } from './check.js'
import type { Exporter } from './exporter.js'
import type { SpanData } from './span-data.js'

/** What `consoleExporter` takes. */
export interface ConsoleExporterOptions {
  /** Where lines go. Default: stdout, with a line break. */
  readonly write?: (line: string) => void
}

const DURATION_WIDTH = 10
/** Deeper spans are not indented further: a line has to stay readable, and a parent loop in foreign data has to end. */
const MAX_DEPTH = 20

/**
 * Writes one line per span, for looking at with the eyes: start, duration, trace, service, then the name, indented under its parent
 * where that is in the same batch.
 *
 * @example
 * createTracer({ exporter: consoleExporter() })
 * // 12:30:01.250    18.2 ms  4bf92f35  shop  GET /orders/:id  {"http.route":"/orders/:id"}
 * // 12:30:01.253    11.9 ms  4bf92f35  shop    SELECT orders  ERROR timeout
 */
export function consoleExporter(options: ConsoleExporterOptions = {}): Exporter {
  knownKeys(options, ['write'], 'of consoleExporter')
  const write = options.write ?? ((line: string) => void process.stdout.write(`${line}\n`))
  return {
    export: async (batch) => {
      const byId = new Map(batch.spans.map((span) => [keyOf(span.traceId, span.spanId), span]))
      for (const span of inReadingOrder(batch.spans)) write(formatSpan(span, depthOf(span, byId)))
      return { ok: true }
    },
    close: async () => {},
  }
}

/** Trace by trace, in the order the traces turn up, and by start within each. */
function inReadingOrder(spans: readonly SpanData[]): SpanData[] {
  const traces = new Map<string, SpanData[]>()
  for (const span of spans) {
    const trace = traces.get(span.traceId)
    if (trace === undefined) traces.set(span.traceId, [span])
    else trace.push(span)
  }
  return [...traces.values()].flatMap((trace) => trace.sort((a, b) => a.startTime - b.startTime || b.duration - a.duration))
}

function keyOf(traceId: string, spanId: string): string {
  return `${traceId}:${spanId}`
}

function depthOf(span: SpanData, byId: ReadonlyMap<string, SpanData>): number {
  let depth = 0
  let parentId = span.parentSpanId
  while (parentId !== undefined && depth < MAX_DEPTH) {
    const parent = byId.get(keyOf(span.traceId, parentId))
    if (parent === undefined) break
    depth++
    parentId = parent.parentSpanId
  }
  return depth
}

function formatSpan(span: SpanData, depth: number): string {
  const time = new Date(span.startTime).toISOString().slice(11, 23)
  const duration = `${span.duration.toFixed(1)} ms`.padStart(DURATION_WIDTH)
  const parts = [time + duration, span.traceId.slice(0, 8), span.service, '  '.repeat(depth) + span.name]
  if (span.status === 'error') parts.push(`ERROR ${span.statusMessage ?? ''}`.trimEnd())
  if (Object.keys(span.attributes).length > 0) parts.push(JSON.stringify(span.attributes))
  return oneLine(parts.join('  '))
}

/** Control characters in a name or value must not break the line or drive the terminal. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
