import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findExecutable, findFreePort, runServer, stopServer } from './temp-server.js'

/** A Redis of one's own. */
export interface StartedRedis extends AsyncDisposable {
  /** `redis://127.0.0.1:<port>` */
  readonly url: string
  readonly port: number
  readonly pid: number
}

/** The path of a `redis-server`: `CLEW_REDIS_SERVER`, or the first on PATH; undefined where there is none. */
export function findRedis(): string | undefined {
  return process.env['CLEW_REDIS_SERVER'] || findExecutable('redis-server')
}

/**
 * Runs a Redis on a free port, in a temporary folder, that keeps nothing. `args` are options of `redis-server`. Throws where there is no
 * `redis-server`. Disposing ends it.
 *
 * @example
 * await using redis = await startRedis(['--maxmemory', '32mb'])
 * const client = new Redis(redis.url)
 */
export async function startRedis(args: readonly string[] = []): Promise<StartedRedis> {
  const path = findRedis()
  if (path === undefined) throw new Error('There is no redis-server on PATH; CLEW_REDIS_SERVER names another place')
  const folder = await mkdtemp(join(tmpdir(), 'clew-redis-'))
  const port = await findFreePort()
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  const child = await runServer({ path, args: [...own, ...args], ready: /Ready to accept connections/ })
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      await stopServer(child, 'SIGTERM')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
