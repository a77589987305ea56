import type { ResolvedSampling } from './sampling-options.js'
import type { SpanData } from './span-data.js'

/** A segment as `keep.when` sees it when its local root has ended. */
export interface SegmentView {
  readonly traceId: string
  /** The local root. */
  readonly root: SpanData
  /** The ended spans, the local root included. */
  readonly spans: readonly SpanData[]
  readonly hasErrors: boolean
}

/** Why a segment is kept although it was not sampled: for itself, or as its trace is kept. */
export type KeepReason = 'error' | 'slow' | 'user' | 'rule' | 'trace'

/** True where a span's end in error makes its segment worth keeping: a client's 4xx alone does not. */
export function qualifiesAsError(span: SpanData): boolean {
  if (span.status !== 'error') return false
  const code = span.kind === 'client' ? span.attributes['http.response.status_code'] : undefined
  return !(typeof code === 'number' && code >= 400 && code < 500)
}

/** True where the local root took long enough to be kept. `responseMs` is the time to the first byte, where there was a response. */
export function isSlow(root: SpanData, responseMs: number, sampling: ResolvedSampling): boolean {
  return responseMs >= slowLimit(root, sampling)
}

/** From how many milliseconds on the local root counts as slow. */
export function slowLimit(root: SpanData, sampling: ResolvedSampling): number {
  const route = root.attributes['http.route']
  return (typeof route === 'string' ? sampling.slowRoutes.get(route) : undefined) ?? sampling.slowerThanMs
}

/** The same while it runs: where the route may still turn out to be one with a limit of its own, the highest of them holds. */
export function runningSlowLimit(root: SpanData, sampling: ResolvedSampling): number {
  return root.attributes['http.route'] === undefined ? sampling.slowestMs : slowLimit(root, sampling)
}

/** Of a segment that is exported in part, beside its local root. */
const MAX_FAILURES = 10

/** What is exported of a segment that qualified while too many did: its local root and some of what failed. */
export function pickTelling(spans: readonly SpanData[], root: SpanData): { telling: SpanData[]; rest: SpanData[] } {
  const failed = new Set(spans.filter((span) => span !== root && span.status === 'error').slice(0, MAX_FAILURES))
  const isTelling = (span: SpanData): boolean => span === root || failed.has(span)
  return { telling: spans.filter(isTelling), rest: spans.filter((span) => !isTelling(span)) }
}
