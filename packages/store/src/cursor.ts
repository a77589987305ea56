import { createHash } from 'node:crypto'
import { TraceError } from '@clew/core'
import type { ResolvedTraceQuery } from './query.js'

/** The last trace of a page: its start or its duration, by which the query orders, and its id. */
export interface Place {
  readonly value: number
  readonly traceId: string
}

/** Writes where the next page begins. The cursor holds a mark of the query, so that it cannot continue another one. */
export function encodeCursor(query: ResolvedTraceQuery, place: Place): string {
  return Buffer.from(JSON.stringify([place.value, place.traceId, fingerprint(query)])).toString('base64url')
}

/**
 * Reads the place a query continues behind; undefined on the first page.
 *
 * @throws {TraceError} `INVALID_CURSOR` where the cursor is none, or belongs to another query. `limit`, `from` and `to` may differ.
 */
export function decodeCursor(query: ResolvedTraceQuery): Place | undefined {
  if (query.cursor === undefined) return undefined
  const [value, traceId, mark] = parseCursor(query.cursor)
  if (typeof value !== 'number' || typeof traceId !== 'string') throw invalidCursor('is not one that a query returned')
  if (mark !== fingerprint(query)) throw invalidCursor('belongs to a query with other conditions or another order')
  return { value, traceId }
}

function parseCursor(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(parts) ? parts : []
  } catch {
    return []
  }
}

/**
 * `from` and `to` may move between pages, as those of "the last hour" do: the cursor holds its own place, behind which nothing comes twice.
 * Infinities, the defaults of open bounds, are all null in JSON; they stand in different places, so that nothing is confused.
 */
function fingerprint(query: ResolvedTraceQuery): string {
  const conditions = JSON.stringify({ ...query, from: undefined, to: undefined, limit: undefined, cursor: undefined })
  return createHash('sha256').update(conditions).digest('base64url').slice(0, 12)
}

function invalidCursor(fault: string): TraceError {
  return new TraceError('INVALID_CURSOR', `The cursor ${fault}; begin again without one.`)
}
