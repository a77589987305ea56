import { CommandError } from './command-error.js'
import { type Terminal, write } from './terminal.js'

/** What `clew serve` was asked for. */
export interface ServeRequest {
  readonly port: number
  readonly host: string
  readonly token?: string
  /** False lets everybody in who reaches the address. */
  readonly auth: boolean
  /** Store URL, such as `memory:`. */
  readonly store: string
}

/**
 * Runs the server until `signal` is aborted, then lets requests end and closes the store. Returns 0.
 *
 * Throws what `openStore` and `serve` throw: a `TraceError` for a store that cannot be opened, an address that is taken or one that other
 * machines reach without a token.
 */
export async function runServer(request: ServeRequest, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { host, port, token, auth } = request
  if (!auth && token !== undefined) throw new CommandError('--no-auth and a token (--token or CLEW_TOKEN) exclude each other')
  // Loaded here, so that the other commands start without a server's code.
  const [{ serve }, { openStore }] = await Promise.all([import('@clew/server'), import('@clew/store')])
  const store = await openStore(request.store)
  try {
    const server = await serve({ store, host, port, ...toAuth(request) }).catch((error: unknown) => {
      throw explainRefusal(error, host)
    })
    if (request.store.startsWith('memory:')) await write(terminal.stdout, 'clew keeps traces in memory: they are gone when it stops\n')
    await write(terminal.stdout, `clew listens on ${server.url}\n`)
    await whenAborted(signal)
    await server.close()
  } finally {
    await store.close()
  }
  return 0
}

function toAuth({ auth, token }: ServeRequest): { auth?: false | { token: string } } {
  if (!auth) return { auth: false }
  return token === undefined ? {} : { auth: { token } }
}

// The server speaks of its option; the person needs the name of ours.
function explainRefusal(error: unknown, host: string): unknown {
  if (!(error instanceof Error) || !error.message.startsWith('Option auth must be given')) return error
  return new CommandError(`${host} is reached by other machines: give a token (CLEW_TOKEN), or --no-auth to let everybody in`, {
    cause: error,
  })
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
