import type { KeepReason } from './verdict.js'

/** What a tracer counts over all segments. */
export interface SegmentCounters {
  spansStarted: number
  spansEnded: number
  /** Segments that were exported whole, sampled ones included. */
  segmentsKept: number
  /** Of those, by reason. */
  kept: Record<KeepReason | 'sampled', number>
  /** Segments that were not, those over the cap included. */
  segmentsPassed: number
  /** Of those, the ones that qualified over the cap. */
  segmentsOverCap: number
  /** Of those, the ones of which the local root and what failed went out. */
  segmentsCut: number
  spansPassed: number
  spansOverLimit: number
  spansUnfinished: number
  attributesDropped: number
  valuesCut: number
  logsRecorded: number
  logsPassed: number
  logsOverLimit: number
}

/** Nothing has happened yet. */
export function createCounters(): SegmentCounters {
  return {
    spansStarted: 0,
    spansEnded: 0,
    segmentsKept: 0,
    kept: { sampled: 0, error: 0, slow: 0, user: 0, rule: 0, trace: 0 },
    segmentsPassed: 0,
    segmentsOverCap: 0,
    segmentsCut: 0,
    spansPassed: 0,
    spansOverLimit: 0,
    spansUnfinished: 0,
    attributesDropped: 0,
    valuesCut: 0,
    logsRecorded: 0,
    logsPassed: 0,
    logsOverLimit: 0,
  }
}

/** Counts what became of a segment; without a reason it passed, and a cut one would have been kept if there were not too many. */
export function countVerdict(counters: SegmentCounters, reason: keyof SegmentCounters['kept'] | undefined, isCut: boolean): void {
  if (reason !== undefined) {
    counters.segmentsKept++
    counters.kept[reason]++
    return
  }
  counters.segmentsPassed++
  if (isCut) counters.segmentsOverCap++
}
