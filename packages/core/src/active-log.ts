import { contextStorage } from './context.js'
import type { LogLine } from './log-records.js'
import { isSpanPort, type LogSpan } from './span.js'

/**
 * The active span, as loggers see it; undefined outside of a span and inside `suppressTracing`.
 *
 * @example
 * getLogSpan() // undefined
 */
export function getLogSpan(): LogSpan | undefined {
  const context = contextStorage.getStore()
  if (context === undefined || context.suppressed) return undefined
  return isSpanPort(context.span) ? context.span : undefined
}

/**
 * Keeps a line in the segment of the active span. It reaches the exporter, in `ExportBatch.logs`, if the segment is kept, and is forgotten with it
 * otherwise. Does nothing outside of a span.
 *
 * @example
 * recordLog({ severityNumber: 9, severityText: 'info', line: 'order read', read: (line) => ({ body: line, attributes: {} }) })
 */
export function recordLog(log: LogLine): void {
  getLogSpan()?.recordLog(log)
}
