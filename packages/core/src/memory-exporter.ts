import type { Exporter, LogRecord } from './exporter.js'
import type { SpanData } from './span-data.js'

/** An exporter whose spans and log lines can be read back. */
export interface MemoryExporter extends Exporter {
  /** Everything exported so far, in the order of arrival. */
  readonly spans: readonly SpanData[]
  /** The recorded log lines, in the order of arrival. */
  readonly logs: readonly LogRecord[]
  /** The spans of one trace. */
  trace(traceId: string): SpanData[]
  /** Forgets everything. */
  clear(): void
}

/**
 * Keeps spans in memory, without a bound: for tests.
 *
 * @example
 * const exporter = memoryExporter()
 * const tracer = createTracer({ exporter })
 * await tracer.flush()
 * expect(exporter.spans).toHaveLength(1)
 */
export function memoryExporter(): MemoryExporter {
  const spans: SpanData[] = []
  const logs: LogRecord[] = []
  return {
    spans,
    logs,
    trace: (traceId) => spans.filter((span) => span.traceId === traceId),
    clear: () => {
      spans.length = 0
      logs.length = 0
    },
    export: async (batch) => {
      spans.push(...batch.spans)
      logs.push(...batch.logs)
      return { ok: true }
    },
    close: async () => {},
  }
}
