import type { Trace, TraceAnalysis } from '@clew/analysis'
import type { ErrorGroup, ErrorsQuery, Page, ServiceSummary, SlowestQuery, TraceQuery, TraceSummary } from '@clew/store'
import { CommandError, describeError } from './command-error.js'
import { isObject } from './log-record.js'

/** Where the query API is. */
export interface ServerAddress {
  /** Such as `http://localhost:4318`; a path is kept, for servers mounted in an app. */
  readonly server: string
  readonly token?: string
}

/** A trace with its explanation. */
interface ExplainedTrace {
  readonly trace: Trace
  readonly analysis: TraceAnalysis
}

/** The query API of a clew server. Every call throws a `CommandError` that says what went wrong in one line. */
export interface ApiClient {
  getTrace(id: string): Promise<ExplainedTrace>
  findTraces(query: TraceQuery): Promise<Page<TraceSummary>>
  slowest(query: SlowestQuery): Promise<Page<TraceSummary>>
  errors(query: ErrorsQuery): Promise<Page<ErrorGroup> & { readonly date: string }>
  services(): Promise<Page<ServiceSummary>>
}

/** A server that does not answer within this time is taken for unreachable. */
const TIMEOUT_MS = 30_000

type Parameters = Readonly<Record<string, string | number | undefined>>

/** Makes the client of one server. */
export function createApiClient(address: ServerAddress): ApiClient {
  const base = parseBase(address.server)
  const { token } = address
  const list = (path: string, parameters: Parameters = {}): Promise<never> =>
    requestJson({ base, token, path, parameters, expected: 'items' })
  return {
    getTrace: (id) => requestJson({ base, token, path: `traces/${encodeURIComponent(id)}`, parameters: {}, expected: 'trace' }),
    findTraces: ({ attributes = {}, ...query }) => list('traces', { ...query, ...prefixAttributes(attributes) }),
    slowest: (query) => list('slow', { ...query }),
    errors: (query) => list('errors', { ...query }),
    services: () => list('services'),
  }
}

function prefixAttributes(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`attribute.${name}`, value]))
}

function parseBase(server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new CommandError(`--server must be a URL such as http://localhost:4318, got ${JSON.stringify(server)}`)
  }
  return new URL('api/v1/', url.href.endsWith('/') ? url : `${url.href}/`)
}

interface ApiRequest {
  readonly base: URL
  readonly token: string | undefined
  readonly path: string
  readonly parameters: Parameters
  /** The field that tells our answer from another server's. */
  readonly expected: 'items' | 'trace'
}

async function requestJson({ base, token, path, parameters, expected }: ApiRequest): Promise<never> {
  const url = new URL(path, base)
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, String(value))
  const headers = { accept: 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  const response = await reach(url, headers)
  const body = await response.json().catch(() => undefined)
  if (response.ok && isObject(body) && expected in body) return body as never
  throw new CommandError(describeRefusal(url, response, body))
}

async function reach(url: URL, headers: Record<string, string>): Promise<Response> {
  try {
    return await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch (error) {
    throw new CommandError(`cannot reach ${url.origin}: ${describeError(error)}. Is "clew serve" running there?`, { cause: error })
  }
}

function describeRefusal(url: URL, response: Response, body: unknown): string {
  const error = isObject(body) ? body['error'] : undefined
  if (response.status === 401) return `${url.origin} asks for a token: give it with --token or CLEW_TOKEN`
  if (isObject(error) && typeof error['message'] === 'string') return error['message']
  return `${url.origin} answered with ${response.status} and nothing that clew says; is it a clew server?`
}
