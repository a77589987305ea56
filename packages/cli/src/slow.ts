import type { SlowestQuery } from '@clew/store'
import { createApiClient, type ServerAddress } from './api-client.js'
import { printList } from './output.js'
import type { Terminal } from './terminal.js'
import { formatTraces } from './trace-table.js'

/** What `clew slow` was asked for. */
export interface SlowRequest extends ServerAddress {
  readonly query: SlowestQuery
  /** Prints the server's answer, `{ items }`. */
  readonly json?: boolean
}

/** Prints the slowest traces, slowest first. Returns 0, or 1 where there are none. */
export async function listSlowest(request: SlowRequest, terminal: Terminal): Promise<number> {
  const page = await createApiClient(request).slowest(request.query)
  return printList(terminal, page, { json: request.json, what: 'traces', format: formatTraces })
}
