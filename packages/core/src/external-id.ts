import { hash } from './builtins.js'
import { isSpanId, isTraceId } from './traceparent.js'

/** What a received trace id stands for. */
export interface TraceIdReading {
  /** 32 lower-case hex characters, not all zero. */
  readonly traceId: string
  /** The id as it was received (trimmed), where that is not the trace id itself. */
  readonly externalId?: string
  /** True where the trace id was computed by SHA-256: two equal texts then give one trace, whoever sends them. */
  readonly derived: boolean
}

/** Decides whether a text that trace ids are derived from may begin one more local root. */
export interface ExternalIdGuard {
  /** False once `value` has begun more than `maxRoots` local roots, or was first seen longer than `maxAgeMs` ago. */
  admit(value: string): boolean
}

export interface ExternalIdGuardOptions {
  /** Milliseconds from any fixed origin. */
  readonly now: () => number
  /** Local roots that one value may begin. Default 1,000. */
  readonly maxRoots?: number
  /** How long after its first use a value may begin local roots, in milliseconds. Default 600,000 (10 minutes). */
  readonly maxAgeMs?: number
  /** Values remembered at most; those unused for longest are forgotten first. Default 10,000. */
  readonly maxEntries?: number
}

interface Entry {
  readonly firstSeen: number
  roots: number
}

const MAX_ID_LENGTH = 128
/** Node folds repeated headers into one text; this leaves room for a few repetitions of the longest id. */
const MAX_HEADER_LENGTH = 1024
const MIN_DERIVABLE_LENGTH = 6
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const PRINTABLE = /^[ -~]+$/
const HEX = /^[0-9a-f]+$/
const DERIVABLE = /^[A-Za-z0-9._:/+=-]+$/

/** Texts that stand where an id is missing; a trace id derived from one would merge unrelated requests. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  'null', 'nil', 'none', 'undefined', 'unknown', 'unset', 'not-set', 'not_set', 'notset', 'missing', 'empty', 'default', 'invalid', 'nan', 'n/a', 'na',
  'true', 'false', 'test', 'testing', 'test-id', 'test_id', 'test-trace', 'test-trace-id', 'test_trace_id', 'testtraceid', 'example', 'sample', 'dummy', 'placeholder',
  'string', 'object', 'value', 'todo', 'local', 'localhost', 'anonymous', 'abcdef', '123456', '1234567890',
  'traceid', 'trace-id', 'trace_id', 'x-trace-id', 'requestid', 'request-id', 'request_id', 'x-request-id', 'spanid', 'span-id', 'span_id', 'uuid',
]) // prettier-ignore

/**
 * Reads a received trace id; undefined where no trace id can be had from it.
 *
 * 32 hex characters, a UUID or 16 hex characters (padded left) are taken as they are, in lower case. Any other text of 6 to 128
 * characters of `[A-Za-z0-9._:/+=-]` gives the first 16 bytes of its SHA-256, unless it is a placeholder such as `undefined`.
 * Equal values joined by commas (repeated headers) count once, unequal ones as absent.
 *
 * @example
 * readTraceId('0AF76519-16CD-43DD-8448-EB211C80319C')
 * // { traceId: '0af7651916cd43dd8448eb211c80319c', externalId: '0AF76519-16CD-43DD-8448-EB211C80319C', derived: false }
 */
export function readTraceId(value: string): TraceIdReading | undefined {
  if (isTraceId(value)) return { traceId: value, derived: false }
  const id = normalizeExternalId(value)
  if (id === undefined) return undefined
  const traceId = toHexId(id, 32)
  if (traceId !== undefined) return readHexTraceId(id, traceId)
  return isDerivable(id) ? { traceId: hash('sha256', id).slice(0, 32), externalId: id, derived: true } : undefined
}

/**
 * Reads a received span id: 16 hex characters; the first 16 of a UUID (with or without dashes); for any other printable text the
 * first 8 bytes of its SHA-256. Undefined where there is nothing to read, for placeholders and for zeros.
 *
 * @example
 * readSpanId('B7AD6B7169203331') // 'b7ad6b7169203331'
 */
