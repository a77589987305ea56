import { contextStorage } from './context.js'
import type { LogLine } from './log-records.js'
import { isSpanPort, type SpanPort } from './span.js'

/**
 * True where `recordLog` would keep a line of this severity (OpenTelemetry's number) now: inside a span whose segment takes lines. A line that
 * finds no room counts as lost, so ask once for each.
 */
export function takesLog(severityNumber: number): boolean {
  return activeSpan()?.takesLog(severityNumber) ?? false
}

/**
 * Keeps a line in the segment of the active span. It reaches the exporter, in `ExportBatch.logs`, if the segment is kept, and is forgotten with it
 * otherwise. Does nothing outside of a span.
 *
 * @example
 * recordLog({ severityNumber: 9, severityText: 'info', line: 'order read', read: (line) => ({ body: line, attributes: {} }) })
 */
export function recordLog(log: LogLine): void {
  activeSpan()?.recordLog(log)
}

function activeSpan(): SpanPort | undefined {
  const context = contextStorage.getStore()
  const span = context?.span
  return context?.suppressed || !isSpanPort(span) ? undefined : span
}
