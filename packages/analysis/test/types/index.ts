// What the signatures of @clew/analysis allow and refuse. It is compiled, never run.
import type { AttributeValue, HistogramPoint, SpanData } from '@clew/core'
import { expectTypeOf } from 'vitest'
import {
  analyzeTrace,
  describeError,
  findErrorOrigins,
  formatCount,
  formatDuration,
  formatShare,
  histogramQuantile,
  isFailed,
  joinTrace,
  mergeHistograms,
  nodeLabel,
  parseDuration,
  readAttribute,
  spanError,
  spanLabel,
  timeBounds,
  traceTree,
} from '../../src/index.js'
import type {
  BreakdownRow,
  Finding,
  HistogramCounts,
  PathStretch,
  SpanError,
  SpanNode,
  TimeBounds,
  Trace,
  TraceAnalysis,
  TraceIssue,
  TraceParts,
  TraceService,
  TraceState,
  TraceTree,
} from '../../src/index.js'

declare const spans: readonly SpanData[]
declare const span: SpanData
const trace = joinTrace(spans)
const tree = traceTree(trace)
declare const node: SpanNode

expectTypeOf(trace).toEqualTypeOf<Trace>()
expectTypeOf(trace).toExtend<TraceParts>()
expectTypeOf(trace.state).toEqualTypeOf<TraceState>()
expectTypeOf(trace.services).toEqualTypeOf<readonly TraceService[]>()
expectTypeOf(trace.issues).toEqualTypeOf<readonly TraceIssue[]>()
expectTypeOf(analyzeTrace(trace)).toEqualTypeOf<TraceAnalysis>()
expectTypeOf<TraceAnalysis['findings']>().toEqualTypeOf<readonly Finding[]>()
expectTypeOf<TraceAnalysis['criticalPath']>().toEqualTypeOf<readonly PathStretch[]>()
expectTypeOf<TraceAnalysis['breakdown']>().toEqualTypeOf<readonly BreakdownRow[]>()
expectTypeOf<Finding['severity']>().toEqualTypeOf<'info' | 'warning' | 'error'>()
expectTypeOf(tree).toEqualTypeOf<TraceTree>()
expectTypeOf(tree.nodes.get(span)).toEqualTypeOf<SpanNode | undefined>()
expectTypeOf(timeBounds(tree.nodes.values())).toEqualTypeOf<TimeBounds>()
// @ts-expect-error spans, not one of them
joinTrace(span)
// @ts-expect-error a trace, not its spans
analyzeTrace(spans)
// @ts-expect-error nodes, not spans
timeBounds(spans)
// @ts-expect-error what was read is not changed
trace.duration = 1
// @ts-expect-error there is no such state
export const state: TraceState = 'done'

expectTypeOf(spanLabel(span)).toEqualTypeOf<string>()
expectTypeOf(nodeLabel(node)).toEqualTypeOf<string>()
expectTypeOf(formatDuration(1)).toEqualTypeOf<string>()
expectTypeOf(formatShare(0.5)).toEqualTypeOf<string>()
expectTypeOf(formatCount(1, 'span')).toEqualTypeOf<string>()
expectTypeOf(parseDuration('1 s')).toEqualTypeOf<number | undefined>()
expectTypeOf(readAttribute(span.attributes, 'http.route')).toEqualTypeOf<AttributeValue | undefined>()
expectTypeOf(isFailed(span)).toEqualTypeOf<boolean>()
expectTypeOf(spanError(span)).toEqualTypeOf<SpanError | undefined>()
expectTypeOf(describeError(span)).toEqualTypeOf<string | undefined>()
expectTypeOf(findErrorOrigins(trace)).toEqualTypeOf<SpanData[]>()
// @ts-expect-error a node stands in a tree
nodeLabel(span)
// @ts-expect-error of what
formatCount(1)
// @ts-expect-error milliseconds
formatDuration('1 s')
// @ts-expect-error text
parseDuration(1)
// @ts-expect-error attributes, not the span
readAttribute(span, 'http.route')

declare const point: HistogramPoint
expectTypeOf(mergeHistograms([point])).toEqualTypeOf<HistogramCounts | undefined>()
expectTypeOf(histogramQuantile(point, 0.99)).toEqualTypeOf<number | undefined>()
// @ts-expect-error a list of them
mergeHistograms(point)
// @ts-expect-error a share
histogramQuantile(point, '99 %')