export function readSpanId(value: string): string | undefined {
  if (isSpanId(value)) return value
  const id = normalizeExternalId(value)
  if (id === undefined) return undefined
  const hex = toHexId(id, 16)
  if (hex !== undefined) return isSpanId(hex) ? hex : undefined
  return isPlaceholder(id) ? undefined : hash('sha256', id).slice(0, 16)
}

/**
 * The text of an id header: trimmed, repetitions collapsed. Undefined where it is empty, longer than 128 characters, not printable
 * ASCII, or holds several unequal values.
 *
 * @example
 * normalizeExternalId('abc-123, abc-123') // 'abc-123'
 */
export function normalizeExternalId(value: string): string | undefined {
  if (value.length === 0 || value.length > MAX_HEADER_LENGTH) return undefined
  const id = collapse(value)
  return id !== undefined && id.length <= MAX_ID_LENGTH && PRINTABLE.test(id) ? id : undefined
}

/**
 * Makes the guard against constants (`X-Trace-Id: my-service`), which would merge all traffic into one trace. Its memory is bounded.
 *
 * @example
 * const guard = createExternalIdGuard({ now: Date.now })
 * if (!guard.admit('abc-123')) startNewTrace()
 */
export function createExternalIdGuard(options: ExternalIdGuardOptions): ExternalIdGuard {
  const { now, maxRoots = 1_000, maxAgeMs = 600_000, maxEntries = 10_000 } = options
  const half = Math.max(1, maxEntries >> 1)
  // Two generations instead of a linked list: what was used lately is in one of them, and the older is dropped whole.
  let recent = new Map<string, Entry>()
  let older = new Map<string, Entry>()

  function remember(value: string, entry: Entry): Entry {
    if (recent.size >= half) {
      older = recent
      recent = new Map()
    }
    recent.set(value, entry)
    return entry
  }

  return {
    admit(value: string): boolean {
      const time = now()
      const entry = recent.get(value) ?? remember(value, older.get(value) ?? { firstSeen: time, roots: 0 })
      entry.roots++
      return entry.roots <= maxRoots && time - entry.firstSeen <= maxAgeMs
    },
  }
}

function readHexTraceId(id: string, traceId: string): TraceIdReading | undefined {
  if (!isTraceId(traceId)) return undefined
  return traceId === id ? { traceId, derived: false } : { traceId, externalId: id, derived: false }
}

/** The first `length` hex characters where `id` is 16 or 32 hex characters or a UUID, padded left; undefined where it is something else. */
function toHexId(id: string, length: 16 | 32): string | undefined {
  if (id.length !== 16 && id.length !== 32 && id.length !== 36) return undefined
  const lower = id.toLowerCase()
  if (id.length === 36) return UUID.test(lower) ? lower.replaceAll('-', '').slice(0, length) : undefined
  return HEX.test(lower) ? lower.slice(0, length).padStart(length, '0') : undefined
}

function isDerivable(id: string): boolean {
  return id.length >= MIN_DERIVABLE_LENGTH && DERIVABLE.test(id) && !isPlaceholder(id)
}

function isPlaceholder(id: string): boolean {
  return PLACEHOLDERS.has(id.toLowerCase()) || (id.length > 1 && isOneCharacter(id))
}

function isOneCharacter(id: string): boolean {
  const first = id.charCodeAt(0)
  for (let index = 1; index < id.length; index++) {
    const code = id.charCodeAt(index)
    if (code !== first && code !== 0x2d) return false
  }
  return true
}

function collapse(value: string): string | undefined {
  if (!value.includes(',')) return value.trim() || undefined
  let only: string | undefined
  for (const part of value.split(',')) {
    const id = part.trim()
    if (id === '' || id === only) continue
    if (only !== undefined) return undefined
    only = id
  }
  return only
}
