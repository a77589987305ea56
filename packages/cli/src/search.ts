import type { TraceQuery } from '@clew/store'
import { createApiClient, type ServerAddress } from './api-client.js'
import { printList, writeLines } from './output.js'
import type { Terminal } from './terminal.js'
import { escapeControls, quoteWord } from './text.js'
import { formatTraces } from './trace-table.js'

/** What `clew search` was asked for. */
export interface SearchRequest extends ServerAddress {
  readonly query: TraceQuery
  /** Prints the server's answer, `{ items, nextCursor? }`. */
  readonly json?: boolean
}

/** Prints the traces that match, and how to see more. Returns 0, or 1 where there are none. */
export async function searchTraces(request: SearchRequest, terminal: Terminal): Promise<number> {
  const page = await createApiClient(request).findTraces(request.query)
  const code = await printList(terminal, page, { json: request.json, what: 'traces', format: formatTraces })
  if (!request.json && page.nextCursor !== undefined) {
    const options = formatNextOptions(request.query, page.nextCursor)
    await writeLines(terminal, ['', terminal.colors.dim(`There are more: repeat the command with ${options}`)])
  }
  return code
}

// A cursor goes with its query, so times that were counted back from now are named: `1h` ago is another moment by then.
function formatNextOptions({ from, to }: TraceQuery, cursor: string): string {
  const since = from === undefined ? [] : [`--since ${new Date(from).toISOString()}`]
  const until = to === undefined ? [] : [`--until ${new Date(to).toISOString()}`]
  return [...since, ...until, `--cursor ${quoteWord(escapeControls(cursor))}`].join(' ')
}
