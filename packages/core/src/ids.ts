import { randomFillSync } from './builtins.js'

/** Fills the bytes with random values. Tests hand in their own. */
export type RandomSource = (bytes: Uint8Array) => void

/** Makes ids (W3C Trace Context Level 2, section 3.2.2.3: all 16 bytes of a trace id are random). */
export interface IdGenerator {
  traceId(): string
  spanId(): string
}

const POOL_BYTES = 4096
/** Bytes that become hex at one time. Ids are slices of that text and hold on to it, so it is short. */
const BLOCK_BYTES = 256

/** Ids out of a pool: one call of the random source serves 170 of them, and one conversion to hex ten. */
export function createIdGenerator(random: RandomSource = randomFillSync): IdGenerator {
  const pool = Buffer.alloc(POOL_BYTES)
  let poolOffset = POOL_BYTES
  let block = ''
  let offset = 0

  function nextBlock(): string {
    if (poolOffset === POOL_BYTES) {
      random(pool)
      poolOffset = 0
    }
    poolOffset += BLOCK_BYTES
    return pool.toString('hex', poolOffset - BLOCK_BYTES, poolOffset)
  }

  function take(digits: number): string {
    if (offset + digits > block.length) {
      block = nextBlock()
      offset = 0
    }
    offset += digits
    const id = block.slice(offset - digits, offset)
    // All-zero ids are invalid; the last digit decides often enough to keep the check cheap.
    return id.endsWith('0') && /^0+$/.test(id) ? `${id.slice(1)}1` : id
  }

  return { traceId: () => take(32), spanId: () => take(16) }
}

/** A UUID of version 4 (RFC 9562, section 5.4). `crypto.randomUUID` makes 128 at its first call. */
export function randomUuid(random: RandomSource = randomFillSync): string {
  const bytes = Buffer.alloc(16)
  random(bytes)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
