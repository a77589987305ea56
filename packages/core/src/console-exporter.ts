import type { Exporter } from './exporter.js'
import type { SpanData } from './span-data.js'

/** What `consoleExporter` takes. */
export interface ConsoleExporterOptions {
  /** Where lines go. Default: stdout, with a line break. */
  readonly write?: (line: string) => void
}

/**
 * Writes one line per span, for looking at with the eyes.
 *
 * @example
 * createTracer({ exporter: consoleExporter() })
 */
export function consoleExporter(options: ConsoleExporterOptions = {}): Exporter {
  const write = options.write ?? ((line: string) => void process.stdout.write(`${line}\n`))
  return {
    export: async (batch) => {
      for (const span of batch.spans) write(formatSpan(span))
      return { ok: true }
    },
    close: async () => {},
  }
}

function formatSpan(span: SpanData): string {
  const time = new Date(span.startTime).toISOString()
  const outcome = span.status === 'error' ? ` ERROR ${span.statusMessage ?? ''}`.trimEnd() : ''
  const attributes = Object.keys(span.attributes).length > 0 ? ` ${JSON.stringify(span.attributes)}` : ''
  return `${time} ${span.traceId} ${span.spanId} ${span.service} ${span.kind} ${JSON.stringify(span.name)} ${span.duration} ms${outcome}${attributes}`
}
