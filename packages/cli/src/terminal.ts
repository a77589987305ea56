import type { Readable, Writable } from 'node:stream'
import pc from 'picocolors'

/** Functions that colour a text, or leave it alone where colours are off. */
export type Colors = ReturnType<typeof pc.createColors>

/** What a command sees of the outside: streams, environment and what the screen can show. */
export interface Terminal {
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  readonly env: Readonly<Record<string, string | undefined>>
  /** True where somebody types into stdin, rather than a pipe or a file filling it. */
  readonly stdinIsTty: boolean
  readonly stdoutIsTty: boolean
  /** Columns of the screen, at least 60. */
  readonly width: number
  /** False where only ASCII should be printed. */
  readonly unicode: boolean
  readonly colors: Colors
}

/** What of a process `createTerminal` reads. */
export interface ProcessStreams {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: Writable
  readonly env: Readonly<Record<string, string | undefined>>
}

const MIN_WIDTH = 60
const PIPED_WIDTH = 100

/** Describes the terminal of a process. `COLUMNS`, `NO_COLOR`, `FORCE_COLOR`, `TERM` and the locale are honoured. */
export function createTerminal(streams: ProcessStreams): Terminal {
  const { stdin, stdout, stderr, env } = streams
  const stdoutIsTty = stdout.isTTY === true
  return {
    stdin,
    stdout,
    stderr,
    env,
    stdinIsTty: stdin.isTTY === true,
    stdoutIsTty,
    width: readWidth(env, stdout.columns),
    unicode: hasUnicode(env),
    colors: pc.createColors(hasColors(env, stdoutIsTty)),
  }
}

function readWidth(env: Terminal['env'], columns: number | undefined): number {
  const wanted = Number(env['COLUMNS'])
  const width = Number.isInteger(wanted) && wanted > 0 ? wanted : (columns ?? PIPED_WIDTH)
  return Math.max(MIN_WIDTH, width)
}

// https://no-color.org: any value that is not empty switches colours off.
function hasColors(env: Terminal['env'], isTty: boolean): boolean {
  if (env['NO_COLOR']) return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  return isTty && env['TERM'] !== 'dumb'
}

// POSIX: the first of these that is set decides. Without any, terminals of today show UTF-8.
function hasUnicode(env: Terminal['env']): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG']
  if (!locale) return env['TERM'] !== 'linux'
  return /utf-?8/i.test(locale)
}

/** Writes to a stream and waits until there is room again, so that memory stays flat however slow the reader is. */
export async function write(stream: Writable, data: string | Uint8Array): Promise<void> {
  if (stream.write(data)) return
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: Error | null): void => {
      stream.off('drain', settle).off('error', settle).off('close', settle)
      if (error instanceof Error) reject(error)
      else resolve()
    }
    stream.on('drain', settle).on('error', settle).on('close', settle)
  })
}
