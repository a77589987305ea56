import type { LogLine } from './log-records.js'
import type { Shapes } from './recorder-shapes.js'

/** A hash of the trace id and where the record begins, as two words. */
const ENTRY_WORDS = 2
const WORD_BYTES = 4
const TRACE_ID_BYTES = 16
/** Of a function that a log line came with, roughly: some hosts make one for each line. */
const READER_BYTES = 128
/** In place of the beginning of a record that was taken. */
const TAKEN = -1
/** Most entries are passed over by the last bits of their hash. */
const FILTER_SIZE = 4096

/** A stretch of memory with records from its beginning and their index from its end. */
export class RecorderBlock {
  readonly bytes: Buffer
  /** What the records refer to. */
  readonly shapes: Shapes
  /** What takes their log lines apart. */
  readonly readers: LogLine['read'][] = []
  /** Where the next record begins. */
  used = 0
  /** Where the index begins, with room for one more entry: records end before it. */
  limit: number
  /** Records that are held. */
  segments = 0
  /** Readings of the monotonic clock. */
  firstAt = 0
  lastAt = 0
  readonly #words: Int32Array
  readonly #view: DataView
  #entries = 0

  constructor(bytes: Buffer, shapes: Shapes) {
    this.bytes = bytes
    this.shapes = shapes
    this.#words = new Int32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / WORD_BYTES))
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.limit = this.#limitAfter(1)
  }

  #limitAfter(entries: number): number {
    return (this.#words.length - entries * ENTRY_WORDS) * WORD_BYTES
  }

  /** Takes up the record that stands from `used` to `end`; it begins with its trace id. */
  add(end: number, nowMs: number): void {
    const place = this.#words.length - (this.#entries + 1) * ENTRY_WORDS
    this.#words[place] = hashId(this.#view, this.used)
    this.#words[place + 1] = this.used
    if (this.#entries++ === 0) this.firstAt = nowMs
    this.lastAt = nowMs
    this.segments++
    this.used = end
    this.limit = this.#limitAfter(this.#entries + 1) - this.readers.length * READER_BYTES
  }

  /** Calls `found` with each record of the wanted ids, 16 bytes each, and forgets it. */
  take(wanted: readonly Buffer[], found: (which: number, position: number) => void): void {
    const hashes = wanted.map((id) => hashId(new DataView(id.buffer, id.byteOffset, TRACE_ID_BYTES), 0))
    const filter = new Uint8Array(FILTER_SIZE)
    for (const hash of hashes) filter[hash & (FILTER_SIZE - 1)] = 1
    const words = this.#words
    const first = words.length - this.#entries * ENTRY_WORDS
    // From the end: the index grows towards the beginning.
    for (let place = words.length - ENTRY_WORDS; place >= first; place -= ENTRY_WORDS) {
      const hash = words[place] as number
      if (filter[hash & (FILTER_SIZE - 1)] === 0) continue
      const position = words[place + 1] as number
      const which = position === TAKEN ? -1 : wanted.findIndex((id, index) => hashes[index] === hash && this.#isAt(id, position))
      if (which === -1) continue
      words[place + 1] = TAKEN
      this.segments--
      found(which, position)
    }
  }

  #isAt(id: Buffer, position: number): boolean {
    return id.compare(this.bytes, position, position + TRACE_ID_BYTES) === 0
  }
}

/** All 16 bytes, as the last ones of an id may be constant; MurmurHash3's constants, public domain. */
function hashId(view: DataView, position: number): number {
  let hash = view.getInt32(position)
  hash = Math.imul(hash, 0x85ebca6b) ^ view.getInt32(position + 4)
  hash = Math.imul(hash, 0xc2b2ae35) ^ view.getInt32(position + 8)
  hash = Math.imul(hash, 0x85ebca6b) ^ view.getInt32(position + 12)
  return hash ^ (hash >>> 15)
}
