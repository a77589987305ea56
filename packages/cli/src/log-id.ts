import { createHash } from 'node:crypto'

/** A trace as log lines may spell it. */
export interface LogTarget {
  /** 32 lower-case hex. */
  readonly traceId: string
  /** The id as a caller sent it, where it is not a trace id itself. */
  readonly externalId?: string
}

const HEX_ID = /^(?:[0-9a-f]{32}|[0-9a-f]{16})$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/

/**
 * Reads an id as a person has it at hand: 32 hex or 16 (padded left) in any case, a UUID, a whole `traceparent`, or an external id.
 *
 * @example parseLogTarget('4BF92F35-77B3-4DA6-A3CE-929D0E0E4736') // { traceId: '4bf92f3577b34da6a3ce929d0e0e4736' }
 */
export function parseLogTarget(id: string): LogTarget {
  const lower = id.trim().toLowerCase()
  if (HEX_ID.test(lower)) return { traceId: lower.padStart(32, '0') }
  if (UUID.test(lower)) return { traceId: lower.replaceAll('-', '') }
  const inTraceparent = TRACEPARENT.exec(lower)?.[1]
  if (inTraceparent !== undefined) return { traceId: inTraceparent }
  return { traceId: deriveTraceId(id.trim()), externalId: id.trim() }
}

/** The trace id that an external id stands for: the first 16 bytes of its SHA-256, in hex. */
export function deriveTraceId(externalId: string): string {
  return createHash('sha256').update(externalId).digest('hex').slice(0, 32)
}

/** `dd.trace_id` as Datadog's libraries log it: the low 64 bits in decimal. */
export function toDatadogId(traceId: string): string {
  return BigInt(`0x${traceId.slice(16)}`).toString()
}
