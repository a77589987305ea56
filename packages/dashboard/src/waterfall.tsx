import type { SpanNode } from '@clew/analysis'
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { END_ROOM, TimeAxis } from './axis.js'
import { BarCanvas } from './bar-canvas.js'
import { useCursorInView } from './cursor-view.js'
import { NARROW, useMedia, useRowWindow, useWidth } from './measure.js'
import { SpanRow } from './span-row.js'
import type { TraceModel } from './trace-model.js'
import { readTreeKey } from './treegrid-keys.js'
import type { TreeAction } from './treegrid-keys.js'
import { WaterfallTools } from './waterfall-tools.js'

export interface WaterfallProps {
  readonly model: TraceModel
  /** The rows on show: the tree without what is folded away. */
  readonly rows: readonly SpanNode[]
  readonly collapsed: ReadonlySet<string>
  readonly collapse: (collapsed: ReadonlySet<string>) => void
  /** The row that keys act on. */
  readonly cursor: SpanNode | undefined
  readonly moveTo: (node: SpanNode) => void
  /** The span whose details are shown. */
  readonly selected: SpanNode | undefined
  readonly select: (node: SpanNode | undefined) => void
  /** Unfolds the way to a span, moves there and shows its details. */
  readonly reveal: (node: SpanNode) => void
}

/** The spans of a trace on a time axis. Only rows near the viewport exist; their bars share one canvas that scrolls with them. */
export function Waterfall(props: WaterfallProps): JSX.Element {
  const { model, rows, cursor, selected } = props
  const narrow = useMedia(NARROW)
  const rowHeight = narrow ? 42 : 26
  const body = useRef<HTMLDivElement>(null)
  const head = useRef<HTMLDivElement>(null)
  const axis = useRef<HTMLDivElement>(null)
  const window = useRowWindow(body, rowHeight, rows.length)
  const width = useWidth(axis)
  const scale = { startTime: model.startTime, endTime: model.endTime, width: Math.max(0, width - END_ROOM) }
  const index = Math.max(0, cursor ? rows.indexOf(cursor) : 0)
  useCursorInView({ body, head, top: index * rowHeight, rowHeight, cursor, selected })

  const shown = rows.slice(window.first, window.end)
  const active = shown.includes(rows[index]!) ? toRowId(model, rows[index]!) : undefined
  return (
    <section class="waterfall">
      <WaterfallTools {...props} />
      <div
        class="treegrid"
        role="treegrid"
        aria-label="Spans"
        aria-rowcount={rows.length + 1}
        aria-activedescendant={active}
        tabIndex={0}
        onKeyDown={(event) => handleKey(event, { ...props, index, rowHeight })}
      >
        <div class="treegrid-head" role="row" aria-rowindex={1} ref={head}>
          <div role="columnheader">Span</div>
          <div role="columnheader" class="cell-duration">
            Duration
          </div>
          <div role="columnheader" class="cell-time" aria-label="Time" ref={axis}>
            <TimeAxis scale={scale} />
          </div>
        </div>
        <div class="treegrid-body" role="rowgroup" ref={body} style={{ height: `${rows.length * rowHeight}px` }}>
          <div class="row-window" role="presentation" style={{ transform: `translateY(${window.first * rowHeight}px)` }}>
            <SpanRows {...props} shown={shown} first={window.first} index={index} narrow={narrow} />
            <BarCanvas rows={shown} model={model} scale={scale} rowHeight={rowHeight} narrow={narrow} width={width} />
          </div>
        </div>
      </div>
    </section>
  )
}

interface SpanRowsProps extends WaterfallProps {
  readonly shown: readonly SpanNode[]
  /** Index of the first row shown, and of the current row. */
  readonly first: number
  readonly index: number
  readonly narrow: boolean
}

function SpanRows(props: SpanRowsProps): JSX.Element {
  const { model, collapsed } = props
  return (
    <>
      {props.shown.map((node, position) => (
        <SpanRow
          key={model.keys.get(node)}
          id={toRowId(model, node)}
          node={node}
          model={model}
          rowIndex={props.first + position + 2}
          narrow={props.narrow}
          folded={isFolded(props, node)}
          current={props.first + position === props.index}
          selected={node === props.selected}
          open={() => props.reveal(node)}
          toggle={() => props.collapse(toggled(collapsed, model.keys.get(node)!))}
        />
      ))}
    </>
  )
}

function toRowId(model: TraceModel, node: SpanNode): string {
  return `span-${model.keys.get(node)}`
}

function isFolded({ model, collapsed }: WaterfallProps, node: SpanNode): boolean {
  return collapsed.has(model.keys.get(node)!)
}

function handleKey(event: KeyboardEvent, props: WaterfallProps & { index: number; rowHeight: number }): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return
  if (event.key === 'Escape') return props.select(undefined)
  const pageRows = Math.max(1, Math.floor(innerHeight / props.rowHeight) - 3)
  const { rows, index } = props
  const action = readTreeKey(event.key, { rows, index, pageRows, isFolded: (node) => isFolded(props, node) })
  if (!action) return
  event.preventDefault()
  perform(action, props)
}

function perform({ kind, node }: TreeAction, props: WaterfallProps): void {
  if (kind === 'move') props.moveTo(node)
  else if (kind === 'open') props.reveal(node)
  else props.collapse(toggled(props.collapsed, props.model.keys.get(node)!))
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set)
  if (!next.delete(id)) next.add(id)
  return next
}
