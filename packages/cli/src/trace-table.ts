import { formatDuration } from '@clew/analysis'
import type { TraceSummary } from '@clew/store'
import { formatMoment } from './moment.js'
import { type Column, formatTable } from './table.js'
import type { Terminal } from './terminal.js'
import { createMarks, type Marks } from './waterfall-text.js'

/** Draws traces as a table, one row a trace; failed ones have a sign, and so have those with errors inside. Ids are never cut: they are what the next command needs. */
export function formatTraces(traces: readonly TraceSummary[], terminal: Terminal): string[] {
  const { colors, width } = terminal
  const marks = createMarks(terminal.unicode)
  const failed = `${marks.error} `
  const columns: Column[] = [
    { title: 'TRACE' },
    { title: 'STARTED (UTC)', dropRank: 2 },
    { title: 'DURATION', align: 'end' },
    { title: 'STATUS', dropRank: 1 },
    { title: 'SERVICE', minWidth: 8, dropRank: 4 },
    { title: 'REQUEST', minWidth: leastRequestWidth(width), paint: (cell) => (cell.startsWith(failed) ? colors.red(cell) : cell) },
    { title: 'SPANS', align: 'end', dropRank: 3 },
  ]
  const rows = traces.map((trace) => [
    trace.traceId,
    formatMoment(trace.startTime).slice(5, 19),
    formatDuration(trace.duration),
    String(trace.statusCode ?? trace.state),
    trace.rootService,
    signOf(trace, marks) + trace.rootName,
    String(trace.spanCount),
  ])
  return formatTable(columns, rows, { width, mark: marks.cut, paintTitle: colors.dim })
}

/** 12 columns of 60, 20 of 80, 28 of 100 and more: what comes before it is left out rather than the request cut further. */
function leastRequestWidth(width: number): number {
  return Math.min(28, Math.floor(width * 0.4) - 12)
}

function signOf({ state, errorCount }: TraceSummary, marks: Marks): string {
  if (state === 'failed') return `${marks.error} `
  return errorCount > 0 ? `${marks.note} ` : ''
}
