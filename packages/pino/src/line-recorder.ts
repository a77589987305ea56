import { TraceError } from '@clew/core'
import type { LogSpan } from '@clew/core/adapter'
import type { Logger } from 'pino'
import { createLineReader } from './line-reader.js'
import { isAtLeast, recordQuietLines } from './quiet-lines.js'
import { toSeverityNumber } from './severity.js'
import type { FieldStyle } from './trace-fields.js'
import type { LineListener } from './traced-json.js'

/** Hears of the lines of a logger and keeps them in the segments of their spans. */
export interface LineRecorder {
  readonly onLine: LineListener
  /** pino's hook for what is about to be written, where the user has one: what it makes of a line is what is recorded. */
  readonly streamWrite: ((line: string) => string) | undefined
  /** Begins, once the logger is there. Throws `INVALID_OPTION` for a level that it does not know. */
  start(logger: Logger, style: FieldStyle): void
}

interface Written {
  readonly logger: Logger
  readonly level: number
  readonly span: LogSpan
}

/** Makes the recorder of one logger and its children, for lines of `record` and worse. */
export function createLineRecorder(record: string, streamWrite: ((line: string) => string) | undefined): LineRecorder {
  let threshold = Infinity
  let read: ReturnType<typeof createLineReader>
  /** The line that pino will hand to the hook next. */
  let pending: Written | undefined

  function keep({ logger, level, span }: Written, line: string): void {
    const severityNumber = toSeverityNumber(logger, level)
    span.recordLog({ severityNumber, severityText: logger.levels.labels[level], line, read })
  }

  return {
    onLine(logger, level, { span, line }) {
      const written = { logger, level, span }
      if (!isAtLeast(logger, level, threshold)) pending = undefined
      else if (streamWrite === undefined) keep(written, line)
      else pending = written
    },
    streamWrite: streamWrite && function writeAndRecord(line) {
      const written = pending
      pending = undefined
      const output = streamWrite(line)
      if (written) keep(written, output)
      return output
    }, // prettier-ignore
    start(logger, style) {
      const level = logger.levels.values[record]
      if (level === undefined) throw unknownLevel(record, logger)
      threshold = level
      read = createLineReader(logger, style)
      recordQuietLines(logger, level)
    },
  }
}

function unknownLevel(record: string, logger: Logger): TraceError {
  const known = Object.keys(logger.levels.values).join(', ')
  return new TraceError('INVALID_OPTION', `Option record must be a level of the logger (${known}), not ${JSON.stringify(record)}`)
}
