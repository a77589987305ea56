import type { TraceQuery } from '@clew/store'
import { createApiClient, type ServerAddress } from './api-client.js'
import { reportCount, writeJson, writeLines } from './output.js'
import type { Terminal } from './terminal.js'
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
  if (request.json) await writeJson(terminal, page)
  else if (page.items.length > 0) await writeLines(terminal, formatTraces(page.items, terminal))
  if (!request.json && page.nextCursor !== undefined) {
    await writeLines(terminal, ['', terminal.colors.dim(`There are more: repeat the command with --cursor ${page.nextCursor}`)])
  }
  return reportCount(terminal, page.items.length, 'traces')
}
