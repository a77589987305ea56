import { formatCount, formatDuration } from '@clew/analysis'
import type { TraceSummary } from '@clew/store'
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect } from 'preact/hooks'
import { FilterBar } from './filter-bar.js'
import { formatAgo, formatTime } from './format.js'
import { ErrorIcon } from './icons.js'
import { useRetry } from './load.js'
import { arrival, navigate, place, readScroll, toHref } from './navigation.js'
import { ServiceChip, StateIcon } from './parts.js'
import { countConditions, parseFilter, toQuery } from './query.js'
import { toTracePath } from './route.js'
import { EmptyState, FailureState, LoadingState } from './states.js'
import { loadFirstPage, loadNextPage, tracePages } from './trace-pages.js'

/** The list of traces that meet the conditions in the address. */
export function TraceListView(): JSX.Element {
  const { query } = place.value
  const reload = (): void => void loadFirstPage(query)
  useEffect(() => {
    document.title = 'Traces – clew'
    const asLeft = arrival.value === 'history' && tracePages.value.query === query && tracePages.value.items.length > 0
    if (!asLeft) reload()
  }, [query])
  useLayoutEffect(() => scrollTo(0, readScroll()), [])
  return (
    <div class="list-view">
      <h1 class="offscreen">Traces</h1>
      <FilterBar filter={parseFilter(query)} change={(filter) => navigate(`/traces${toQuery(filter)}`)}>
        <button type="button" class="button" onClick={reload} aria-busy={tracePages.value.loading}>
          Refresh
        </button>
      </FilterBar>
      <TraceResults query={query} reload={reload} />
    </div>
  )
}

function TraceResults({ query, reload }: { query: string; reload: () => void }): JSX.Element {
  const { items, failure, loading, ...pages } = tracePages.value
  useRetry(failure && items.length === 0 ? { ok: false, failure } : undefined, reload)
  const current = pages.query === query
  if (current && failure && items.length === 0) return <FailureState failure={failure} retry={reload} />
  if (!current || (loading && items.length === 0) || pages.loadedAt === 0) return <LoadingState label="Loading traces" rows={12} />
  if (items.length === 0) return countConditions(parseFilter(query)) > 0 ? <NothingFound /> : <NothingYet />
  return (
    <>
      {failure && (
        <p class="banner" role="alert">
          <ErrorIcon /> {failure.message} These are the traces as they were at {formatTime(pages.loadedAt)}.
        </p>
      )}
      <TraceTable items={items} now={pages.loadedAt} />
      <ListFoot count={items.length} />
    </>
  )
}

function TraceTable({ items, now }: { items: readonly TraceSummary[]; now: number }): JSX.Element {
  const slowest = Math.max(...items.map((item) => item.duration), 0)
  return (
    <table class="traces" onKeyDown={moveBetweenRows}>
      <thead>
        <tr>
          <th class="col-state">
            <span class="offscreen">Status</span>
          </th>
          <th class="col-time">Time</th>
          <th class="col-name">Request</th>
          <th class="col-duration">Duration</th>
          <th class="col-spans">Spans</th>
          <th class="col-errors">Errors</th>
          <th class="col-services">Services</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <TraceRow key={item.traceId} item={item} slowest={slowest} now={now} />
        ))}
      </tbody>
    </table>
  )
}

/** A row has no room for more services; its tooltip names all. */
const MAX_CHIPS = 12

function TraceRow({ item, slowest, now }: { item: TraceSummary; slowest: number; now: number }): JSX.Element {
  return (
    <tr class={item.state === 'failed' ? 'failed' : ''}>
      <td class="col-state">
        <StateIcon state={item.state} errors={item.errorCount} />
      </td>
      <td class="col-time">
        <time dateTime={new Date(item.startTime).toISOString()} title={formatAgo(item.startTime, now)}>
          {formatTime(item.startTime, now)}
        </time>
      </td>
      <td class="col-name">
        <a class="row-link" href={toHref(toTracePath(item.traceId))}>
          <span class="row-service">{item.rootService}</span> <span class="row-name">{item.rootName}</span>
        </a>
        {item.statusCode !== undefined && <span class={`code ${item.statusCode >= 500 ? 'bad' : ''}`}>{item.statusCode}</span>}
      </td>
      <td class="col-duration">
        <span class="duration">{formatDuration(item.duration)}</span>
        <span class="meter" aria-hidden="true">
          <span style={{ width: `${slowest > 0 ? (item.duration / slowest) * 100 : 0}%` }} />
        </span>
      </td>
      <td class="col-spans">{item.spanCount.toLocaleString('en')}</td>
      <td class="col-errors">{item.errorCount > 0 && item.errorCount.toLocaleString('en')}</td>
      <td class="col-services" title={item.services.join(', ')}>
        {item.services.slice(0, MAX_CHIPS).map((name) => (
          <ServiceChip key={name} name={name} />
        ))}
      </td>
    </tr>
  )
}

function ListFoot({ count }: { count: number }): JSX.Element {
  const { nextCursor, loading } = tracePages.value
  return (
    <div class="list-foot">
      <span class="muted">{formatCount(count, 'trace')}</span>
      {nextCursor !== undefined && (
        <button type="button" class="button" onClick={() => void loadNextPage()} aria-busy={loading}>
          {loading ? 'Loading…' : 'More'}
        </button>
      )}
    </div>
  )
}

function NothingFound(): JSX.Element {
  return (
    <EmptyState title="No trace meets these conditions">
      <p class="muted">Wider times, a shorter least duration or fewer conditions may find some.</p>
      <a class="button" href={toHref('/traces')}>
        Show all traces
      </a>
    </EmptyState>
  )
}

function NothingYet(): JSX.Element {
  return (
    <EmptyState title="No traces yet">
      <p>One line in a service is enough, and then one request:</p>
      <pre>app.use(expressTracing())</pre>
      <p class="muted">
        Or point any OpenTelemetry exporter here: <code>OTEL_EXPORTER_OTLP_ENDPOINT={toHref('/').replace(/\/$/, '')}</code>
      </p>
    </EmptyState>
  )
}

function moveBetweenRows(event: KeyboardEvent): void {
  const step = event.key === 'ArrowDown' || event.key === 'j' ? 1 : event.key === 'ArrowUp' || event.key === 'k' ? -1 : 0
  if (step === 0) return
  const links = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('.row-link')]
  const next = links[links.indexOf(document.activeElement as HTMLElement) + step]
  if (!next) return
  event.preventDefault()
  next.focus()
}
