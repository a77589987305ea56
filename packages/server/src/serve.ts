import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { TraceError } from '@clew/core'
import { isLoopback, LOOPBACK_NAMES, toUrlHost } from './host.js'
import { invalid, resolveOptions } from './options.js'
import type { ResolvedOptions, ServerOptions } from './options.js'
import { createApp } from './server.js'

/** What `serve` needs to know. */
export interface ServeOptions extends ServerOptions {
  /** 0 to 65,535; 0 takes any that is free. Default 0. */
  readonly port?: number
  /** The address to listen on. Default `127.0.0.1`; one that other machines reach needs `auth`: a token, or an explicit `false`. */
  readonly host?: string
}

/**
 * A server that listens.
 *
 * @example
 * await using server: RunningServer = await serve({ store: memoryStore() })
 * const { status } = await fetch(`${server.url}/api/v1/services`)
 * console.log(status) // 200
 */
export interface RunningServer {
  /** Where it answers, without a slash at the end: `http://127.0.0.1:4318`. */
  readonly url: string
  readonly port: number
  /** Stops listening and resolves when every connection has ended; requests under way get 5 s to finish. The store stays open. */
  close(): Promise<void>
  /** The same as `close()`. */
  [Symbol.asyncDispose](): Promise<void>
}

const CLOSE_GRACE_MS = 5_000

/**
 * Runs clew's server on a port of its own.
 *
 * Throws a `TraceError`: `INVALID_OPTION` where an option cannot be used, or where an address that other machines reach has neither a
 * token nor `auth: false`; `LISTEN_FAILED` where the port is taken or not allowed.
 *
 * @example
 * ```ts
 * const server = await serve({ store: memoryStore() })
 * console.log(server.url)
 * await server.close()
 * ```
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { port = 0, host = '127.0.0.1', ...serverOptions } = options
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw invalid('port', `must be a whole number from 0 to 65535, got ${port}`)
  if (!isLoopback(host) && options.auth === undefined) {
    throw invalid('auth', `must be given for host ${host}, which other machines reach: { token }, or false to let everybody in`)
  }
  const app = createApp(withHosts(resolveOptions(serverOptions), host))
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server
  server.on('request', (_req, res) => res.on('close', () => endIdleConnections(server)))
  await listen(server, port, host)
  return toRunning(server, host)
}

/** Bound to a loopback address only its own names are answered, against DNS rebinding. */
function withHosts(options: ResolvedOptions, host: string): ResolvedOptions {
  if (!isLoopback(host)) return options
  return { ...options, hosts: new Set([...LOOPBACK_NAMES, toUrlHost(host), ...(options.hosts ?? [])]) }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(toListenError(error, port, host)))
    server.listen(port, host, resolve)
  })
}

function toListenError(error: NodeJS.ErrnoException, port: number, host: string): TraceError {
  const reason = error.code === 'EADDRINUSE' ? 'another process listens there already' : error.message
  const message = `Cannot listen on port ${port} of ${host}: ${reason}. Choose another port with the option port; 0 takes any that is free`
  return new TraceError('LISTEN_FAILED', message, { cause: error })
}

function toRunning(server: Server, host: string): RunningServer {
  const { port } = server.address() as AddressInfo
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => (closed ??= closeServer(server))
  return { url: `http://${toUrlHost(reachable)}:${port}`, port, close, [Symbol.asyncDispose]: close }
}

/** Node leaves a keep-alive connection open whose last request ends after `close()` was called. */
function endIdleConnections(server: Server): void {
  if (!server.listening) server.closeIdleConnections()
}

/** Idle keep-alive connections end at once, the others with their request or when the grace is over. */
function closeServer(server: Server): Promise<void> {
  const grace = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS).unref()
  return new Promise((resolve, reject) => {
    server.close((error) => {
      clearTimeout(grace)
      if (error) reject(error)
      else resolve()
    })
    server.closeIdleConnections()
  })
}
