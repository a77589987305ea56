/** A number of spans and of log lines. */
export interface RecordCount {
  spans: number
  logs: number
}

interface Records {
  readonly spans: readonly unknown[]
  readonly logs: readonly unknown[]
}

/** How many records some items hold. */
export function countRecords(items: readonly Records[]): RecordCount {
  const count = { spans: 0, logs: 0 }
  for (const { spans, logs } of items) {
    count.spans += spans.length
    count.logs += logs.length
  }
  return count
}

/** In words, for messages. */
export function describeRecords({ spans, logs }: RecordCount): string {
  if (logs === 0) return countSpans(spans)
  const lines = logs === 1 ? '1 log line' : `${logs} log lines`
  return spans === 0 ? lines : `${countSpans(spans)} and ${lines}`
}

/** The same of spans alone. */
export function countSpans(count: number): string {
  return count === 1 ? '1 span' : `${count} spans`
}

/** What an exporter tells may be anything: no count, or more than there was. */
export function toCount(told: unknown, max: number): number {
  return typeof told === 'number' && told > 0 ? Math.min(Math.floor(told), max) : 0
}
