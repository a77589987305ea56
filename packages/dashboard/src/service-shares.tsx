import { formatCount, formatDuration, formatShare } from '@clew/analysis'
import type { BreakdownRow } from '@clew/analysis'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { toServiceClass } from './parts.js'

/** More services than this are folded away, the ones that the trace waited for least first. */
const FOLD_FROM = 12

/** Where the time went: each service's part of the critical path. It is the legend of the colours, too. */
export function ServiceShares({ rows }: { rows: readonly BreakdownRow[] }): JSX.Element {
  const [open, setOpen] = useState(false)
  const isFolded = !open && rows.length > FOLD_FROM
  const shown = isFolded ? rows.slice(0, FOLD_FROM - 1) : rows
  return (
    <section class="shares" aria-label="Where the time went">
      <div class="shares-bar" aria-hidden="true">
        {rows
          .filter((row) => row.share > 0)
          .map((row) => (
            <span key={row.service} class={toServiceClass(row.service)} style={{ flexGrow: row.share }} />
          ))}
      </div>
      <ul>
        {shown.map((row) => (
          <ServiceShare key={row.service} row={row} />
        ))}
        {rows.length > FOLD_FROM && (
          <li>
            <button type="button" class="link" aria-expanded={!isFolded} onClick={() => setOpen(!open)}>
              {isFolded ? `All ${formatCount(rows.length, 'service')}` : 'Fewer'}
            </button>
          </li>
        )}
      </ul>
    </section>
  )
}

function ServiceShare({ row }: { row: BreakdownRow }): JSX.Element {
  return (
    <li class={toServiceClass(row.service)} title={`${row.service}: ${describe(row)}`}>
      <span class="swatch" />
      <span class="share-service">{row.service}</span>
      {row.pathTime > 0 && <span class="share-percent">{formatShare(row.share)}</span>}
      <span class="muted">{row.pathTime > 0 ? formatDuration(row.pathTime) : 'off the path'}</span>
    </li>
  )
}

function describe(row: BreakdownRow): string {
  const errors = row.errorCount > 0 ? `, ${formatCount(row.errorCount, 'error')}` : ''
  return `${formatCount(row.spanCount, 'span')}${errors}; ${formatDuration(row.selfTime)} of self time, ${formatDuration(row.pathTime)} on the critical path`
}
