import type { SpanData } from '@clew/core'

/** Milliseconds by which clocks and ends may pass each other without meaning anything. */
export const JITTER_MS = 1

/** Epoch milliseconds in a double are exact to a quarter of a microsecond; ends nearer than this are one moment. */
export const SAME_MOMENT_MS = 0.002

/** The range of `Date` (ECMA-262, Time Values and Time Range). Sums of times within it are exact enough; beyond it is no time. */
const LAST_TIME_MS = 8.64e15

/** True where start and duration are such as a span can have. */
export function hasValidTimes(span: SpanData): boolean {
  return isTime(span.startTime) && isTime(span.duration) && span.duration >= 0
}

/** The recorded start, where it is a time. */
export function readStart(span: SpanData): number | undefined {
  return isTime(span.startTime) ? span.startTime : undefined
}

/** The duration, or 0 where what was recorded is none. */
export function readDuration(span: SpanData): number {
  return isTime(span.duration) && span.duration > 0 ? span.duration : 0
}

/** True for a span that was exported before it had ended. */
export function isUnfinished(span: SpanData): boolean {
  return span.attributes['clew.unfinished'] === true
}

/** A total order of the spans of a trace: by start, longer ones first; those without a start last. */
export function compareSpans(a: SpanData, b: SpanData): number {
  return (
    compareNumbers(readStart(a) ?? Infinity, readStart(b) ?? Infinity) ||
    compareNumbers(readDuration(b), readDuration(a)) ||
    compareTexts(a.spanId, b.spanId) ||
    compareTexts(a.service, b.service) ||
    compareTexts(a.kind, b.kind)
  )
}

/** Works for infinities too, whose difference is no number. */
export function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** By code units: the same everywhere, whatever the locale. */
export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** False for what is no number too, as JSON makes `null` of NaN. */
function isTime(ms: number): boolean {
  return Number.isFinite(ms) && Math.abs(ms) <= LAST_TIME_MS
}
