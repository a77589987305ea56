import { formatDuration, parseDuration } from '@clew/analysis'

/** How far back the list looks. */
export const SINCE = ['15m', '1h', '6h', '24h'] as const

/** One of `SINCE`. */
type Since = (typeof SINCE)[number]

const SINCE_MS: Readonly<Record<Since, number>> = { '15m': 900_000, '1h': 3_600_000, '6h': 21_600_000, '24h': 86_400_000 }

/** What the list is narrowed to. An absent field means no condition. */
export interface TraceFilter {
  readonly service?: string
  readonly operation?: string
  readonly status?: 'error' | 'ok'
  /** Milliseconds. */
  readonly minDuration?: number
  readonly order?: 'slowest'
  readonly since?: Since
}

/** What the duration's field shows: a text that `parseDuration` reads back as the same milliseconds. */
export function toField(ms: number): string {
  const text = formatDuration(ms)
  return parseDuration(text) === ms ? text : `${ms} ms`
}

/** The filter that a page's query string stands for. What cannot be read is left out. */
export function parseFilter(query: string): TraceFilter {
  const params = new URLSearchParams(query)
  const status = params.get('status')
  const since = SINCE.find((value) => value === params.get('since'))
  const minDuration = parseDuration(params.get('min') ?? '')
  return {
    ...textField('service', params),
    ...textField('operation', params),
    ...(status === 'error' || status === 'ok' ? { status } : {}),
    ...(minDuration === undefined ? {} : { minDuration }),
    ...(params.get('order') === 'slowest' ? { order: 'slowest' as const } : {}),
    ...(since === undefined ? {} : { since }),
  }
}

/** The query string of a filter: empty where nothing is narrowed, else beginning with `?`. The inverse of `parseFilter`. */
export function toQuery(filter: TraceFilter): string {
  const { minDuration, ...rest } = filter
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(rest)) if (value) params.set(name, value)
  if (minDuration !== undefined) params.set('min', `${minDuration}ms`)
  return params.size === 0 ? '' : `?${params}`
}

/** The parameters of `GET api/v1/traces` for a filter. `now` is Unix epoch in milliseconds. */
export function toApiParams(filter: TraceFilter, options: { now: number; limit: number; cursor?: string }): URLSearchParams {
  const { since, ...rest } = filter
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(rest)) if (value !== undefined) params.set(name, String(value))
  if (since) params.set('from', String(options.now - SINCE_MS[since]))
  if (options.cursor) params.set('cursor', options.cursor)
  params.set('limit', String(options.limit))
  return params
}

/** How many conditions a filter holds; the order is none. */
export function countConditions(filter: TraceFilter): number {
  return Object.keys(filter).filter((name) => name !== 'order').length
}

function textField<Name extends string>(name: Name, params: URLSearchParams): { [K in Name]?: string } {
  const value = params.get(name)?.trim()
  return value ? ({ [name]: value } as { [K in Name]: string }) : {}
}
