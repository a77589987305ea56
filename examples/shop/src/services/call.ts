import { tracedFetch } from '@clew/core'

/** A service we called did not do what we asked for. Frameworks answer with its `status`. */
class UpstreamError extends Error {
  override readonly name = 'UpstreamError'
  readonly status = 502
}

/** Calls another service, with the ids of the trace in the headers; nobody passes them by hand. */
export async function call<T>(url: string, init: { method?: string; body?: unknown; token?: string } = {}): Promise<T> {
  const { method = 'GET', body, token } = init
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) }
  const response = await tracedFetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  if (!response.ok) throw new UpstreamError(`${method} ${new URL(url).pathname} was answered with ${response.status}`)
  return (await response.json()) as T
}
