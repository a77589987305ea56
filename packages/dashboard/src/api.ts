import type { Trace, TraceAnalysis } from '@clew/analysis'
import type { OperationSummary, Page, ServiceSummary, TraceSummary } from '@clew/store'
import { toHref } from './navigation.js'
import { token } from './token.js'

/** Why there is no answer. `offline`: nothing answered at all; `refused`: a token is needed or wrong. */
export interface Failure {
  readonly kind: 'offline' | 'not-found' | 'refused' | 'error'
  /** One sentence for the reader. */
  readonly message: string
}

/** What a question to the API led to. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure }

/** A trace with what was found in it. */
export interface ExplainedTrace {
  readonly trace: Trace
  readonly analysis: TraceAnalysis
}

/** A page of traces; `params` as `toApiParams` makes them. */
export function fetchTraces(params: URLSearchParams, signal: AbortSignal): Promise<Answer<Page<TraceSummary>>> {
  return fetchJson(`api/v1/traces?${params}`, signal)
}

/** One trace by its id or external id. */
export function fetchTrace(id: string, signal: AbortSignal): Promise<Answer<ExplainedTrace>> {
  return fetchJson(toTraceApiPath(id), signal)
}

/** Every service the store knows. */
export function fetchServices(signal: AbortSignal): Promise<Answer<{ items: readonly ServiceSummary[] }>> {
  return fetchJson('api/v1/services', signal)
}

/** The operations of one service. */
export function fetchOperations(service: string, signal: AbortSignal): Promise<Answer<{ items: readonly OperationSummary[] }>> {
  return fetchJson(`api/v1/services/${encodeURIComponent(service)}/operations`, signal)
}

/** Where the API serves a trace, below the mount path. */
export function toTraceApiPath(id: string): string {
  return `api/v1/traces/${encodeURIComponent(id)}`
}

async function fetchJson<T>(path: string, signal: AbortSignal): Promise<Answer<T>> {
  const response = await fetch(toHref(path), { signal, headers: createHeaders() }).catch(() => undefined)
  if (!response) return { ok: false, failure: { kind: 'offline', message: 'The clew server does not answer.' } }
  const body: unknown = await response.json().catch(() => undefined)
  if (response.ok && body !== undefined) return { ok: true, value: body as T }
  return { ok: false, failure: { kind: toKind(response.status), message: readMessage(body) ?? `The server answered ${response.status}.` } }
}

function createHeaders(): Record<string, string> {
  const authorization = token.value === undefined ? {} : { authorization: `Bearer ${token.value}` }
  return { accept: 'application/json', ...authorization }
}

function toKind(status: number): Failure['kind'] {
  if (status === 404) return 'not-found'
  return status === 401 ? 'refused' : 'error'
}

function readMessage(body: unknown): string | undefined {
  const message = (body as { error?: { message?: unknown } } | undefined)?.error?.message
  return typeof message === 'string' ? message : undefined
}
