import {
  describeError,
  formatDuration,
  isFailed,
  nodeLabel,
  type SpanNode,
  timeBounds,
  type Trace,
  type TraceAnalysis,
  traceTree,
} from '@clew/analysis'
import { formatBar } from './bar.js'
import type { Colors } from './terminal.js'
import { alignText, escapeControls, measureText, truncateText } from './text.js'
import { listRows, type WaterfallRow } from './waterfall-rows.js'
import { createMarks, formatHeader, formatNotes, type Marks } from './waterfall-text.js'

/** How a waterfall is drawn. */
export interface WaterfallOptions {
  /** Columns; at least 60. No line is longer. */
  readonly width: number
  readonly unicode: boolean
  readonly colors: Colors
  /** Levels to show below the roots; what lies deeper is counted. Default: all. */
  readonly depth?: number
}

/**
 * Draws a trace for a terminal: what it is, what a person should know about it, then one row a span with a bar on the axis of time,
 * then what was wrong with the recording. Control characters from spans are escaped.
 *
 * @example
 * ```ts
 * console.log(formatWaterfall(trace, analyzeTrace(trace), { width: 100, unicode: true, colors: pc.createColors(false) }).join('\n'))
 * ```
 */
export function formatWaterfall(trace: Trace, analysis: TraceAnalysis, waterfallOptions: WaterfallOptions): string[] {
  const bottleneckId = analysis.findings.find((finding) => finding.kind === 'bottleneck')?.spanIds[0]
  const options = { ...waterfallOptions, marks: createMarks(waterfallOptions.unicode), bottleneckId }
  return [...formatHeader(trace, analysis, options), '', ...drawRows(trace, options), ...formatNotes(trace, analysis, options)]
}

interface DrawOptions extends WaterfallOptions {
  readonly marks: Marks
  readonly bottleneckId: string | undefined
}

function drawRows(trace: Trace, options: DrawOptions): string[] {
  const { roots } = traceTree(trace)
  const labelCap = Math.floor(options.width * 0.38)
  const rows = listRows(roots, { ...options, maxBranches: Math.floor(labelCap / 5) })
  const layout = createLayout(rows, labelCap, options)
  return [drawAxis(layout, options), ...rows.flatMap((row) => drawRow(row, layout, options))]
}

/** Columns of the table, and the time that its axis begins with and covers. */
interface Layout {
  readonly service: number
  readonly label: number
  readonly bars: number
  readonly duration: number
  readonly startTime: number
  readonly span: number
}

const GAP = 2
/** A space and the mark of the bottleneck. */
const MARK_WIDTH = 2

function createLayout(rows: readonly WaterfallRow[], labelCap: number, options: DrawOptions): Layout {
  const widest = (measure: (row: WaterfallRow) => number, least: number): number =>
    rows.reduce((most, row) => Math.max(most, measure(row)), least)
  const service = Math.min(
    widest((row) => measureText(escapeControls(row.node.span.service)), 7),
    Math.floor(options.width * 0.16),
  )
  const label = Math.min(
    widest((row) => measureText(labelOf(row, options.marks)), 12),
    labelCap,
  )
  const duration = widest((row) => measureText(formatDuration(row.node.span.duration)), 8)
  const bars = options.width - service - label - duration - MARK_WIDTH - 3 * GAP
  const { startTime, endTime } = timeBounds(rows.map((row) => row.node))
  return { service, label, bars, duration, startTime, span: endTime - startTime }
}

function drawAxis({ service, label, bars, duration, span }: Layout, { colors }: DrawOptions): string {
  return colors.dim(
    [alignText('SERVICE', service), alignText('SPAN', label), drawTicks(bars, span), alignText('DURATION', duration, 'end')].join(
      ' '.repeat(GAP),
    ),
  )
}

// The end is named where there is room for it, then the middle.
function drawTicks(bars: number, span: number): string {
  const end = formatDuration(span)
  const middle = formatDuration(span / 2)
  const half = Math.floor(bars / 2)
  if (bars < end.length + 2) return alignText('0', bars)
  const hasMiddle = half >= 4 + middle.length && bars - half >= middle.length + end.length + 2
  return (hasMiddle ? alignText('0', half) + alignText(middle, bars - half - end.length) : alignText('0', bars - end.length)) + end
}

function labelOf({ node, branch, hidden }: WaterfallRow, marks: Marks): string {
  const failed = isFailed(node.span) ? `${marks.error} ` : ''
  const place = node.place === 'inferred' ? `${marks.inferred} ` : node.place === 'orphan' ? `${marks.orphan} ` : ''
  const more = hidden === 0 ? '' : ` (+${hidden})`
  return `${branch}${failed}${place}${escapeControls(nodeLabel(node))}${more}`
}

function drawRow(row: WaterfallRow, layout: Layout, options: DrawOptions): string[] {
  const { colors, marks } = options
  const { span } = row.node
  const message = errorText(row.node)
  const isBottleneck = span.spanId === options.bottleneckId
  const paint = message !== undefined ? colors.red : isBottleneck ? colors.yellow : colors.cyan
  const service = alignText(truncateText(escapeControls(span.service), layout.service, marks.cut), layout.service)
  const label = alignText(truncateText(labelOf(row, marks), layout.label, marks.cut), layout.label)
  const duration = alignText(formatDuration(span.duration), layout.duration, 'end')
  const bar = placeBar(row.node, layout, options)
  const isBeside = message !== undefined && measureText(message) + 1 <= Math.max(bar.before, bar.after)
  const line = [
    colors.dim(service),
    message === undefined ? label : colors.red(label),
    drawBar(bar, { paint, red: colors.red, message: isBeside ? message : undefined }),
    isBottleneck ? `${colors.bold(duration)} ${colors.yellow(marks.bottleneck)}` : duration,
  ].join(' '.repeat(GAP))
  if (message === undefined || isBeside) return [line]
  const margin = ' '.repeat(layout.service + GAP) + row.continuation
  return [line, margin + colors.red(truncateText(message, options.width - measureText(margin), marks.cut))]
}

function errorText({ span }: SpanNode): string | undefined {
  const error = describeError(span)
  return error === undefined ? undefined : escapeControls(error)
}

function placeBar(node: SpanNode, { startTime, span, bars }: Layout, { unicode }: DrawOptions): ReturnType<typeof formatBar> {
  const start = span === 0 ? 0 : (node.startTime - startTime) / span
  const end = span === 0 ? 1 : (node.startTime + node.duration - startTime) / span
  return formatBar({ start, end }, bars, unicode)
}

interface BarOptions {
  readonly paint: (text: string) => string
  readonly red: (text: string) => string
  readonly message: string | undefined
}

// The message stands behind the bar where there is room, else before it.
function drawBar({ before, bar, after }: ReturnType<typeof formatBar>, { paint, red, message = '' }: BarOptions): string {
  if (message === '') return ' '.repeat(before) + paint(bar) + ' '.repeat(after)
  if (measureText(message) + 1 <= after) return `${' '.repeat(before)}${paint(bar)} ${red(alignText(message, after - 1))}`
  return `${red(alignText(message, before - 1, 'end'))} ${paint(bar)}${' '.repeat(after)}`
}
