import type { ErrorGroup, ErrorsQuery } from '@clew/store'
import { createApiClient, type ServerAddress } from './api-client.js'
import { formatMoment } from './moment.js'
import { cutMark, printList } from './output.js'
import { type Column, formatTable } from './table.js'
import type { Terminal } from './terminal.js'
import { escapeControls } from './text.js'

/** What `clew errors` was asked for. */
export interface ErrorsRequest extends ServerAddress {
  readonly query: ErrorsQuery
  /** Prints the server's answer, `{ date, items }`. */
  readonly json?: boolean
}

/** Prints the errors of one UTC day, most frequent first, each with its newest trace. Returns 0, or 1 where there are none. */
export async function listErrors(request: ErrorsRequest, terminal: Terminal): Promise<number> {
  const page = await createApiClient(request).errors(request.query)
  const what = `errors of ${escapeControls(String(page.date))} (UTC)`
  const isOver = request.query.date !== undefined
  return printList(terminal, page, { json: request.json, what, isOver, format: formatErrors })
}

function formatErrors(groups: readonly ErrorGroup[], terminal: Terminal): string[] {
  const { red, dim } = terminal.colors
  const columns: Column[] = [
    { title: 'COUNT', align: 'end' },
    { title: 'LAST (UTC)', dropRank: 2 },
    { title: 'SERVICE', minWidth: 6, dropRank: 1 },
    { title: 'OPERATION', minWidth: 8, dropRank: 3 },
    { title: 'ERROR', minWidth: 12, paint: (cell) => red(cell) },
    { title: 'NEWEST TRACE' },
  ]
  const rows = groups.map((group) => [
    String(group.count),
    formatMoment(group.lastSeen).slice(11, 19),
    group.service,
    group.operation,
    group.message === undefined ? group.type : `${group.type}: ${group.message}`,
    group.traceIds[0] ?? '',
  ])
  return formatTable(columns, rows, { width: terminal.width, mark: cutMark(terminal), paintTitle: dim })
}
