import type { SpanNode } from '@clew/analysis'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** Where the current row lies. */
export interface CursorView {
  readonly body: { readonly current: HTMLElement | null }
  readonly head: { readonly current: HTMLElement | null }
  /** Pixels from the top of the body to the current row. */
  readonly top: number
  readonly rowHeight: number
  readonly cursor: SpanNode | undefined
  /** It is scrolled to when it is selected, too, as the way there may have led over a finding far above. */
  readonly selected: SpanNode | undefined
}

/** Scrolls the page so that the current row is in view: by as little as will do, or to the middle where it is far off. */
export function useCursorInView({ body, head, top, rowHeight, cursor, selected }: CursorView): void {
  const mounted = useRef(false)
  useLayoutEffect(() => {
    const first = !mounted.current
    mounted.current = true
    if (!body.current || !head.current || (first && !selected)) return
    const panel = document.querySelector('.panel')
    const covered = panel !== null && getComputedStyle(panel).position === 'fixed' // it lies over the rows where there is no room beside them
    const bottom = covered ? panel.getBoundingClientRect().top : innerHeight
    const rowTop = body.current.getBoundingClientRect().top + top
    const viewTop = head.current.offsetHeight
    if (rowTop >= viewTop && rowTop + rowHeight <= bottom) return
    const far = rowTop < viewTop - 3 * rowHeight || rowTop > bottom + 2 * rowHeight
    if (far) scrollBy(0, rowTop - (viewTop + bottom) / 2)
    else scrollBy(0, rowTop < viewTop ? rowTop - viewTop : rowTop + rowHeight - bottom + 4)
  }, [cursor, selected])
}
