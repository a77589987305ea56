import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** Somewhere log lines come from. */
export interface LogSource {
  /** As the person named it, or the path within a folder. */
  readonly name: string
  /** True where the person named the file itself, rather than a folder it is in. */
  readonly isNamed: boolean
  /** False for stdin, which can be read once only. */
  readonly canReopen: boolean
  open(): Readable
}

const CHUNK_BYTES = 256 * 1024
const BINARY_PROBE_BYTES = 8 * 1024
// `app.log`, `app.log.1`, `app.log-20251121.gz`, `app-2025-11-21.ndjson`, `anything.gz`
const LOG_NAME = /\.(?:log|ndjson|jsonl|json|txt|out|err)(?:[.-][\w.-]+)?$|\.gz$/i

/**
 * Lists the log files that paths name. Folders are read to the bottom: hidden folders, `node_modules` and names that are no log's
 * are left out, and so is a file that was already listed under another name.
 *
 * @param onProblem called for what cannot be read, with the reason
 */
export async function listLogSources(paths: readonly string[], onProblem: (path: string, error: unknown) => void): Promise<LogSource[]> {
  const seen = new Set<string>()
  const sources: LogSource[] = []
  for (const path of paths) {
    for await (const file of walkPath(path, onProblem)) {
      if (seen.has(file.identity)) continue
      seen.add(file.identity)
      sources.push(fileSource(file.path, file.path === path))
    }
  }
  return sources
}

/** The source that reads what is piped into the command. */
export function streamSource(stream: Readable): LogSource {
  return { name: 'stdin', isNamed: true, canReopen: false, open: () => stream }
}

function fileSource(path: string, isNamed: boolean): LogSource {
  return { name: path, isNamed, canReopen: true, open: () => createReadStream(path, { highWaterMark: CHUNK_BYTES }) }
}

interface FoundFile {
  readonly path: string
  /** Device and inode. */
  readonly identity: string
}

async function* walkPath(path: string, onProblem: (path: string, error: unknown) => void): AsyncGenerator<FoundFile> {
  try {
    const stats = await stat(path, { bigint: true })
    if (stats.isDirectory()) yield* walkFolder(path, onProblem)
    else yield { path, identity: `${stats.dev}:${stats.ino}` }
  } catch (error) {
    onProblem(path, error)
  }
}

// Linked folders are not followed, so there are no circles; linked files are.
async function* walkFolder(folder: string, onProblem: (path: string, error: unknown) => void): AsyncGenerator<FoundFile> {
  const entries = await readdir(folder, { withFileTypes: true })
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const { name } = entry
    if (entry.isDirectory() ? name.startsWith('.') || name === 'node_modules' : !LOG_NAME.test(name)) continue
    if (entry.isDirectory() || entry.isFile()) yield* walkPath(join(folder, name), onProblem)
    else if (entry.isSymbolicLink()) yield* walkLink(join(folder, name))
  }
}

async function* walkLink(path: string): AsyncGenerator<FoundFile> {
  // A link that leads nowhere is no log.
  const stats = await stat(path, { bigint: true }).catch(() => undefined)
  if (stats?.isFile()) yield { path, identity: `${stats.dev}:${stats.ino}` }
}

/**
 * Reads the bytes of a log, unpacked where they are gzip (told by their first bytes, not by the name). Where a byte is
 * zero among the first 8 KiB, the file is binary: reading ends and `onBinary` is called. Throws what the file system or gzip reports.
 */
export async function* readLog(source: LogSource, onBinary: () => void): AsyncGenerator<Uint8Array> {
  const stream = source.open()
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>
  try {
    const first = await readHead(chunks)
    const whole = prepend(first, chunks)
    yield* readText(isGzip(first) ? unpack(whole) : whole, onBinary)
  } finally {
    stream.destroy()
  }
}

// A pipe may hand over the two bytes that tell gzip one by one.
async function readHead(chunks: AsyncIterator<Buffer, undefined>): Promise<Buffer> {
  const head: Buffer[] = []
  let length = 0
  while (length < 2) {
    const next = await chunks.next()
    if (next.done) break
    head.push(next.value)
    length += next.value.length
  }
  return Buffer.concat(head)
}

async function* prepend(first: Buffer, rest: AsyncIterator<Buffer, undefined>): AsyncGenerator<Buffer> {
  yield first
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

function unpack(packed: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  // An error of either stream reaches whoever reads the result; the callback is only there because pipeline asks for one.
  return pipeline(Readable.from(packed, { objectMode: false }), createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined)
}

async function* readText(chunks: AsyncIterable<Buffer>, onBinary: () => void): AsyncGenerator<Uint8Array> {
  let probed = 0
  for await (const chunk of chunks) {
    if (probed < BINARY_PROBE_BYTES && chunk.subarray(0, BINARY_PROBE_BYTES - probed).includes(0)) {
      onBinary()
      return
    }
    probed += chunk.length
    yield chunk
  }
}
