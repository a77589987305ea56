import { BLOCK_FULL, ByteReader, ByteWriter } from './recorder-bytes.js'
import { RecorderBlock } from './recorder-block.js'
import { readPart } from './recorder-reader.js'
import { Shapes } from './recorder-shapes.js'
import { PartWriter, type RecordedPart } from './recorder-writer.js'

/** What the flight recorder holds. */
export interface RecorderStats {
  /** How far back it reaches: the age of the oldest segment it holds, in milliseconds. */
  readonly windowMs: number
  /** Memory of the ring, its index and the texts that it refers to. */
  readonly bytes: number
  readonly maxBytes: number
  /** Segments, and parts of long ones, that are held. */
  readonly segments: number
  /** Of those that were held, how many were exported after all. */
  readonly promoted: number
  /** How many were overwritten before their time, as the ring was full. */
  readonly evicted: number
}

/** Of a tracer that has none. */
export const NO_RECORDER: RecorderStats = { windowMs: 0, bytes: 0, maxBytes: 0, segments: 0, promoted: 0, evicted: 0 }

/** How much of the past is held. */
export interface RecorderSeed {
  readonly windowMs: number
  readonly maxBytes: number
}

/** A part of a segment on its way in. */
interface AddedRecord {
  readonly traceId: string
  readonly part: RecordedPart
  readonly nowMs: number
}

const TRACE_ID_BYTES = 16
/** Where there is no other bound. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024
const MIN_BLOCK_BYTES = 4096
const MAX_BLOCK_BYTES = 256 * 1024
/** Of `maxBytes`: what a block has, and what the texts of one generation may have. */
const BLOCK_SHARE = 8
const SHAPES_SHARE = 16

/**
 * The bounded memory of segments that passed: bytes in blocks, the oldest overwritten first, decoded only when somebody asks for them.
 *
 * A block holds records from its beginning and their index from its end, so that both go together.
 */
export class FlightRecorder {
  readonly #seed: RecorderSeed
  readonly #blockBytes: number
  readonly #bytes = new ByteWriter()
  readonly #writer: PartWriter
  /** In the order of time; the last is being filled. */
  readonly #blocks: RecorderBlock[] = []
  #shapes: Shapes
  #spare: Buffer | undefined
  #promoted = 0
  #evicted = 0

  constructor(seed: RecorderSeed) {
    this.#seed = seed
    this.#blockBytes = Math.max(MIN_BLOCK_BYTES, Math.min(MAX_BLOCK_BYTES, Math.floor(seed.maxBytes / BLOCK_SHARE)))
    this.#shapes = this.#createShapes(0)
    this.#writer = new PartWriter(this.#bytes, this.#shapes)
  }

