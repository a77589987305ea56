import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { createTerminal, type Terminal } from '../src/terminal.js'

/** A terminal whose output is kept. */
export interface CapturedTerminal {
  readonly terminal: Terminal
  stdout(): string
  stderr(): string
}

/** Makes a terminal of streams in memory: plain and 100 columns wide unless `env` or `columns` say otherwise. */
export function captureTerminal(
  options: { stdin?: string | Buffer; env?: Record<string, string>; isTty?: boolean; columns?: number } = {},
): CapturedTerminal {
  const out: Buffer[] = []
  const err: Buffer[] = []
  const stdout = Object.assign(new PassThrough(), {
    isTTY: options.isTty ?? false,
    ...(options.columns === undefined ? {} : { columns: options.columns }),
  })
  const stderr = new PassThrough()
  stdout.on('data', (chunk: Buffer) => out.push(chunk))
  stderr.on('data', (chunk: Buffer) => err.push(chunk))
  const stdin = Object.assign(Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)], { objectMode: false }), {
    isTTY: options.stdin === undefined,
  })
  return {
    terminal: createTerminal({ stdin, stdout, stderr, env: { LANG: 'C.UTF-8', ...options.env } }),
    stdout: () => Buffer.concat(out).toString('utf8'),
    stderr: () => Buffer.concat(err).toString('utf8'),
  }
}

/** A folder that is removed with its files. */
export interface TemporaryFolder {
  readonly path: string
  [Symbol.asyncDispose](): Promise<void>
}

/** Makes a folder with these files in it. */
export async function createFolder(files: Readonly<Record<string, string | Buffer>>): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'clew-cli-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true })
    await writeFile(join(path, name), content)
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
