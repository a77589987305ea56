import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks'
import { formatDuration, spanLabel } from '@clew/analysis'
import type { SpanNode } from '@clew/analysis'
import { fetchTrace } from './api.js'
import type { ExplainedTrace } from './api.js'
import { escapeDirections } from './format.js'
import { Findings, Issues } from './findings.js'
import { useLoaded } from './load.js'
import { navigate, place } from './navigation.js'
import { toTracePath } from './route.js'
import { meetServices } from './services.js'
import { ServiceShares } from './service-shares.js'
import { SpanPanel } from './span-panel.js'
import { FailureState, LoadingState } from './states.js'
import { TraceHead } from './trace-head.js'
import { createTraceModel, listRows, unfoldTo } from './trace-model.js'
import { Waterfall } from './waterfall.js'
import type { WaterfallProps } from './waterfall.js'

/** One trace: its answer first, then its waterfall, then whatever span is asked about. */
export function TraceView({ id }: { id: string }): JSX.Element {
  const { answer, reload } = useLoaded(id, (signal) => fetchTrace(id, signal))
  useLayoutEffect(() => scrollTo(0, 0), [id])
  useEffect(() => {
    document.title = answer?.ok ? toTitle(answer.value) : 'Trace – clew'
  }, [answer])
  if (!answer) return <LoadingState label="Loading the trace" rows={14} />
  if (!answer.ok) return <FailureState failure={answer.failure} retry={reload} />
  return <TracePage id={id} explained={answer.value} reload={reload} />
}

/** Characters of a name in the window's title. */
const MAX_TITLE = 120

function toTitle({ trace }: ExplainedTrace): string {
  const name = `${trace.root.service} ${spanLabel(trace.root)}`.slice(0, MAX_TITLE)
  return `${escapeDirections(name)} ${formatDuration(trace.duration)} – clew`
}

interface TracePageProps {
  readonly id: string
  readonly explained: ExplainedTrace
  readonly reload: () => void
}

function TracePage({ id, explained, reload }: TracePageProps): JSX.Element {
  const { trace, analysis } = explained
  const state = useWaterfallState(id, explained)
  const { model, selected, select, reveal } = state
  const revealId = (spanId: string): void => {
    const node = model.nodes.get(spanId)
    if (node) reveal(node)
  }
  const close = (): void => {
    select(undefined)
    document.querySelector<HTMLElement>('.treegrid')?.focus({ preventScroll: true }) // else the focus is lost with the panel
  }
  return (
    <div class="trace-view">
      <TraceHead explained={explained} reload={reload} />
      <Findings findings={analysis.findings} reveal={revealId} />
      <ServiceShares rows={analysis.breakdown} />
      <Issues issues={trace.issues} reveal={revealId} />
      <div class={`trace-body ${selected ? 'with-panel' : ''}`}>
        <Waterfall {...state} />
        {selected && <SpanPanel key={model.keys.get(selected)} node={selected} model={model} trace={trace} close={close} reveal={reveal} />}
      </div>
    </div>
  )
}

/** What is folded, where the cursor is (here) and which span is selected (in the address). Keys outlast a refresh of the trace. */
function useWaterfallState(id: string, explained: ExplainedTrace): WaterfallProps {
  const model = useMemo(() => createTraceModel(explained), [explained])
  useMemo(() => meetServices(explained.trace.services.map((service) => service.name)), [explained])
  const [collapsed, collapse] = useState<ReadonlySet<string>>(new Set())
  const rows = useMemo(() => listRows(model, collapsed), [model, collapsed])
  const selected = findSelected(model.nodes)
  const [cursorKey, setCursorKey] = useState(selected ? model.keys.get(selected)! : model.firstId)

  const select = (node: SpanNode | undefined): void => navigate(toTracePath(id, node && model.keys.get(node)), { replace: true })
  const reveal = (node: SpanNode): void => {
    collapse(unfoldTo(model, node, collapsed))
    setCursorKey(model.keys.get(node)!)
    select(node)
  }
  const moveTo = (node: SpanNode): void => (selected ? reveal(node) : setCursorKey(model.keys.get(node)!))
  const cursor = model.nodes.get(cursorKey) ?? model.roots[0]
  return { model, rows, collapsed, collapse, cursor, moveTo, selected, select, reveal }
}

/** The span named in the address, where the trace has it. */
function findSelected(nodes: ReadonlyMap<string, SpanNode>): SpanNode | undefined {
  return nodes.get(new URLSearchParams(place.value.query).get('span') ?? '')
}
