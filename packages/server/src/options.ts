import { fileURLToPath } from 'node:url'
import { TraceError } from '@clew/core'
import type { TraceStore } from '@clew/store'
import { LOOPBACK_NAMES } from './host.js'
import { createPrinter, createReporter } from './reporter.js'

/** Bounds of what requests may cost. */
export interface ServerLimits {
  /**
   * Bytes of one request body, before and after decompression; more is answered with 413, and so is a body with more than one JSON value
   * per 12 of these bytes. 1 to 67,108,864 (64 MiB); default 16,777,216 (16 MiB).
   */
  readonly maxBodyBytes?: number
  /**
   * Bytes of all request bodies under way, after decompression; what is beyond is answered with 503 and `Retry-After`. From `maxBodyBytes`
   * to 1,073,741,824; default 67,108,864 (64 MiB).
   */
  readonly maxPendingBytes?: number
  /** Milliseconds within which a request body has to arrive, after which it is answered with 408. Default 30,000. */
  readonly bodyTimeoutMs?: number
  /**
   * Attributes, events and links of one span, each, and attributes of an event or a link; the rest is left out and counted on the span as
   * dropped. 1 to 10,000; default 128.
   */
  readonly itemsPerSpan?: number
  /** Milliseconds the store may take over one request, ingest or query, after which it is answered with 503. Default 10,000. */
  readonly storeTimeoutMs?: number
}

/** The limits as the server reads them. */
export type ResolvedLimits = Readonly<Required<ServerLimits>>

/** What `createServer` needs to know. */
export interface ServerOptions {
  /** Where traces rest. The server reads and writes it; whoever opened it closes it. */
  readonly store: TraceStore
  /** The token that ingest and API ask for (`Authorization: Bearer ...`), in visible ASCII. Default: none is asked for. */
  readonly auth?: { readonly token: string } | false
  /**
   * Host names, without a port, that requests may be addressed to, besides `localhost`, `127.0.0.1` and `[::1]`; others are answered
   * with 403. Default: no check (`serve` on a loopback address checks always).
   */
  readonly allowedHosts?: readonly string[]
  /** `false` leaves the dashboard out; a path names the directory of another build of it. Default: the dashboard in this package. */
  readonly assets?: boolean | string
  readonly limits?: ServerLimits
  /** Hears what went wrong inside the server, such as a store that fails. Default: a line on stderr per code and minute. */
  readonly onError?: (error: TraceError) => void
  /** Unix epoch in milliseconds; decides what "today" is. Default: `Date.now`. */
  readonly clock?: () => number
}

/** Options as the server reads them: checked, and all there. */
export interface ResolvedOptions {
  readonly store: TraceStore
  readonly token: string | undefined
  /** Lower-case host names that are answered; undefined: all. */
  readonly hosts: ReadonlySet<string> | undefined
  /** Undefined: no dashboard. */
  readonly assetsDirectory: string | undefined
  readonly limits: ResolvedLimits
  readonly onError: (error: TraceError) => void
  readonly clock: () => number
}

const KNOWN_OPTIONS = ['store', 'auth', 'allowedHosts', 'assets', 'limits', 'onError', 'clock']
const MEBIBYTE = 1024 * 1024
const HIGHEST_TIMEOUT_MS = 2 ** 31 - 1
const DEFAULT_LIMITS: ResolvedLimits = {
  maxBodyBytes: 16 * MEBIBYTE,
  maxPendingBytes: 64 * MEBIBYTE,
  bodyTimeoutMs: 30_000,
  itemsPerSpan: 128,
  storeTimeoutMs: 10_000,
}
/** A parsed body takes up to ten times its bytes. */
const HIGHEST_LIMITS: ResolvedLimits = {
  maxBodyBytes: 64 * MEBIBYTE,
  maxPendingBytes: 1024 * MEBIBYTE,
  bodyTimeoutMs: HIGHEST_TIMEOUT_MS,
  itemsPerSpan: 10_000,
  storeTimeoutMs: HIGHEST_TIMEOUT_MS,
}
const LIMIT_NAMES = Object.keys(DEFAULT_LIMITS) as (keyof ServerLimits)[]

/** Checks the options and fills in the defaults. Throws a `TraceError` with `INVALID_OPTION`. */
export function resolveOptions(options: ServerOptions): ResolvedOptions {
  refuseUnknown(options, KNOWN_OPTIONS, '')
  if (typeof options.store?.export !== 'function') throw invalid('store', 'must be a TraceStore, such as memoryStore()')
  for (const name of ['onError', 'clock'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') throw invalid(name, 'must be a function')
  }
  const clock = options.clock ?? Date.now
  return {
    store: options.store,
    token: readToken(options.auth),
    hosts: options.allowedHosts && readHosts(options.allowedHosts),
    assetsDirectory: readAssetsDirectory(options.assets),
    limits: readLimits(options.limits ?? {}),
    onError: createReporter(options.onError ?? createPrinter(clock)),
    clock,
  }
}

/** The error for an option that cannot be used. */
export function invalid(name: string, problem: string): TraceError {
  return new TraceError('INVALID_OPTION', `Option ${name} ${problem}`)
}

function refuseUnknown(given: object, known: readonly string[], prefix: string): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown !== undefined) throw invalid(prefix + unknown, `is not known; known are ${known.join(', ')}`)
}

function readToken(auth: ServerOptions['auth']): string | undefined {
  if (auth === undefined || auth === false) return undefined
  if (!/^[\x21-\x7e]+$/.test(auth.token ?? '')) {
    const hint = auth.token === undefined ? '; it is undefined: is the environment variable that holds it set?' : ''
    throw invalid('auth.token', `must be one or more visible ASCII characters without spaces${hint}`)
  }
  return auth.token
}

function readHosts(names: readonly string[]): ReadonlySet<string> {
  if (!Array.isArray(names)) throw invalid('allowedHosts', 'must be an array of host names')
  const wrong = names.find((name) => !/^([a-z0-9_.-]+|\[[0-9a-f:.]+\])$/i.test(name))
  if (wrong !== undefined) throw invalid('allowedHosts', `must hold host names without scheme and port, got ${JSON.stringify(wrong)}`)
  return new Set([...LOOPBACK_NAMES, ...names.map((name) => name.toLowerCase())])
}

function readAssetsDirectory(assets: ServerOptions['assets']): string | undefined {
  if (assets === false) return undefined
  return typeof assets === 'string' ? assets : fileURLToPath(new URL('../assets/', import.meta.url))
}

function readLimits(given: ServerLimits): ResolvedLimits {
  refuseUnknown(given, LIMIT_NAMES, 'limits.')
  const limits: ResolvedLimits = {
    ...DEFAULT_LIMITS,
    ...Object.fromEntries(LIMIT_NAMES.map((name) => [name, readLimit(name, given[name])])),
  }
  if (limits.maxPendingBytes >= limits.maxBodyBytes) return limits
  throw invalid('limits.maxPendingBytes', `must not be below maxBodyBytes (${limits.maxBodyBytes}), got ${limits.maxPendingBytes}`)
}

function readLimit(name: keyof ServerLimits, value: number = DEFAULT_LIMITS[name]): number {
  const highest = HIGHEST_LIMITS[name]
  if (Number.isInteger(value) && value >= 1 && value <= highest) return value
  throw invalid(`limits.${name}`, `must be a whole number from 1 to ${highest}, got ${String(value)}`)
}
