import type { ServiceSummary } from '@clew/store'
import { createApiClient, type ServerAddress } from './api-client.js'
import { formatMoment } from './moment.js'
import { cutMark, printList } from './output.js'
import { type Column, formatTable } from './table.js'
import type { Terminal } from './terminal.js'

/** What `clew services` was asked for. */
export interface ServicesRequest extends ServerAddress {
  /** Prints the server's answer, `{ items }`. */
  readonly json?: boolean
}

/** Prints the services that have sent spans. Returns 0, or 1 where there are none. */
export async function listServices(request: ServicesRequest, terminal: Terminal): Promise<number> {
  const page = await createApiClient(request).services()
  return printList(terminal, page, { json: request.json, what: 'services', format: formatServices })
}

function formatServices(services: readonly ServiceSummary[], terminal: Terminal): string[] {
  const { red, dim } = terminal.colors
  const columns: Column[] = [
    { title: 'SERVICE', minWidth: 12 },
    { title: 'TRACES', align: 'end' },
    { title: 'SPANS', align: 'end' },
    { title: 'ERRORS', align: 'end', paint: (cell, row) => (row[3] === '0' ? cell : red(cell)) },
    { title: 'LAST SEEN (UTC)', dropRank: 1 },
    { title: 'VERSIONS', minWidth: 8, dropRank: 2 },
  ]
  const rows = services.map((service) => [
    service.name,
    String(service.traceCount),
    String(service.spanCount),
    String(service.errorCount),
    formatMoment(service.lastSeen),
    service.versions.join(', '),
  ])
  return formatTable(columns, rows, { width: terminal.width, mark: cutMark(terminal), paintTitle: dim })
}
