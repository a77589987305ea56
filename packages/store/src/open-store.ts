import { TraceError } from '@clew/core'
import type { TraceStore } from './contract.js'
import { memoryStore, type MemoryStoreOptions } from './memory-store.js'

type Opener = (url: URL) => TraceStore

const MEMORY_PARAMETERS = ['maxBytes', 'retentionMs'] as const
const OPENERS: Readonly<Record<string, Opener>> = { 'memory:': openMemory }

/**
 * Opens the store that a URL names. `memory:` keeps traces in this process; `memory:?maxBytes=16777216&retentionMs=3600000` sets its
 * bounds (in bytes and milliseconds).
 *
 * @throws {TraceError} `INVALID_URL` where the URL cannot be read, names an unknown kind of store or carries an option that is not known.
 *
 * @example
 * await using store = await openStore(process.env.CLEW_STORE ?? 'memory:')
 */
export async function openStore(url: string): Promise<TraceStore> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined) throw invalidUrl(`is not a URL; understood is ${listSchemes()}`)
  const open = Object.hasOwn(OPENERS, parsed.protocol) ? OPENERS[parsed.protocol] : undefined
  if (open === undefined) throw invalidUrl(`has the unknown scheme ${parsed.protocol}; understood is ${listSchemes()}`)
  return open(parsed)
}

function openMemory(url: URL): TraceStore {
  if (url.host !== '' || url.pathname !== '') throw invalidUrl('names a place, but memory: has none')
  const options: { -readonly [K in keyof MemoryStoreOptions]: MemoryStoreOptions[K] } = {}
  for (const [name, value] of url.searchParams) {
    const parameter = MEMORY_PARAMETERS.find((known) => known === name)
    if (parameter === undefined) throw invalidUrl(`has the unknown option ${name}; memory: knows ${MEMORY_PARAMETERS.join(' and ')}`)
    if (!/^[1-9]\d{0,14}$/.test(value)) throw invalidUrl(`has the option ${name}, which must be a whole number above 0`)
    options[parameter] = Number(value)
  }
  return memoryStore(options)
}

function listSchemes(): string {
  return Object.keys(OPENERS).join(', ')
}

/** The URL itself is not repeated: it may hold a password. */
function invalidUrl(fault: string): TraceError {
  return new TraceError('INVALID_URL', `The store URL ${fault}.`)
}
