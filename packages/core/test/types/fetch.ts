// That tracedFetch and fetch stand for each other, both ways. It is compiled, never run: once with Node's types and once with the DOM's.
import { createTracedFetch, type TracedFetchOptions, tracedFetch } from '../../src/index.js'

export const asFetch: typeof fetch = tracedFetch
export const asGlobal: typeof globalThis.fetch = createTracedFetch()
export const asTraced: typeof tracedFetch = fetch
export const options: TracedFetchOptions = { fetch }
export const wrapped: TracedFetchOptions = { fetch: tracedFetch }
export const own: TracedFetchOptions = { fetch: async (input) => new Response(String(input)) }

globalThis.fetch = tracedFetch

export const answers: Promise<Response>[] = [
  tracedFetch('http://localhost/'),
  tracedFetch(new URL('http://localhost/')),
  tracedFetch(new Request('http://localhost/', { method: 'POST', body: 'sent' })),
  tracedFetch('http://localhost/', {
    method: 'POST',
    headers: new Headers({ a: 'b' }),
    body: new FormData(),
    signal: AbortSignal.timeout(5),
  }),
  tracedFetch('http://localhost/', { headers: [['a', 'b']], body: new Uint8Array(1), redirect: 'manual' }),
  tracedFetch('http://localhost/', { body: new Blob([]).stream(), duplex: 'half' } as RequestInit),
]

/** What a library of the host asks for. */
export function callWith(run: typeof fetch): Promise<Response> {
  return run('http://localhost/')
}
export const called: Promise<Response> = callWith(tracedFetch)

// @ts-expect-error an address is needed
void tracedFetch()
// @ts-expect-error a number is no address
void tracedFetch(5)
// @ts-expect-error there is no such mode
void tracedFetch('http://localhost/', { mode: 'odd' })
// @ts-expect-error what fetches answers with a promise
export const broken: TracedFetchOptions = { fetch: () => new Response() }
