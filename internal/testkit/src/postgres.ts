import { execFile } from 'node:child_process'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findExecutable, findFreePort, runServer, stopServer } from './temp-server.js'

/** A PostgreSQL of one's own. */
export interface StartedPostgres extends AsyncDisposable {
  /** `postgres://clew@127.0.0.1:<port>/postgres` */
  readonly url: string
  readonly port: number
  readonly pid: number
}

/** Debian keeps the programs of each version in a folder of its own. */
const DEBIAN = '/usr/lib/postgresql'

interface Programs {
  readonly initdb: string
  readonly postgres: string
}

/** The programs of a PostgreSQL on PATH or where Debian keeps them; undefined where there is none that can be run here. */
export function findPostgres(): Programs | undefined {
  const folders = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin')) : []
  const initdb = findExecutable('initdb', folders)
  const postgres = findExecutable('postgres', folders)
  if (initdb === undefined || postgres === undefined) return undefined
  return isRoot() && findUser() === undefined ? undefined : { initdb, postgres }
}

/**
 * Runs a PostgreSQL on a free port, in a temporary folder, as the user `postgres` where this process is root's (it refuses to be). Throws
 * where there is none. Disposing ends it.
 *
 * @example
 * await using postgres = await startPostgres()
 * const pool = new Pool({ connectionString: postgres.url })
 */
export async function startPostgres(): Promise<StartedPostgres> {
  const programs = findPostgres()
  if (programs === undefined) throw new Error('There is no initdb and postgres on PATH')
  const user = isRoot() ? findUser() : undefined
  const folder = await mkdtemp(join(tmpdir(), 'clew-postgres-'))
  if (user) await chown(folder, user.uid, user.gid)
  const options = { ...user, cwd: folder }
  const data = join(folder, 'data')
  await promisify(execFile)(programs.initdb, ['-D', data, '-U', 'clew', '--auth=trust', '--no-sync', '--locale=C'], options)
  const port = await findFreePort()
  const settings = [`unix_socket_directories=${folder}`, 'fsync=off', 'max_connections=50', 'listen_addresses=127.0.0.1']
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  const child = await runServer({ path: programs.postgres, args, ready: /ready to accept connections/, options })
  return {
    url: `postgres://clew@127.0.0.1:${port}/postgres`,
    port,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      // A fast shutdown: connections are closed.
      await stopServer(child, 'SIGINT')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

function findUser(): { uid: number; gid: number } | undefined {
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8') : '') ?? []
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}
