import { formatCount } from '@clew/analysis'
import { CommandError, describeError, EXIT_FAILED, EXIT_FOUND, EXIT_NO_MATCH } from './command-error.js'
import { listLogSources, type LogSource, readLog, streamSource } from './log-files.js'
import { createLogFormatter } from './log-format.js'
import { type LogTarget, parseLogTarget } from './log-id.js'
import { createLogMatcher, learnExternalId, type LogMatcher } from './log-match.js'
import { mergeRecords } from './log-merge.js'
import { type FoundRecord, MAX_RECORD_BYTES, scanLog } from './log-scan.js'
import { type Terminal, write } from './terminal.js'
import { escapeControls } from './text.js'

/** What `clew grep` was asked for. */
export interface GrepRequest {
  /** Trace id in any spelling, or an external id. */
  readonly id: string
  /** Files and folders; `-` is stdin, and so is an empty list. */
  readonly paths: readonly string[]
  /** Passes the lines through as they are instead of a view of them. */
  readonly json?: boolean
}

/**
 * Prints the lines of a trace from log files, merged by their time.
 *
 * Returns 0, 1 where no line matched (stderr says what was searched), or 2 where something could not be read (the rest is printed all the same). Throws a `CommandError`
 * where there is nothing to look for or nowhere to look.
 */
export async function grepLogs(request: GrepRequest, terminal: Terminal): Promise<number> {
  if (request.id.trim() === '') throw new CommandError('the id is empty')
  const reader = createReader(terminal)
  const sources = await listSources(request.paths, terminal, reader)
  const search = await planSearch(parseLogTarget(request.id), sources, reader)
  const matcher = createLogMatcher(search.target)
  const streams = search.sources.map((source) => ({ name: source.name, records: reader.read(source, matcher) }))
  const print = createPrinter(request, terminal, search.target)
  let count = 0
  for await (const merged of mergeRecords(streams, (name) =>
    reader.warn(`${name} is not in order of time; its lines are merged as they stand`),
  )) {
    count++
    await write(terminal.stdout, print(merged))
  }
  if (reader.hasFailed()) return EXIT_FAILED
  if (count > 0) return EXIT_FOUND
  reader.warn(`no line with ${request.id.trim()} in ${describeSources(sources.filter(reader.wasSearched))}`)
  return EXIT_NO_MATCH
}

function describeSources(sources: readonly LogSource[]): string {
  const files = sources.filter((source) => source.canReopen).length
  if (files === sources.length) return formatCount(files, 'file')
  return files === 0 ? 'stdin' : `stdin and ${formatCount(files, 'file')}`
}

interface LogReader {
  read(source: LogSource, matcher: LogMatcher): AsyncGenerator<FoundRecord>
  /** Says something on stderr, once. */
  warn(message: string): void
  fail(path: string, error: unknown): void
  hasFailed(): boolean
  /** False for what is no text. */
  wasSearched(source: LogSource): boolean
}

function createReader(terminal: Terminal): LogReader {
  const said = new Set<string>()
  const leftOut = new Set<LogSource>()
  let failed = false
  const warn = (message: string): void => {
    if (!said.has(message)) terminal.stderr.write(`clew: ${escapeControls(message)}\n`)
    said.add(message)
  }
  const fail = (path: string, error: unknown): void => {
    failed = true
    warn(`cannot read ${path}: ${describeReadError(error)}`)
  }
  async function* read(source: LogSource, matcher: LogMatcher): AsyncGenerator<FoundRecord> {
    const onBinary = (): void => {
      leftOut.add(source)
      if (source.isNamed) warn(`${source.name} is not text; it was left out`)
    }
    const onCut = (): void => {
      failed = true
      warn(`${source.name} has lines of more than ${MAX_RECORD_BYTES / 1024 ** 2} MiB; what lies beyond was not searched`)
    }
    try {
      yield* scanLog(readLog(source, onBinary), matcher, { onCut })
    } catch (error) {
      fail(source.name, error)
    }
  }
  return { read, warn, fail, hasFailed: () => failed, wasSearched: (source) => !leftOut.has(source) }
}

const READ_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  Z_DATA_ERROR: 'damaged gzip data',
  Z_BUF_ERROR: 'gzip data end too early',
}

function describeReadError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return READ_ERRORS[code] ?? describeError(error)
}

async function listSources(paths: readonly string[], terminal: Terminal, reader: LogReader): Promise<LogSource[]> {
  const files = paths.filter((path) => path !== '-')
  const sources = await listLogSources(files, reader.fail)
  if (paths.length > 0 && files.length === paths.length) return sources
  if (paths.length === 0 && terminal.stdinIsTty) throw new CommandError('name log files or folders, or pipe a log in')
  return [streamSource(terminal.stdin), ...sources]
}

interface SearchPlan {
  readonly target: LogTarget
  readonly sources: readonly LogSource[]
}

/**
 * A line may carry the external id alone, and a trace id does not tell it. So where a trace id is given, the files are read once before to
 * learn the external id from a line that has both; where there is none, only the files with lines of the trace are read again.
 */
async function planSearch(target: LogTarget, sources: readonly LogSource[], reader: LogReader): Promise<SearchPlan> {
  if (target.externalId !== undefined || !sources.every((source) => source.canReopen)) return { target, sources }
  const matcher = createLogMatcher(target)
  const matching: LogSource[] = []
  for (const source of sources) {
    let hasMatch = false
    for await (const { record } of reader.read(source, matcher)) {
      const externalId = learnExternalId(record, target.traceId)
      if (externalId !== undefined) return { target: { ...target, externalId }, sources }
      hasMatch = true
    }
    if (hasMatch) matching.push(source)
  }
  return { target, sources: matching }
}

type Printer = (merged: Parameters<ReturnType<typeof createLogFormatter>>[0]) => string | Uint8Array

function createPrinter(request: GrepRequest, terminal: Terminal, target: LogTarget): Printer {
  if (!request.json) return createLogFormatter({ terminal, highlight: createLogMatcher(target).pattern })
  // Byte for byte into a pipe; a terminal would obey control characters.
  if (!terminal.stdoutIsTty) return ({ record }) => Buffer.from(`${record.raw}\n`, 'latin1')
  return ({ record }) => `${record.text.split('\n').map(escapeControls).join('\n')}\n`
}
