import type { SpanData } from '@clew/core'

/** Milliseconds by which clocks and ends may pass each other without meaning anything. */
export const JITTER_MS = 1

/** Epoch milliseconds in a double are exact to a quarter of a microsecond; ends nearer than this are one moment. */
export const SAME_MOMENT_MS = 0.002

/** True where start and duration are numbers that a span can have. */
export function hasValidTimes(span: SpanData): boolean {
  return Number.isFinite(span.startTime) && Number.isFinite(span.duration) && span.duration >= 0
}

/** The duration, or 0 where what was recorded is none. */
export function readDuration(span: SpanData): number {
  return Number.isFinite(span.duration) && span.duration > 0 ? span.duration : 0
}

/** True for a span that was exported before it had ended. */
export function isUnfinished(span: SpanData): boolean {
  return span.attributes['clew.unfinished'] === true
}

/** A total order of the spans of a trace: by start, longer ones first; those without a start last. */
export function compareSpans(a: SpanData, b: SpanData): number {
  return (
    compareNumbers(readStart(a), readStart(b)) ||
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

function readStart(span: SpanData): number {
  return Number.isFinite(span.startTime) ? span.startTime : Infinity
}
