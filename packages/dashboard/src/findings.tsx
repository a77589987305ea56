import { formatCount } from '@clew/analysis'
import type { Finding, TraceIssue } from '@clew/analysis'
import type { ComponentChildren, JSX } from 'preact'
import { escapeDirections } from './format.js'
import { ErrorIcon, InfoIcon, OkIcon, WarningIcon } from './icons.js'

interface FindingProps {
  readonly reveal: (spanId: string) => void
}

/** What a person should know, as sentences, the most telling first. A sentence leads to its span. */
export function Findings({ findings, reveal }: FindingProps & { findings: readonly Finding[] }): JSX.Element {
  return (
    <section class="findings" aria-label="Findings">
      {findings.length === 0 && (
        <p class="finding calm">
          <OkIcon /> Nothing stands out in this trace.
        </p>
      )}
      {findings.map((finding, index) => (
        <Sentence key={index} class={`finding ${finding.severity}`} spanIds={finding.spanIds} reveal={reveal}>
          <SeverityIcon severity={finding.severity} />
          <span class="finding-kind">{KIND_LABELS[finding.kind] ?? finding.kind}</span>
          <span class="finding-text">
            <Prose text={finding.message} />
          </span>
        </Sentence>
      ))}
    </section>
  )
}

const KIND_LABELS: Readonly<Record<Finding['kind'], string>> = {
  bottleneck: 'Bottleneck',
  'root-cause': 'Root cause',
  incomplete: 'Incomplete',
  'clock-skew': 'Clocks',
}

/** What it means for the reader that a trace had to be mended. */
const ISSUE_MEANINGS: Readonly<Record<TraceIssue['kind'], string>> = {
  late: 'A span came in after its request had been answered.',
  'missing-parent': 'The span names a parent that has not arrived: it is still on its way, was lost, or its service is not instrumented.',
  'inferred-parent': 'The parent was not recorded; the only call that encloses the span in time was taken for it.',
  duplicate: 'The same span arrived more than once; one copy was kept.',
  'multiple-roots': 'Several spans have no parent here. They share the trace id, but nothing says which called which.',
  'clock-skew': 'The clocks of two services differ. Positions are shifted to fit; recorded times are left as they are.',
  cycle: 'Spans name each other as parents. The circle was cut at its earliest span.',
  'invalid-time': 'A recorded time is not one; the span is drawn where its parent begins, or without a length.',
  incomplete:
    'A process kept or recorded only a part of its spans; an attribute of the span says why: clew.cut, clew.incomplete or clew.dropped_spans.',
  unfinished: 'The span had not ended when it was exported; it took at least as long as shown.',
}

/** How the trace had to be mended while it was joined. Folded: the sentences that matter stand in the findings. */
export function Issues({ issues, reveal }: FindingProps & { issues: readonly TraceIssue[] }): JSX.Element | null {
  if (issues.length === 0) return null
  return (
    <details class="issues">
      <summary>{formatCount(issues.length, 'note')} on how this trace was joined</summary>
      {issues.map((issue, index) => (
        <div key={index} class="issue">
          <Sentence class="issue-message" spanIds={issue.spanIds} reveal={reveal}>
            <Prose text={issue.message} />
          </Sentence>
          <p class="muted">{ISSUE_MEANINGS[issue.kind]}</p>
        </div>
      ))}
    </details>
  )
}

/** A sentence; a button where there is a span to lead to. */
function Sentence(props: FindingProps & { class: string; spanIds: readonly string[]; children: ComponentChildren }): JSX.Element {
  const spanId = props.spanIds[0]
  if (spanId === undefined) return <p class={props.class}>{props.children}</p>
  return (
    <button type="button" class={props.class} onClick={() => props.reveal(spanId)}>
      {props.children}
    </button>
  )
}

/** A sentence in which names stand between backticks. */
function Prose({ text }: { text: string }): JSX.Element {
  return (
    <>
      {escapeDirections(text)
        .split('`')
        .map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}
    </>
  )
}

function SeverityIcon({ severity }: { severity: Finding['severity'] }): JSX.Element {
  if (severity === 'error') return <ErrorIcon label="error" />
  return severity === 'warning' ? <WarningIcon label="warning" /> : <InfoIcon label="note" />
}
