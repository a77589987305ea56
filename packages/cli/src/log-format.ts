import { basename } from 'node:path'
import type { MergedRecord } from './log-merge.js'
import { viewLogRecord } from './log-record.js'
import type { Colors, Terminal } from './terminal.js'
import { alignText, escapeControls, measureText } from './text.js'

/** How records are printed. */
export interface LogFormatOptions {
  readonly terminal: Pick<Terminal, 'colors' | 'stdoutIsTty'>
  /** Marks the places that name the trace. Global. */
  readonly highlight: RegExp
}

const OFFSET_WIDTH = 11
const LEVEL_WIDTH = 5
const SPAN_WIDTH = 8
/** Room for most names; a longer one moves its own line and no other. What comes later is not known when the first line is printed. */
const SERVICE_WIDTH = 16

/**
 * Makes the function that prints the records of one trace: offset from the first one, service (or the file's name), level, the first
 * eight characters of the span id, message; the further lines of a record stand below its message. Nothing is cut but the span id.
 * On a terminal the columns are named above the first record; a pipe gets records alone.
 */
export function createLogFormatter({ terminal: { colors, stdoutIsTty }, highlight }: LogFormatOptions): (record: MergedRecord) => string {
  let firstTime: number | undefined
  let titles = stdoutIsTty ? `${colors.dim(formatTitles())}\n` : ''
  return (merged) => {
    firstTime ??= merged.time
    const view = viewLogRecord(merged.record)
    const service = escapeControls(view.service ?? sourceName(merged.source))
    const serviceWidth = Math.max(SERVICE_WIDTH, measureText(service))
    const offset = formatOffset(merged.time, firstTime)
    const level = alignText(escapeControls(view.level ?? ''), LEVEL_WIDTH)
    const span = alignText(escapeControls(view.spanId ?? '').slice(0, SPAN_WIDTH), SPAN_WIDTH)
    const margin = ' '.repeat(OFFSET_WIDTH + serviceWidth + LEVEL_WIDTH + SPAN_WIDTH + 8)
    const [message = '', ...rest] = view.message
      .trimEnd()
      .split('\n')
      .map((line) => emphasise(escapeControls(line.trimEnd()), highlight, colors))
    const head = [
      colors.dim(offset),
      colors.cyan(alignText(service, SERVICE_WIDTH)),
      colorLevel(level, colors),
      colors.dim(span),
      message,
    ].join('  ')
    const lines = [head.trimEnd(), ...rest.map((line) => margin + line)].map((line) => `${line}\n`).join('')
    const text = titles + lines
    titles = ''
    return text
  }
}

function formatTitles(): string {
  const span = alignText('SPAN', SPAN_WIDTH)
  return [
    alignText('OFFSET', OFFSET_WIDTH, 'end'),
    alignText('SERVICE', SERVICE_WIDTH),
    alignText('LEVEL', LEVEL_WIDTH),
    span,
    'MESSAGE',
  ].join('  ')
}

function sourceName(source: string): string {
  return basename(source).replace(/\.(?:log|ndjson|jsonl|json|txt|out|err|gz)\b.*$/i, '')
}

/** Time since the first record, in a column of its own: `+0.0 ms`, `+1,204.5 ms`, `+75.0 s`. */
function formatOffset(time: number | undefined, firstTime: number | undefined): string {
  if (time === undefined || firstTime === undefined) return ' '.repeat(OFFSET_WIDTH)
  const offset = time - firstTime
  const isLong = Math.abs(offset) >= 60_000
  const number = (Math.abs(offset) / (isLong ? 1000 : 1)).toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  return alignText(`${offset < 0 ? '-' : '+'}${number} ${isLong ? 's' : 'ms'}`, OFFSET_WIDTH, 'end')
}

function colorLevel(level: string, colors: Colors): string {
  if (/^(?:err|crit|fatal|emerg|alert)/.test(level)) return colors.red(level)
  return level.startsWith('warn') ? colors.yellow(level) : level
}

function emphasise(text: string, highlight: RegExp, colors: Colors): string {
  return text.replace(highlight, (match) => colors.bold(colors.yellow(match)))
}
