import type { Dispatcher } from './redirect-guard.js'

type FetchInit = NonNullable<Parameters<typeof globalThis.fetch>[1]>

/** What fetch takes beside the address, undici's dispatcher included. */
export type Init = Omit<FetchInit, 'dispatcher' | 'window'> & { dispatcher?: Dispatcher; window?: unknown }

/** What fetch reads of an init. */
const MEMBERS = [
  'body',
  'cache',
  'credentials',
  'dispatcher',
  'duplex',
  'headers',
  'integrity',
  'keepalive',
  'method',
  'mode',
  'priority',
  'redirect',
  'referrer',
  'referrerPolicy',
  'signal',
  'window',
] as const

/**
 * A copy of the caller's init that is read in its place, so that getters are asked once, as fetch asks them. What is not enumerable, is
 * inherited, or is a getter of a class (a `Request` for one) is found, too. Undefined where there is none, or where it is nothing
 * that fetch takes.
 *
 * Throws what a getter throws.
 */
export function copyInit(init: unknown): Init | undefined {
  if (init === null || (typeof init !== 'object' && typeof init !== 'function')) return undefined
  const copy: Record<string, unknown> = { ...init }
  for (const name of MEMBERS) {
    if (Object.hasOwn(copy, name)) continue
    const value = (init as Record<string, unknown>)[name]
    if (value !== undefined) copy[name] = value
  }
  return copy
}

type Referrer = Pick<FetchInit, 'referrer' | 'referrerPolicy'>

/**
 * The referrer of a `Request`, which fetch takes over where it is given no init, and any init, ours too, makes it forget (Fetch standard,
 * `new Request(input, init)`, step 13).
 */
export function referrerOf({ referrer, referrerPolicy }: Request, init: Init | undefined): Referrer | undefined {
  const isDefault = referrer === undefined || (referrer === 'about:client' && referrerPolicy === '')
  return isDefault || !isEmptyInit(init) || !isReferrerKept() ? undefined : { referrer, referrerPolicy }
}

function isEmptyInit(init: Init | undefined): boolean {
  return init === undefined || MEMBERS.every((name) => (init as Record<string, unknown>)[name] === undefined)
}

let referrerKept: boolean | undefined

/** False on Node 24: undici 7 forgets the referrer in any case. */
function isReferrerKept(): boolean {
  const referrer = 'http://localhost/'
  return (referrerKept ??= new Request(new Request(referrer, { referrer })).referrer === referrer)
}

/** Headers can come from any iterator, and one like a generator's gives them to the first who asks. Throws what it throws. */
export function holdHeaders(init: Init | undefined): void {
  const headers: unknown = init?.headers
  if (init !== undefined && isOneShot(headers)) init.headers = [...headers] as [string, string][]
}

function isOneShot(headers: unknown): headers is Iterable<unknown> {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers) || headers instanceof Headers) return false
  return typeof (headers as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function'
}

/** Undefined where fetch is going to refuse them, which is for fetch to say. */
export function headersOf(given: FetchInit['headers']): Headers | undefined {
  try {
    return new Headers(given)
  } catch {
    return undefined
  }
}
