import { formatCount } from '@clew/analysis'
import type { JSX } from 'preact'
import { ErrorIcon } from './icons.js'
import type { WaterfallProps } from './waterfall.js'

/** What stands above the waterfall: how to read its bars, folding, and the way from error to error. */
export function WaterfallTools(props: WaterfallProps): JSX.Element {
  const { model, collapsed, collapse } = props
  const foldAll = (): void => {
    const foldable = [...model.nodes].filter(([, node]) => node.children.length > 0 && node.depth > 0)
    collapse(new Set(foldable.map(([key]) => key)))
  }
  return (
    <div class="tools">
      <h2>{formatCount(model.nodes.size, 'span')}</h2>
      <p class="key">
        <span class="key-bar path" /> on the critical path
        <span class="key-bar" /> off it
      </p>
      <ErrorSteps {...props} />
      {model.nodes.size > model.roots.length && (
        <div class="tool-group">
          <button type="button" class="button" onClick={foldAll}>
            Fold all
          </button>
          <button type="button" class="button" disabled={collapsed.size === 0} onClick={() => collapse(new Set())}>
            Unfold all
          </button>
        </div>
      )}
    </div>
  )
}

function ErrorSteps({ model, selected, reveal }: WaterfallProps): JSX.Element | null {
  const count = model.errors.length
  if (count === 0) return null
  const at = selected ? model.errors.indexOf(selected) : -1
  const step = (by: number): void => {
    const from = at === -1 && by < 0 ? 0 : at
    reveal(model.errors[(from + by + count) % count]!)
  }
  return (
    <div class="tool-group">
      <button type="button" class="button" aria-label="Previous error" onClick={() => step(-1)}>
        ‹
      </button>
      <span class="error-text error-count">
        <ErrorIcon /> {at === -1 ? formatCount(count, 'error') : `${at + 1} of ${count}`}
      </span>
      <button type="button" class="button" aria-label="Next error" onClick={() => step(1)}>
        ›
      </button>
    </div>
  )
}
