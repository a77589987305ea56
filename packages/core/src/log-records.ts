import { type AttributesInput, cut, toAttributes, type AttributeLimits } from './attributes.js'
import type { LogRecord } from './exporter.js'
import type { Redaction } from './redaction.js'

/** A line as a logger hands it over. It is taken apart only if its trace is exported. */
export interface LogLine {
  /** OpenTelemetry's severity number, 1 to 24. */
  readonly severityNumber: number
  readonly severityText?: string | undefined
  /** As it was written. */
  readonly line: string
  /** Takes the line apart. Called off the request's path. */
  readonly read: (line: string) => LogContent
}

/** What stands in a line, beside its time, its level and its ids. */
export interface LogContent {
  readonly body: string
  readonly attributes: AttributesInput
}

/** A line that waits in its segment, in the recorder or in the queue. */
export interface PendingLog {
  readonly traceId: string
  readonly spanId: string
  /** Unix epoch in milliseconds, with a fraction. */
  readonly time: number
  readonly log: LogLine
}

/** How many lines a segment takes, and how long they may be together. */
export interface LogLimits {
  readonly logsPerSegment: number
  readonly logBytesPerSegment: number
}

const NO_LOGS: readonly PendingLog[] = []
/** What a line weighs in memory beside its text, roughly. */
const BASE_SIZE = 200
/** OpenTelemetry's WARN. */
const WARN = 13
/** Lines that tell of trouble have room of their own beyond the limits. */
const ROOM_FOR_TROUBLE = 2

/** The lines of one segment. What is beyond the limits is counted; warnings and worse may be twice as many. */
export class LogRecords {
  readonly #limits: LogLimits
  #waiting: PendingLog[] = []
  #count = 0
  #bytes = 0
  /** Weight of the lines that wait. */
  size = 0
  /** Lines that found no room. */
  over = 0

  constructor(limits: LogLimits) {
    this.#limits = limits
  }

  /** The number of lines that wait. */
  get length(): number {
    return this.#waiting.length
  }

  /** False, and counted, where there is no room for another line. */
  hasRoom(severityNumber: number, bytes = 0): boolean {
    const share = severityNumber >= WARN ? ROOM_FOR_TROUBLE : 1
    const { logsPerSegment, logBytesPerSegment } = this.#limits
    if (this.#count < share * logsPerSegment && this.#bytes + bytes <= share * logBytesPerSegment) return true
    this.over++
    return false
  }

  /** Takes a line if there is room. */
  add(pending: PendingLog): boolean {
    const bytes = pending.log.line.length
    if (!this.hasRoom(pending.log.severityNumber, bytes)) return false
    this.#count++
    this.#bytes += bytes
    this.size += BASE_SIZE + bytes
    this.#waiting.push(pending)
    return true
  }

  /** The lines that wait, in the order in which they were written; none wait afterwards. */
  take(): readonly PendingLog[] {
    if (this.#waiting.length === 0) return NO_LOGS
    const taken = this.#waiting
    this.#waiting = []
    this.size = 0
    return taken
  }
}

/** The record that is exported: within limits, and what is sensitive masked. */
export function toLogRecord({ traceId, spanId, time, log }: PendingLog, limits: AttributeLimits, redaction: Redaction): LogRecord {
  const { body, attributes: input } = log.read(log.line)
  const { attributes, dropped } = toAttributes(input, limits)
  return {
    traceId,
    spanId,
    time,
    severityNumber: log.severityNumber,
    ...(log.severityText === undefined ? undefined : { severityText: log.severityText }),
    body: redaction.text('body', cut(body, limits.valueLength)),
    attributes: redaction.attributes(attributes),
    ...(dropped > 0 ? { droppedAttributes: dropped } : undefined),
  }
}
