import type { TraceSummary } from '@clew/store'
import { signal } from '@preact/signals'
import type { Signal } from '@preact/signals'
import { fetchTraces } from './api.js'
import type { Failure } from './api.js'
import { parseFilter, toApiParams } from './query.js'
import { meetServices } from './services.js'

const PAGE_SIZE = 50

/** The list as far as it has been fetched. `failure` may stand beside items: then a refresh or the next page failed. */
export interface TracePages {
  readonly query: string
  readonly items: readonly TraceSummary[]
  readonly nextCursor?: string
  readonly failure?: Failure
  readonly loading: boolean
  /** When the first page came, Unix epoch in milliseconds. */
  readonly loadedAt: number
}

/** The one list. It outlives its view, so that Back shows it as it was left. */
export const tracePages: Signal<TracePages> = signal({ query: '', items: [], loading: false, loadedAt: 0 })

let running = new AbortController()

/** Fetches the first page of a query; the old rows of the same query stay until it comes. */
export async function loadFirstPage(query: string): Promise<void> {
  const old = tracePages.value
  tracePages.value = { query, items: old.query === query ? old.items : [], loading: true, loadedAt: old.loadedAt }
  const page = await fetchPage(query)
  if (!page) return
  const items = page.failure ? tracePages.value.items : page.items
  tracePages.value = { query, ...page, items, loading: false, loadedAt: page.failure ? old.loadedAt : Date.now() }
}

/** Fetches the page after the last one and adds it. */
export async function loadNextPage(): Promise<void> {
  const old = tracePages.value
  if (old.loading || old.nextCursor === undefined) return
  tracePages.value = { ...old, loading: true }
  const page = await fetchPage(old.query, old)
  if (!page) return
  const { query, loadedAt, nextCursor } = old
  const rest = page.failure ? { ...page, nextCursor } : page // so that it can be asked for again
  tracePages.value = { query, loadedAt, ...rest, items: [...old.items, ...page.items], loading: false }
}

/** Undefined where a newer question took over. */
async function fetchPage(query: string, after?: TracePages): Promise<Pick<TracePages, 'items' | 'nextCursor' | 'failure'> | undefined> {
  running.abort()
  const controller = (running = new AbortController())
  const cursor = after?.nextCursor
  const now = after?.loadedAt ?? Date.now() // the pages of one list look back from the same moment
  const params = toApiParams(parseFilter(query), { now, limit: PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) })
  const answer = await fetchTraces(params, controller.signal)
  if (controller.signal.aborted) return undefined
  if (!answer.ok) return { items: [], failure: answer.failure }
  meetServices(answer.value.items.flatMap((item) => item.services))
  return answer.value
}
