import { createHash } from 'node:crypto'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const TRACE_ID = /^[0-9a-f]{32}$/
const HALF_TRACE_ID = /^[0-9a-f]{16}$/

/** The trace id that is meant where an id is one in some spelling: 32 hex or a UUID in any case, or 16 hex, which travels padded left. */
export function parseTraceId(id: string): string | undefined {
  const lower = id.toLowerCase()
  if (TRACE_ID.test(lower)) return lower
  if (UUID.test(lower)) return lower.replaceAll('-', '')
  return HALF_TRACE_ID.test(lower) ? lower.padStart(32, '0') : undefined
}

/** The trace id that clew derives from an external id such as `abc-123`: the first 16 bytes of its SHA-256. */
export function deriveTraceId(externalId: string): string {
  return createHash('sha256').update(externalId).digest('hex').slice(0, 32)
}
