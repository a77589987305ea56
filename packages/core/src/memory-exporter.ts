import type { Exporter, HistogramPoint, LogRecord, MetricData } from './exporter.js'
import type { SpanData } from './span-data.js'

/**
 * An exporter whose spans, log lines and metrics can be read back.
 *
 * @example
 * const exporter: MemoryExporter = memoryExporter()
 * const tracer = createTracer({ exporter })
 * const { traceId } = withSpan('job', (span) => span.spanContext())
 * await tracer.flush()
 * exporter.trace(traceId).length // 1
 * exporter.clear()
 * exporter.spans.length // 0
 */
export interface MemoryExporter extends Exporter {
  /** Everything exported so far, in the order of arrival. */
  readonly spans: readonly SpanData[]
  /** The recorded log lines, in the order of arrival. */
  readonly logs: readonly LogRecord[]
  /** The metrics as they were exported last: the latest point of each series, as it holds all that was counted before. */
  readonly metrics: readonly MetricData[]
  /** The spans of one trace. */
  trace(traceId: string): SpanData[]
  /** Forgets everything. */
  clear(): void
}

/**
 * Keeps spans, log lines and metrics in memory, without a bound: for tests.
 *
 * @example
 * const exporter = memoryExporter()
 * const tracer = createTracer({ exporter })
 * withSpan('job', () => {})
 * await tracer.flush()
 * expect(exporter.spans).toHaveLength(1)
 */
export function memoryExporter(): MemoryExporter {
  const spans: SpanData[] = []
  const logs: LogRecord[] = []
  const metrics = new LatestMetrics()
  return {
    spans,
    logs,
    get metrics() {
      return metrics.read()
    },
    trace: (traceId) => spans.filter((span) => span.traceId === traceId),
    clear: () => {
      spans.length = 0
      logs.length = 0
      metrics.clear()
    },
    export: async (batch) => {
      spans.push(...batch.spans)
      logs.push(...batch.logs)
      metrics.add(batch.metrics)
      return { ok: true }
    },
    close: async () => {},
  }
}

/** The latest point of each series. */
class LatestMetrics {
  readonly #points = new Map<string, Map<string, HistogramPoint>>()
  readonly #metrics = new Map<string, MetricData>()

  add(metrics: readonly MetricData[]): void {
    for (const metric of metrics) {
      this.#metrics.set(metric.name, metric)
      const points = this.#points.get(metric.name) ?? new Map<string, HistogramPoint>()
      this.#points.set(metric.name, points)
      for (const point of metric.points) points.set(JSON.stringify([point.attributes, point.startTime]), point)
    }
  }

  read(): MetricData[] {
    return Array.from(this.#metrics.values(), (metric) => ({ ...metric, points: [...(this.#points.get(metric.name)?.values() ?? [])] }))
  }

  clear(): void {
    this.#points.clear()
    this.#metrics.clear()
  }
}
