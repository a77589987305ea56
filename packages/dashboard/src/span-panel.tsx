import { describeError, formatDuration, formatShare, isFailed, nodeLabel } from '@clew/analysis'
import type { SpanNode, Trace } from '@clew/analysis'
import type { Attributes, SpanData, SpanEvent, SpanLink } from '@clew/core'
import type { ComponentChildren, JSX } from 'preact'
import { formatTime } from './format.js'
import { CloseIcon, ErrorIcon } from './icons.js'
import { toHref } from './navigation.js'
import { CopyButton, ServiceChip } from './parts.js'
import { toTracePath } from './route.js'
import type { TraceModel } from './trace-model.js'

interface SpanPanelProps {
  readonly node: SpanNode
  readonly model: TraceModel
  readonly trace: Trace
  readonly close: () => void
  readonly reveal: (node: SpanNode) => void
}

/** Everything that is known about one span. */
export function SpanPanel(props: SpanPanelProps): JSX.Element {
  const { span } = props.node
  const exceptions = span.events.filter((event) => event.name === 'exception')
  const events = span.events.filter((event) => event.name !== 'exception')
  return (
    <aside class="panel" aria-label={`Span ${span.name}`} onKeyDown={(event) => event.key === 'Escape' && props.close()}>
      <header class="panel-head">
        <ServiceChip name={span.service} />
        <span class="badge">{span.kind}</span>
        <button type="button" class="icon-button" aria-label="Close the panel" title="Close (Esc)" onClick={props.close}>
          <CloseIcon />
        </button>
        <h2>{nodeLabel(props.node)}</h2>
      </header>
      {isFailed(span) && (
        <p class="panel-error">
          <ErrorIcon /> {describeError(span)}
        </p>
      )}
      <SpanFigures {...props} />
      {exceptions.map((event, index) => (
        <ExceptionDetails key={index} event={event} />
      ))}
      <AttributeSection title="Attributes" attributes={span.attributes} dropped={span.droppedAttributes} />
      <EventSection events={events} dropped={span.droppedEvents} startTime={span.startTime} />
      <LinkSection links={span.links} dropped={span.droppedLinks} />
      <AttributeSection title="Resource" attributes={span.resource.attributes} folded />
    </aside>
  )
}

function SpanFigures({ node, model, trace, reveal }: SpanPanelProps): JSX.Element {
  const { span, parent } = node
  const shift = Number.isFinite(span.startTime) ? node.startTime - span.startTime : 0
  const pathTime = (model.path.get(node) ?? []).reduce((sum, stretch) => sum + stretch.duration, 0)
  return (
    <dl class="pairs">
      <Pair name="Duration">{formatDuration(node.duration)}</Pair>
      <Pair name="Self time">{formatDuration(node.selfTime)}</Pair>
      <Pair name="Critical path">
        {pathTime === 0 ? 'not on it' : `${formatDuration(pathTime)}, ${formatShare(pathTime / trace.duration)} of the trace`}
      </Pair>
      <Pair name="Starts">
        {formatDuration(node.startTime - model.startTime)} after the trace, at {formatTime(span.startTime)}
      </Pair>
      {Math.abs(shift) > 0.01 && (
        <Pair name="Clock">{`drawn ${formatDuration(Math.abs(shift))} ${shift > 0 ? 'later' : 'earlier'} than recorded`}</Pair>
      )}
      <Pair name="Parent">
        {parent ? (
          <button type="button" class="link" onClick={() => reveal(parent)}>
            {parent.span.service} {nodeLabel(parent)}
          </button>
        ) : (
          (span.parentSpanId ?? 'none')
        )}
        {PLACE_NOTES[node.place]}
      </Pair>
      <Pair name="Span id">
        <code>{span.spanId}</code> <CopyButton text={span.spanId}>Copy</CopyButton>
      </Pair>
      {hasMoreToSay(span) && <Pair name="Status">{span.statusMessage}</Pair>}
      {span.scope && <Pair name="Recorded by">{`${span.scope.name} ${span.scope.version ?? ''}`}</Pair>}
    </dl>
  )
}

const PLACE_NOTES: Readonly<Record<SpanNode['place'], string>> = {
  root: '',
  recorded: '',
  inferred: ' (inferred from the times)',
  orphan: ' (has not arrived)',
}

/** The error in one line is cut, and tells one message only. */
function hasMoreToSay(span: SpanData): boolean {
  return span.statusMessage !== undefined && !(describeError(span) ?? '').includes(span.statusMessage)
}

function ExceptionDetails({ event }: { event: SpanEvent }): JSX.Element {
  const { 'exception.type': type, 'exception.message': message, 'exception.stacktrace': stack, ...rest } = event.attributes
  return (
    <section class="exception">
      <h3>{type === undefined ? 'Exception' : String(type)}</h3>
      {message !== undefined && <p>{String(message)}</p>}
      {stack !== undefined && <pre tabIndex={0}>{String(stack)}</pre>}
      <AttributeList attributes={rest} />
    </section>
  )
}

function AttributeSection(props: {
  title: string
  attributes: Attributes
  dropped?: number | undefined
  folded?: boolean
}): JSX.Element | null {
  const count = Object.keys(props.attributes).length
  if (count === 0 && !props.dropped) return null
  return (
    <details class="panel-section" open={!props.folded}>
      <summary>
        {props.title} <span class="muted">{count}</span>
      </summary>
      <AttributeList attributes={props.attributes} />
      <Dropped count={props.dropped} noun="attributes" />
    </details>
  )
}

function AttributeList({ attributes }: { attributes: Attributes }): JSX.Element | null {
  const names = Object.keys(attributes).sort()
  if (names.length === 0) return null
  return (
    <dl class="attributes">
      {names.map((name) => (
        <Pair key={name} name={name}>
          {String(attributes[name])}
        </Pair>
      ))}
    </dl>
  )
}

function EventSection(props: { events: readonly SpanEvent[]; dropped: number | undefined; startTime: number }): JSX.Element | null {
  if (props.events.length === 0 && !props.dropped) return null
  return (
    <details class="panel-section" open>
      <summary>
        Events <span class="muted">{props.events.length}</span>
      </summary>
      {props.events.map((event, index) => (
        <div key={index} class="event">
          <p>
            <span class="muted">+{formatDuration(event.time - props.startTime)}</span> {event.name}
          </p>
          <AttributeList attributes={event.attributes} />
        </div>
      ))}
      <Dropped count={props.dropped} noun="events" />
    </details>
  )
}

function LinkSection({ links, dropped }: { links: readonly SpanLink[]; dropped: number | undefined }): JSX.Element | null {
  if (links.length === 0 && !dropped) return null
  return (
    <details class="panel-section" open>
      <summary>
        Links <span class="muted">{links.length}</span>
      </summary>
      {links.map((link, index) => (
        <div key={index} class="event">
          <a href={toHref(toTracePath(link.traceId, link.spanId))}>
            <code>{link.traceId}</code>
          </a>
          <AttributeList attributes={link.attributes} />
        </div>
      ))}
      <Dropped count={dropped} noun="links" />
    </details>
  )
}

function Dropped({ count, noun }: { count: number | undefined; noun: string }): JSX.Element | null {
  return count ? <p class="muted">{`${count} more ${noun} were over the limit and dropped.`}</p> : null
}

function Pair({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}
