export { analyzeTrace } from './analyze-trace.js'
export { readAttribute } from './attributes.js'
export { parseDuration } from './duration.js'
export { findErrorOrigins } from './error-origins.js'
export { formatCount, formatDuration, formatShare } from './format.js'
export { histogramQuantile, mergeHistograms } from './histogram.js'
export type { HistogramCounts } from './histogram.js'
export { joinTrace } from './join-trace.js'
export { describeError, isFailed, spanError } from './span-error.js'
export type { SpanError } from './span-error.js'
export { nodeLabel, spanLabel } from './span-label.js'
export { timeBounds } from './time-bounds.js'
export type { TimeBounds } from './time-bounds.js'
export { traceTree } from './trace-tree.js'
export type { TraceParts } from './trace-tree.js'
export type {
  BreakdownRow,
  Finding,
  PathStretch,
  SpanNode,
  Trace,
  TraceAnalysis,
  TraceIssue,
  TraceService,
  TraceState,
  TraceTree,
} from './types.js'
