import { formatCount, formatDuration, nodeLabel } from '@clew/analysis'
import type { SpanNode } from '@clew/analysis'
import type { JSX } from 'preact'
import { ErrorIcon, FoldIcon } from './icons.js'
import { toIndent } from './layout.js'
import { toServiceClass } from './parts.js'
import type { TraceModel } from './trace-model.js'

interface SpanRowProps {
  readonly id: string
  readonly node: SpanNode
  readonly model: TraceModel
  readonly rowIndex: number
  readonly narrow: boolean
  readonly folded: boolean
  readonly current: boolean
  readonly selected: boolean
  readonly open: () => void
  readonly toggle: () => void
}

/** One span: its place in the tree, its name and how long it took. Its bar is drawn on the canvas beside it. */
export function SpanRow(props: SpanRowProps): JSX.Element {
  const { node, model, narrow, folded, current, selected } = props
  const { span } = node
  const failed = model.failed.has(node)
  const state = `${current ? ' current' : ''}${selected ? ' selected' : ''}${node === model.bottleneck ? ' bottleneck' : ''}`
  return (
    <div
      id={props.id}
      role="row"
      class={`row ${toServiceClass(span.service)}${state}`}
      aria-level={node.depth + 1}
      aria-rowindex={props.rowIndex}
      aria-selected={selected}
      aria-expanded={node.children.length > 0 ? !folded : undefined}
      onClick={props.open}
    >
      <div role="gridcell" class="cell-label">
        <span class={`indent ${node.place}`} style={{ width: `${toIndent(node.depth, narrow)}px` }} />
        <FoldToggle {...props} />
        <span class="swatch" />
        {failed && <ErrorIcon label="failed" />}
        {node.parent?.span.service !== span.service && <span class="row-service">{span.service}</span>}
        <span class={`label ${failed ? 'error-text' : ''}`} title={`${span.service}: ${span.name}`}>
          {nodeLabel(node)}
        </span>
        <RowBadges {...props} />
      </div>
      <div role="gridcell" class="cell-duration">
        {formatDuration(node.duration)}
      </div>
      <div role="gridcell" class="cell-time">
        <span class="offscreen">starts at {formatDuration(node.startTime - model.startTime)}</span>
      </div>
    </div>
  )
}

function FoldToggle({ node, folded, toggle }: SpanRowProps): JSX.Element {
  if (node.children.length === 0) return <span class="fold" />
  const click = (event: MouseEvent): void => {
    event.stopPropagation()
    toggle()
  }
  // The arrow keys of the treegrid do the same; a tab stop per row would be in the way.
  return (
    <button type="button" class={`fold ${folded ? '' : 'unfolded'}`} tabIndex={-1} aria-label={folded ? 'Unfold' : 'Fold'} onClick={click}>
      <FoldIcon />
    </button>
  )
}

function RowBadges({ node, model, folded }: SpanRowProps): JSX.Element {
  const { span } = node
  const below = folded ? model.below.get(node) : undefined
  return (
    <>
      {node === model.bottleneck && <span class="badge strong">bottleneck</span>}
      {node === model.rootCause && <span class="badge strong bad">root cause</span>}
      {below && <span class="badge">+{formatCount(below.spans, 'span')}</span>}
      {below && below.errors > 0 && <span class="badge bad">{formatCount(below.errors, 'error')}</span>}
      {node.place === 'inferred' && <span class="badge dashed">inferred</span>}
      {node.place === 'orphan' && <span class="badge dashed">parent missing</span>}
      {span.attributes['clew.unfinished'] === true && <span class="badge dashed">unfinished</span>}
    </>
  )
}
