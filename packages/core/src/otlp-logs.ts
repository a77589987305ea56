import type { ExportBatch, LogRecord } from './exporter.js'
import { encodeAttributes, encodeResource, toMicros, toUnixNano } from './otlp-value.js'

/**
 * Writes the log lines of batches as an OTLP `ExportLogsServiceRequest` in its JSON form, ready for `JSON.stringify` and `POST /v1/logs`.
 *
 * @example
 * const body = JSON.stringify(toOtlpLogsJson([batch]))
 * await fetch(`${collectorUrl}/v1/logs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
 */
export function toOtlpLogsJson(batches: readonly ExportBatch[]): object {
  const filled = batches.filter(({ logs }) => logs.length > 0)
  return {
    resourceLogs: filled.map(({ resource, logs }) => ({
      resource: encodeResource(resource),
      scopeLogs: [{ logRecords: logs.map(encodeLog) }],
    })),
  }
}

function encodeLog(log: LogRecord): object {
  const time = toUnixNano(toMicros(log.time), 0)
  return {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber: log.severityNumber,
    ...(log.severityText === undefined ? {} : { severityText: log.severityText }),
    body: { stringValue: log.body },
    attributes: encodeAttributes(log.attributes),
    ...(log.droppedAttributes === undefined ? {} : { droppedAttributesCount: log.droppedAttributes }),
    traceId: log.traceId,
    ...(log.spanId === undefined ? {} : { spanId: log.spanId }),
  }
}
