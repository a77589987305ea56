import type { LogMatcher } from './log-match.js'
import { type LogRecord, parseLogRecord } from './log-record.js'
import { mayHoldTime } from './log-time.js'

/** A longer record is cut here, so that memory stays flat. */
export const MAX_RECORD_BYTES: number = 4 * 1024 * 1024

/** A record of the trace in the order of its file. */
export interface FoundRecord {
  readonly record: LogRecord
  /** The record's own time, or else that of the last line before it that had one. */
  readonly time?: number
}

/** What to do besides finding records. */
export interface ScanOptions {
  /** Called once for each record that was longer than `MAX_RECORD_BYTES`. */
  readonly onCut: () => void
}

// Indented lines, closing brackets and the usual openings of a chained stack trace continue the line above,
const CONTINUATION = /^(?:[ \t]|[}\])]+[,;]?\s*$|Caused by:|Traceback \(|\.{3} \d+ more)/
// but not where they have a time or a level at their head: log4j and logback pad levels on the left (`%5p`).
const HEAD =
  /^\s+(?:[^\w\s]\[[\d;]*m)*[[(<]?(?:\d{4}-\d\d-\d\d[T ]\d\d:|\d\d:\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:|(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|SEVERE|CRITICAL|FATAL)\b)/
/** So much of a line tells whether it continues the one above. */
const HEAD_LENGTH = 80
const JSON_LINE = /^\s*\{.*\}\s*$/

/**
 * Finds the records of a trace in a stream of bytes, with memory for one chunk and one record. A record that is not the trace's
 * is neither decoded nor parsed: a pattern runs over whole chunks.
 */
export async function* scanLog(chunks: AsyncIterable<Uint8Array>, matcher: LogMatcher, options: ScanOptions): AsyncGenerator<FoundRecord> {
  const state: ScanState = {}
  let pending = ''
  let skipping = false
  for await (const chunk of chunks) {
    pending += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
    if (skipping) {
      const next = pending.indexOf('\n')
      pending = next === -1 ? '' : pending.slice(next + 1)
      skipping = next === -1
    }
    let end = findCompleteEnd(pending)
    if (end === 0 && pending.length > MAX_RECORD_BYTES) {
      options.onCut()
      end = pending.length
      skipping = true
    }
    yield* scanRegion(pending.slice(0, end), matcher, state)
    pending = pending.slice(end)
  }
  yield* scanRegion(pending, matcher, state)
}

interface ScanState {
  /** Of the last line that had one. */
  time?: number
}

// The last record of a text may go on in the next chunk, unless it is a JSON line. Returns where it begins, or the end of a JSON line.
function findCompleteEnd(text: string): number {
  const lastBreak = text.lastIndexOf('\n')
  if (lastBreak === -1) return 0
  const start = findRecordStart(text, lastBreak, 0)
  return JSON_LINE.test(text.slice(start, lastBreak)) ? lastBreak + 1 : start
}

function* scanRegion(region: string, matcher: LogMatcher, state: ScanState): Generator<FoundRecord> {
  let scanned = 0
  const { pattern } = matcher
  pattern.lastIndex = 0
  for (let hit = pattern.exec(region); hit !== null; hit = pattern.exec(region)) {
    const start = findRecordStart(region, hit.index, scanned)
    const end = findRecordEnd(region, hit.index)
    const record = parseLogRecord(region.slice(start, region[end - 1] === '\n' ? end - 1 : end))
    if (matcher.matches(record)) {
      const time = record.time ?? findLastTime(region, scanned, start) ?? state.time
      if (time !== undefined) state.time = time
      scanned = end
      yield { record, ...(time === undefined ? {} : { time }) }
    }
    // The pattern is shared between files: another may have moved it while this one waited.
    pattern.lastIndex = end
  }
  const last = findLastTime(region, scanned, region.length)
  if (last !== undefined) state.time = last
}

function lineStart(text: string, index: number): number {
  return index === 0 ? 0 : text.lastIndexOf('\n', index - 1) + 1
}

function lineEnd(text: string, index: number): number {
  const end = text.indexOf('\n', index)
  return end === -1 ? text.length : end
}

// A JSON line stands alone: it continues nothing, and nothing continues it.
function isContinuation(text: string, start: number): boolean {
  const end = lineEnd(text, start)
  const head = text.slice(start, Math.min(start + HEAD_LENGTH, end))
  if (!CONTINUATION.test(head) || HEAD.test(head)) return false
  return !JSON_LINE.test(text.slice(start, end)) && !JSON_LINE.test(text.slice(lineStart(text, start - 1), start - 1))
}

function findRecordStart(text: string, index: number, floor: number): number {
  let start = Math.max(floor, lineStart(text, index))
  while (start > floor && isContinuation(text, start)) start = Math.max(floor, lineStart(text, start - 1))
  return start
}

function findRecordEnd(text: string, index: number): number {
  let end = lineEnd(text, index)
  while (end < text.length && isContinuation(text, end + 1)) end = lineEnd(text, end + 1)
  return Math.min(end + 1, text.length)
}

// From the end backwards, so that mostly one line is parsed, and none where no line has a time.
function findLastTime(text: string, floor: number, end: number): number | undefined {
  for (let lineStop = end; lineStop > floor;) {
    const start = Math.max(floor, lineStart(text, lineStop - 1))
    const line = text.slice(start, lineStop)
    const time = mayHoldTime(line) ? parseLogRecord(line).time : undefined
    if (time !== undefined) return time
    lineStop = start
  }
  return undefined
}
