import type { Exemplar, ExportBatch, HistogramPoint, MetricData } from './exporter.js'
import { encodeAttributes, encodeResource, toMicros, toUnixNano } from './otlp-value.js'
import type { Attributes } from './span-data.js'
import { VERSION } from './version.js'

/** OTLP's AggregationTemporality. */
const CUMULATIVE = 2

/**
 * Writes a batch's metrics as an OTLP `ExportMetricsServiceRequest` in its JSON form, for `POST /v1/metrics`. Counts are those since the
 * start; of the exemplars only those are written that the receiver has not had, as OTLP's are of the time since the last export.
 */
export class OtlpMetricWriter {
  /** By a series' attributes, which are one object: the time of the point that the receiver took last. */
  readonly #acceptedAt = new WeakMap<Attributes, number>()

  toJson({ resource, metrics }: ExportBatch): object {
    const scope = { name: '@clew/core', version: VERSION }
    const encoded = metrics.map((metric) => this.#encodeMetric(metric))
    return { resourceMetrics: [{ resource: encodeResource(resource), scopeMetrics: [{ scope, metrics: encoded }] }] }
  }

  /** To be told when the receiver has taken a batch. */
  accepted({ metrics }: ExportBatch): void {
    for (const { points } of metrics) for (const { attributes, time } of points) this.#acceptedAt.set(attributes, time)
  }

  #encodeMetric({ name, unit, description, points }: MetricData): object {
    return {
      name,
      ...(description === undefined ? {} : { description }),
      ...(unit === '' ? {} : { unit }),
      exponentialHistogram: { aggregationTemporality: CUMULATIVE, dataPoints: points.map((point) => this.#encodePoint(point)) },
    }
  }

  #encodePoint(point: HistogramPoint): object {
    const since = this.#acceptedAt.get(point.attributes) ?? -Infinity
    const exemplars = (point.exemplars ?? []).filter(({ time }) => time > since)
    return {
      attributes: encodeAttributes(point.attributes),
      startTimeUnixNano: toNanos(point.startTime),
      timeUnixNano: toNanos(point.time),
      count: String(point.count),
      // Values near the largest double can add up to more than there is.
      sum: Number.isFinite(point.sum) ? point.sum : String(point.sum),
      ...(point.min === undefined ? {} : { min: point.min }),
      ...(point.max === undefined ? {} : { max: point.max }),
      scale: point.scale,
      zeroCount: String(point.zeroCount),
      zeroThreshold: point.zeroThreshold,
      positive: { offset: point.offset, bucketCounts: point.bucketCounts.map(String) },
      ...(exemplars.length === 0 ? {} : { exemplars: exemplars.map(encodeExemplar) }),
    }
  }
}

function encodeExemplar({ time, value, traceId, spanId }: Exemplar): object {
  return { timeUnixNano: toNanos(time), asDouble: value, traceId, spanId }
}

function toNanos(milliseconds: number): string {
  return toUnixNano(toMicros(milliseconds), 0)
}
