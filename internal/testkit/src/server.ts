import { once } from 'node:events'
import { createServer, type RequestListener, type Server as HttpServer } from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'

/** An HTTP server on a port of its own. */
export interface StartedServer extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string
  readonly port: number
}

interface ServerOptions {
  /** How long disposing waits for busy connections. Default: 5,000. */
  readonly deadlineMs?: number
  /** Makes the server that is to call the listener. Default: that of `node:http`. */
  readonly create?: (listener: RequestListener) => Server
}

/**
 * Serves `listener` (an Express app is one) on a free port. Disposing stops it, and throws where a connection is still busy at the deadline.
 *
 * @example
 * await using server = await startServer((req, res) => res.end('hello'))
 * await fetch(server.url)
 */
export async function startServer(
  listener: RequestListener,
  { deadlineMs = 5_000, create = createServer }: ServerOptions = {},
): Promise<StartedServer> {
  const server: Server & Partial<Pick<HttpServer, 'closeIdleConnections'>> = create(listener)
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    [Symbol.asyncDispose]: () => stop(),
  }

  function stop(): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        const { size } = sockets
        sockets.forEach((socket) => socket.destroy())
        reject(new Error(`${size} connections to port ${port} were still busy after ${deadlineMs} ms`))
      }, deadlineMs)
      server.close(() => {
        clearTimeout(deadline)
        resolve()
      })
      server.closeIdleConnections?.()
    })
  }
}
