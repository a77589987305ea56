import { formatCount, formatDuration, formatShare } from '@clew/analysis'
import type { BreakdownRow } from '@clew/analysis'
import type { JSX } from 'preact'
import { toServiceClass } from './parts.js'

/** Where the time went: each service's part of the critical path. It is the legend of the colours, too. */
export function ServiceShares({ rows }: { rows: readonly BreakdownRow[] }): JSX.Element {
  return (
    <section class="shares" aria-label="Where the time went">
      <div class="shares-bar" aria-hidden="true">
        {rows.map((row) => (
          <span key={row.service} class={toServiceClass(row.service)} style={{ flexGrow: row.share }} />
        ))}
      </div>
      <ul>
        {rows.map((row) => (
          <li key={row.service} class={toServiceClass(row.service)} title={describe(row)}>
            <span class="swatch" />
            <span class="share-service">{row.service}</span>
            {row.pathTime > 0 && <span class="share-percent">{formatShare(row.share)}</span>}
            <span class="muted">{row.pathTime > 0 ? formatDuration(row.pathTime) : 'off the path'}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function describe(row: BreakdownRow): string {
  const errors = row.errorCount > 0 ? `, ${formatCount(row.errorCount, 'error')}` : ''
  return `${formatCount(row.spanCount, 'span')}${errors}; ${formatDuration(row.selfTime)} of self time, ${formatDuration(row.pathTime)} on the critical path`
}
