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
