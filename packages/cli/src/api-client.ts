import type { Trace, TraceAnalysis } from '@clew/analysis'
import type { ErrorGroup, ErrorsQuery, Page, ServiceSummary, SlowestQuery, TraceQuery, TraceSummary } from '@clew/store'
import { CommandError, describeError } from './command-error.js'
import { isObject } from './log-record.js'

/** Where the query API is. */
export interface ServerAddress {
  /** Such as `http://localhost:4318`; a path is kept, for servers mounted in an app. The address of a page (`/traces`) will do, too. */
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
  const bases = listBases(address.server)
  const { token } = address
  const list = (path: string, parameters: Parameters = {}): Promise<never> =>
    requestFirst(bases, { token, path, parameters, expected: 'items' })
  return {
    getTrace: (id) => requestFirst(bases, { token, path: `traces/${encodeURIComponent(id)}`, parameters: {}, expected: 'trace' }),
    findTraces: ({ attributes = {}, ...query }) => list('traces', { ...query, ...prefixAttributes(attributes) }),
    slowest: (query) => list('slow', { ...query }),
    errors: (query) => list('errors', { ...query }),
    services: () => list('services'),
  }
}

function prefixAttributes(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`attribute.${name}`, value]))
}

const PAGE_PATH = /^(.*)\/traces(?:\/[^/]+)?\/?$/

/** Where the server may be mounted. An address may be that of a page, `/traces` or `/traces/<id>`, or look like one. */
function listBases(server: string): string[] {
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new CommandError(`--server must be a URL such as http://localhost:4318, got ${JSON.stringify(server)}`)
  }
  if (url.username !== '' || url.password !== '')
    throw new CommandError('--server must not hold a name and a password; clew asks for a token')
  const above = PAGE_PATH.exec(url.pathname)?.[1]
  return [...(above === undefined ? [] : [above]), url.pathname.replace(/\/$/, '')].map((path) => url.origin + path)
}

interface ApiRequest {
  readonly token: string | undefined
  readonly path: string
  readonly parameters: Parameters
  /** The field that tells our answer from another server's. */
  readonly expected: 'items' | 'trace'
}

interface ApiAnswer {
  readonly base: string
  readonly response: Response
  readonly body: unknown
}

/** Asks at one address after the other until clew answers. */
async function requestFirst(bases: readonly string[], request: ApiRequest): Promise<never> {
  let refusal: CommandError | undefined
  for (const base of bases) {
    const answer = await requestJson(base, request)
    const { response, body } = answer
    if (response.ok && isObject(body) && request.expected in body) return body as never
    refusal = new CommandError(describeRefusal(answer), { code: readErrorField(body, 'code') })
    if (isRefusal(answer)) break
  }
  throw refusal
}

async function requestJson(base: string, { token, path, parameters }: ApiRequest): Promise<ApiAnswer> {
  const url = new URL(`${base}/api/v1/${path}`)
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, String(value))
  const headers = { accept: 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }
  const response = await reach(url, headers)
  return { base, response, body: await response.json().catch(() => undefined) }
}

async function reach(url: URL, headers: Record<string, string>): Promise<Response> {
  try {
    return await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch (error) {
    throw new CommandError(`cannot reach ${url.origin}: ${describeError(error)}. Is "clew serve" running there?`, { cause: error })
  }
}

function isRefusal({ response, body }: ApiAnswer): boolean {
  return response.status === 401 || readErrorField(body, 'message') !== undefined
}

function describeRefusal({ base, response, body }: ApiAnswer): string {
  if (response.status === 401) return `${base} asks for a token: give it with --token or CLEW_TOKEN`
  return readErrorField(body, 'message') ?? `${base} answered with ${response.status} and nothing that clew says; is it a clew server?`
}

function readErrorField(body: unknown, name: 'code' | 'message'): string | undefined {
  const error = isObject(body) ? body['error'] : undefined
  const field = isObject(error) ? error[name] : undefined
  return typeof field === 'string' ? field : undefined
}
