import { formatDuration } from '@clew/analysis'
import type { TraceSummary } from '@clew/store'
import { formatMoment } from './moment.js'
import { cutMark } from './output.js'
import { type Column, formatTable } from './table.js'
import type { Colors, Terminal } from './terminal.js'

/** Draws traces as a table, one row a trace. Ids are never cut: they are what the next command needs. */
export function formatTraces(traces: readonly TraceSummary[], terminal: Terminal): string[] {
  return formatTable(traceColumns(terminal.colors), traces.map(toRow), {
    width: terminal.width,
    mark: cutMark(terminal),
    paintTitle: terminal.colors.dim,
  })
}

function traceColumns(colors: Colors): Column[] {
  return [
    { title: 'TRACE' },
    { title: 'STARTED (UTC)', dropRank: 3 },
    { title: 'DURATION', align: 'end' },
    { title: 'STATUS', paint: (cell, row) => (row[3]?.includes('failed') ? colors.red(cell) : cell) },
    { title: 'SERVICE', minWidth: 8, dropRank: 2 },
    { title: 'REQUEST', minWidth: 10 },
    { title: 'SPANS', align: 'end', dropRank: 4 },
    { title: 'ERRORS', align: 'end', dropRank: 5, paint: (cell, row) => (row[7] === '' ? cell : colors.red(cell)) },
  ]
}

function toRow(trace: TraceSummary): string[] {
  return [
    trace.traceId,
    formatMoment(trace.startTime),
    formatDuration(trace.duration),
    formatStatus(trace),
    trace.rootService,
    trace.rootName,
    String(trace.spanCount),
    trace.errorCount === 0 ? '' : String(trace.errorCount),
  ]
}

function formatStatus({ statusCode, errorCount, state }: TraceSummary): string {
  const outcome = errorCount > 0 ? 'failed' : state === 'completed' ? 'ok' : state
  return statusCode === undefined ? outcome : `${statusCode} ${outcome}`
}
