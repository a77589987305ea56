import { formatCount, formatDuration, readAttribute, spanLabel } from '@clew/analysis'
import type { Trace } from '@clew/analysis'
import type { ComponentChildren, JSX } from 'preact'
import { toTraceApiPath } from './api.js'
import type { ExplainedTrace } from './api.js'
import { formatTime } from './format.js'
import { toHref } from './navigation.js'
import { CopyButton, ServiceChip, StateIcon } from './parts.js'
import { toTracePath } from './route.js'
import { token } from './token.js'

const STATE_LABELS: Readonly<Record<Trace['state'], string>> = {
  running: 'still running',
  responded: 'answered, spans missing',
  queued: 'waiting in a queue',
  completed: 'completed',
  failed: 'failed',
}

interface TraceHeadProps {
  readonly explained: ExplainedTrace
  readonly reload: () => void
}

/** What the trace is: its request, how it went, its figures, and the ways to pass it on. */
export function TraceHead({ explained, reload }: TraceHeadProps): JSX.Element {
  const { trace } = explained
  const errors = trace.services.reduce((sum, service) => sum + service.errorCount, 0)
  const unsettled = trace.state !== 'completed' && trace.state !== 'failed'
  return (
    <header class="trace-head">
      <div class="trace-title">
        <StateIcon state={trace.state} errors={errors} />
        <h1>
          <ServiceChip name={trace.root.service} />{' '}
          <span class="trace-name" title={spanLabel(trace.root)}>
            {spanLabel(trace.root)}
          </span>
        </h1>
        <StatusCode trace={trace} />
        {unsettled && <span class="badge">{STATE_LABELS[trace.state]}</span>}
      </div>
      <dl class="figures">
        <Figure name="Duration">
          <strong>{formatDuration(trace.duration)}</strong>
        </Figure>
        {trace.totalDuration - trace.duration > 0.5 && (
          <Figure name="Until the last span ended">{`${formatDuration(trace.totalDuration)} with what followed`}</Figure>
        )}
        <Figure name="Began">{formatTime(trace.startTime)}</Figure>
        <Figure name="Spans">{formatCount(trace.spans.length, 'span')}</Figure>
        <Figure name="Services">{formatCount(trace.services.length, 'service')}</Figure>
        {errors > 0 && (
          <Figure name="Errors">
            <span class="error-text">{formatCount(errors, 'error')}</span>
          </Figure>
        )}
        <Figure name="Trace id" class="figure-id">
          <code>{trace.traceId}</code>
        </Figure>
        {trace.externalId !== undefined && (
          <Figure name="External id" class="figure-id">
            <code>{trace.externalId}</code>
          </Figure>
        )}
      </dl>
      <TraceActions explained={explained} unsettled={unsettled} reload={reload} />
    </header>
  )
}

function TraceActions({ explained, unsettled, reload }: TraceHeadProps & { unsettled: boolean }): JSX.Element {
  const { trace } = explained
  const id = trace.externalId ?? trace.traceId
  return (
    <div class="trace-actions">
      <CopyButton text={trace.traceId}>Copy id</CopyButton>
      <CopyButton text={toHref(toTracePath(trace.traceId))}>Copy link</CopyButton>
      <CopyButton text={`npx clew grep ${quote(id)} logs/`} title="The lines of this trace in your log files">
        Copy grep
      </CopyButton>
      <JsonLink {...explained} />
      {unsettled && (
        <button type="button" class="button" onClick={reload}>
          Refresh
        </button>
      )}
    </div>
  )
}

/** Leads to the API's answer. A link cannot send a token: where one is needed, what the page has got is saved as a file. */
function JsonLink({ trace, analysis }: ExplainedTrace): JSX.Element {
  if (token.value === undefined) {
    return (
      <a class="button" href={toHref(toTraceApiPath(trace.traceId))} target="_blank" rel="noopener">
        JSON
      </a>
    )
  }
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([JSON.stringify({ trace, analysis })], { type: 'application/json' }))
    const link = Object.assign(document.createElement('a'), { href: url, download: `trace-${trace.traceId}.json` })
    link.click()
    URL.revokeObjectURL(url)
  }
  return (
    <button type="button" class="button" onClick={save}>
      JSON
    </button>
  )
}

function StatusCode({ trace }: { trace: Trace }): JSX.Element | null {
  const code = readAttribute(trace.root.attributes, 'http.response.status_code')
  return code === undefined ? null : <span class={`code ${Number(code) >= 500 ? 'bad' : ''}`}>{String(code)}</span>
}

function Figure(props: { name: string; class?: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class={props.class}>
      <dt class="offscreen">{props.name}</dt>
      <dd title={props.name}>{props.children}</dd>
    </div>
  )
}

function quote(id: string): string {
  return /^[\w.:/+=@-]+$/.test(id) ? id : `'${id.replaceAll("'", `'\\''`)}'`
}
