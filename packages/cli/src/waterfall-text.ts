import { type Finding, formatCount, formatDuration, readAttribute, spanLabel, type Trace, type TraceAnalysis } from '@clew/analysis'
import { formatMoment } from './moment.js'
import type { Colors } from './terminal.js'
import { alignText, escapeControls, measureText, wrapText } from './text.js'

/** Signs used in the sentences and in the rows they are about. */
export interface Marks {
  readonly error: string
  readonly bottleneck: string
  readonly inferred: string
  readonly orphan: string
  readonly note: string
  readonly cut: string
}

/** Signs for a terminal that shows Unicode, or one that does not. */
export function createMarks(unicode: boolean): Marks {
  const common = { inferred: '~', orphan: '?', note: '!' }
  return unicode ? { ...common, error: '✗', bottleneck: '◀', cut: '…' } : { ...common, error: 'x', bottleneck: '<', cut: '~' }
}

/** How the text around the rows is written. */
export interface TextOptions {
  readonly width: number
  readonly unicode: boolean
  readonly colors: Colors
  readonly marks: Marks
}

/** What the trace is, and its findings as sentences, each with the sign of the rows it is about. */
export function formatHeader(trace: Trace, analysis: TraceAnalysis, options: TextOptions): string[] {
  const { colors } = options
  const id = `trace ${escapeControls(trace.traceId)}`
  const external = trace.externalId === undefined ? [] : wrapLine(`external id ${escapeControls(trace.externalId)}`, '', options)
  const findings = analysis.findings.flatMap((finding) => formatFinding(finding, options))
  return [colors.bold(id), ...external, ...joinFacts(listFacts(trace), options), ...(findings.length > 0 ? ['', ...findings] : [])]
}

function listFacts(trace: Trace): string[] {
  const { root } = trace
  const longer = trace.totalDuration - trace.duration >= 1 ? [`${formatDuration(trace.totalDuration)} with all that followed`] : []
  return [
    `${escapeControls(root.service)} ${escapeControls(spanLabel(root))}`,
    formatOutcome(trace),
    formatDuration(trace.duration),
    ...longer,
    formatCount(trace.services.length, 'service'),
    formatCount(trace.spans.length, 'span'),
    `${formatMoment(trace.startTime)} UTC`,
  ]
}

// An error that was handled on its way up does not make the request a failed one.
function formatOutcome({ root, services, state }: Trace): string {
  const code = readAttribute(root.attributes, 'http.response.status_code')
  const errors = state === 'failed' ? 0 : services.reduce((sum, service) => sum + service.errorCount, 0)
  const outcome = (state === 'completed' ? 'ok' : state) + (errors === 0 ? '' : `, ${formatCount(errors, 'error')} inside`)
  return code === undefined ? outcome : `${escapeControls(String(code))} ${outcome}`
}

// Facts are kept whole where a line has room for them.
function joinFacts(facts: readonly string[], options: TextOptions): string[] {
  const separator = options.unicode ? ' · ' : ' | '
  const lines: string[] = []
  for (const fact of facts) {
    const last = lines.at(-1)
    const longer = last === undefined ? fact : last + separator + fact
    if (last !== undefined && measureText(longer) <= options.width) lines[lines.length - 1] = longer
    else lines.push(...wrapText(fact, options.width, options.marks.cut))
  }
  return lines
}

function formatFinding(finding: Finding, options: TextOptions): string[] {
  const { colors, marks } = options
  const sign = finding.kind === 'bottleneck' ? marks.bottleneck : finding.severity === 'error' ? marks.error : marks.note
  const paint = finding.severity === 'error' ? colors.red : finding.kind === 'bottleneck' ? colors.yellow : (text: string): string => text
  return wrapLine(escapeControls(finding.message), `${sign} `, options).map(paint)
}

/** What was wrong with the recording, as far as the findings have not said so, and what the signs in the rows mean. */
export function formatNotes(trace: Trace, analysis: TraceAnalysis, options: TextOptions): string[] {
  const { marks, colors } = options
  const said = new Set(analysis.findings.map((finding) => finding.message))
  const issues = trace.issues.filter((issue) => !said.has(issue.message))
  const kinds = new Set(issues.map((issue) => issue.kind))
  const lines = [
    ...issues.flatMap((issue) => wrapLine(escapeControls(issue.message), `${signOf(issue.kind, marks)} `, options)),
    ...(hasInferred(trace) && !kinds.has('inferred-parent') ? [`${marks.inferred} the parent was inferred, not recorded`] : []),
  ]
  return lines.length > 0 ? ['', ...lines.map((line) => colors.dim(line))] : []
}

function signOf(kind: Trace['issues'][number]['kind'], marks: Marks): string {
  if (kind === 'inferred-parent') return marks.inferred
  return kind === 'missing-parent' ? marks.orphan : marks.note
}

function hasInferred(trace: Trace): boolean {
  return Object.keys(trace.inferredParents).length > 0
}

function wrapLine(text: string, lead: string, { width, marks }: TextOptions): string[] {
  const indent = measureText(lead)
  return wrapText(text, width - indent, marks.cut).map((line, index) => (index === 0 ? lead : alignText('', indent)) + line)
}