  /** Holds a part of a segment; false where it is too big. `nowMs` is a reading of the monotonic clock. */
  add(traceId: string, part: RecordedPart, nowMs: number): boolean {
    const record = { traceId, part, nowMs }
    const last = this.#blocks.at(-1)
    if (last !== undefined && this.#write(last, record)) return true
    this.expire(nowMs)
    this.#renewShapes(nowMs)
    const largest = Math.min(MAX_RECORD_BYTES, Math.floor(this.#seed.maxBytes / 2))
    for (let size = this.#blockBytes; ; size = Math.min(4 * size, largest)) {
      const block = this.#createBlock(size)
      if (this.#write(block, record)) return this.#addBlock(block)
      this.#dropBlock(block)
      if (size === largest) return false
    }
  }

  /** Beyond the usual size nothing gives way before it is known that the record fits. */
  #addBlock(block: RecorderBlock): true {
    this.#makeRoom(block.bytes.length)
    this.#blocks.push(block)
    return true
  }

  #write(block: RecorderBlock, { traceId, part, nowMs }: AddedRecord): boolean {
    const bytes = this.#bytes
    const start = block.used
    const readers = block.readers.length
    this.#writer.readers = block.readers
    bytes.open(block.bytes, start, block.limit)
    try {
      bytes.reserve(TRACE_ID_BYTES)
      bytes.hex(traceId, TRACE_ID_BYTES)
      this.#writer.write(part)
    } catch (error) {
      if (error !== BLOCK_FULL) throw error
      block.readers.length = readers
      return false
    }
    block.add(bytes.position, nowMs)
    return true
  }

  #renewShapes(nowMs: number): void {
    if (!this.#shapes.isFull || nowMs - this.#shapes.startedAt < this.#seed.windowMs) return
    this.#shapes = this.#createShapes(nowMs)
    this.#writer.shapes = this.#shapes
  }

  /** The oldest block is taken over where there is no room for another; a block of another size is a new one. */
  #createBlock(size: number): RecorderBlock {
    if (size > this.#blockBytes) return new RecorderBlock(Buffer.allocUnsafeSlow(size), this.#shapes)
    this.#makeRoom(size)
    const bytes = this.#spare ?? Buffer.allocUnsafeSlow(size)
    this.#spare = undefined
    return new RecorderBlock(bytes, this.#shapes)
  }

  #makeRoom(size: number): void {
    const needed = (): number => (size === this.#blockBytes && this.#spare !== undefined ? 0 : size)
    while (this.#blocks.length > 0 && this.#size() + this.#shapes.spareBytes + needed() > this.#seed.maxBytes) {
      this.#evicted += this.#blocks[0]?.segments ?? 0
      this.#dropBlock(this.#blocks.shift())
    }
  }

  #dropBlock(block: RecorderBlock | undefined): void {
    if (block?.bytes.length === this.#blockBytes) this.#spare = block.bytes
  }

  #createShapes(nowMs: number): Shapes {
    return new Shapes(nowMs, this.#seed.maxBytes / SHAPES_SHARE)
  }

  /** Gives back blocks whose last segment is older than the window. */
  expire(nowMs: number): void {
    while (this.#blocks.length > 0 && nowMs - (this.#blocks[0]?.lastAt ?? 0) > this.#seed.windowMs) this.#dropBlock(this.#blocks.shift())
    if (this.#blocks.length === 0) this.#spare = undefined
  }

  /** When there is next something to give back; undefined where nothing is held. */
  get expiresAt(): number | undefined {
    const oldest = this.#blocks[0]
    return oldest && oldest.lastAt + this.#seed.windowMs
  }

  /** False where something that was added then may be gone by now. */
  reaches(sinceMs: number): boolean {
    const oldest = this.#blocks[0]
    return oldest !== undefined && oldest.firstAt <= sinceMs
  }

  /** What is held of these traces, which is then held no longer; of what was added since then, where that is known. */
  take(traceIds: readonly string[], sinceMs: number = -Infinity): Map<string, RecordedPart[]> {
    const found = new Map<string, RecordedPart[]>()
    if (this.#blocks.length === 0 || traceIds.length === 0) return found
    const wanted = traceIds.map((traceId) => Buffer.from(traceId, 'hex'))
    for (const block of this.#blocks) {
      if (block.lastAt < sinceMs) continue
      block.take(wanted, (which, position) => {
        const traceId = traceIds[which] as string
        const part = readPart(new ByteReader(block.bytes, position + TRACE_ID_BYTES), block, traceId)
        const parts = found.get(traceId)
        if (parts) parts.push(part)
        else found.set(traceId, [part])
        this.#promoted++
      })
    }
    return found
  }

  /** Gives everything back. */
  clear(): void {
    this.#blocks.length = 0
    this.#spare = undefined
    this.#shapes = this.#createShapes(0)
    this.#writer.shapes = this.#shapes
  }

  #size(): number {
    let bytes = this.#spare?.length ?? 0
    let shapes: Shapes | undefined
    for (const block of this.#blocks) {
      bytes += block.bytes.length + (block.shapes === shapes ? 0 : block.shapes.bytes)
      ;({ shapes } = block)
    }
    return bytes + (shapes === this.#shapes ? 0 : this.#shapes.bytes)
  }

  stats(nowMs: number): RecorderStats {
    const oldest = this.#blocks.find((block) => block.segments > 0)
    return {
      windowMs: oldest === undefined ? 0 : Math.max(0, Math.round(nowMs - oldest.firstAt)),
      bytes: this.#size(),
      maxBytes: this.#seed.maxBytes,
      segments: this.#blocks.reduce((sum, block) => sum + block.segments, 0),
      promoted: this.#promoted,
      evicted: this.#evicted,
    }
  }
}
