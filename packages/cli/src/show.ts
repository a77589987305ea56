import { createApiClient, type ServerAddress } from './api-client.js'
import { EXIT_FOUND } from './command-error.js'
import { writeJson, writeLines } from './output.js'
import type { Terminal } from './terminal.js'
import { formatWaterfall } from './waterfall.js'

/** What `clew show` was asked for. */
export interface ShowRequest extends ServerAddress {
  /** Trace id in any spelling, or an external id. */
  readonly id: string
  /** Levels to show below the roots. Default: all. */
  readonly depth?: number
  /** Prints the server's answer, `{ trace, analysis }`. */
  readonly json?: boolean
}

/** Prints the waterfall of a trace. Returns 0; throws a `CommandError` where the server has no such trace. */
export async function showTrace(request: ShowRequest, terminal: Terminal): Promise<number> {
  const { trace, analysis, ...rest } = await createApiClient(request).getTrace(request.id)
  if (request.json) await writeJson(terminal, { trace, analysis, ...rest })
  else
    await writeLines(
      terminal,
      formatWaterfall(trace, analysis, { ...terminal, ...(request.depth === undefined ? {} : { depth: request.depth }) }),
    )
  return EXIT_FOUND
}
