import { type ApiClient, createApiClient, type ServerAddress } from './api-client.js'
import { CommandError, EXIT_FOUND } from './command-error.js'
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
  const { trace, analysis, ...rest } = await findTrace(request)
  if (request.json) await writeJson(terminal, { trace, analysis, ...rest })
  else
    await writeLines(
      terminal,
      formatWaterfall(trace, analysis, { ...terminal, ...(request.depth === undefined ? {} : { depth: request.depth }) }),
    )
  return EXIT_FOUND
}

/** As people copy ids by halves, or that of a span. */
const SHORT_ID = /^[0-9a-f]{4,31}$/i
const SHORT_ID_HINT = '; a trace id has 32 characters, and what clew grep prints before the message is the beginning of a span id'

async function findTrace(request: ShowRequest): ReturnType<ApiClient['getTrace']> {
  try {
    return await createApiClient(request).getTrace(request.id)
  } catch (error) {
    const isMissing = error instanceof CommandError && error.code === 'NOT_FOUND'
    if (!isMissing || !SHORT_ID.test(request.id.trim())) throw error
    throw new CommandError(error.message + SHORT_ID_HINT, { cause: error })
  }
}
