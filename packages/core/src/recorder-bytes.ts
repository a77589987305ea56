import type { AttributeValue } from './span-data.js'

/** Thrown where a record does not fit into what is left of a block; made once, as it is caught at once. */
export const BLOCK_FULL: Error = new Error('The block is full')

/** How a value is written. */
const TAG = { true: 1, false: 2, int: 3, float: 4, shortText: 5, longText: 6, wideText: 7, list: 8, nothing: 9 } as const
/** Up to here a loop over the characters is faster than a call of Buffer's. */
const SHORT_TEXT = 64
const WIDE: RegExp = /[^\0-\xff]/

const DIGITS: Uint8Array = new Uint8Array(256)
for (let digit = 0; digit < 16; digit++) DIGITS[digit.toString(16).charCodeAt(0)] = digit

/** Writes numbers, ids and values one behind the other. Whoever writes reserves first. */
export class ByteWriter {
  bytes: Buffer = Buffer.alloc(0)
  position = 0
  #view: DataView = new DataView(new ArrayBuffer(0))
  #end = 0

  /** Goes on in `bytes`, from `position` up to `end`. */
  open(bytes: Buffer, position: number, end: number): void {
    if (bytes !== this.bytes) this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.bytes = bytes
    this.position = position
    this.#end = end
  }

  reserve(count: number): void {
    if (this.position + count > this.#end) throw BLOCK_FULL
  }

  u8(value: number): void {
    this.bytes[this.position++] = value
  }

  u16(value: number): void {
    this.#view.setUint16(this.position, value)
    this.position += 2
  }

  u32(value: number): void {
    this.#view.setUint32(this.position, value)
    this.position += 4
  }

  f64(value: number): void {
    this.#view.setFloat64(this.position, value)
    this.position += 8
  }

  /** An id in lower-case hex, two digits to a byte. */
  hex(id: string, bytes: number): void {
    let { position } = this
    for (let index = 0; index < 2 * bytes; index += 2)
      this.bytes[position++] = (DIGITS[id.charCodeAt(index)]! << 4) | DIGITS[id.charCodeAt(index + 1)]!
    this.position = position
  }

  /** Anything an attribute can hold, or undefined. Reserves for itself. */
  value(value: AttributeValue | undefined): void {
    if (typeof value === 'string') return this.text(value)
    this.reserve(9)
    if (typeof value === 'number') this.#number(value)
    else if (typeof value === 'boolean') this.u8(value ? TAG.true : TAG.false)
    else if (value === undefined) this.u8(TAG.nothing)
    else this.#list(value)
  }

  #number(value: number): void {
    // Zero has a sign that integers do not keep.
    if (value === (value | 0) && value !== 0) {
      this.u8(TAG.int)
      this.u32(value)
    } else {
      this.u8(TAG.float)
      this.f64(value)
    }
  }

  #list(values: readonly (string | number | boolean)[]): void {
    this.u8(TAG.list)
    this.u32(values.length)
    for (const item of values) this.value(item)
  }

  text(text: string): void {
    const { length } = text
    this.reserve(2 * length + 5)
    if (length > SHORT_TEXT) return this.#longText(text, length)
    const { bytes, position } = this
    let seen = 0
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      seen |= code
      bytes[position + 2 + index] = code
    }
    if (seen > 0xff) return this.#wideText(text, length)
    bytes[position] = TAG.shortText
    bytes[position + 1] = length
    this.position = position + 2 + length
  }

  #longText(text: string, length: number): void {
    if (WIDE.test(text)) return this.#wideText(text, length)
    this.u8(TAG.longText)
    this.u32(length)
    this.position += this.bytes.write(text, this.position, 'latin1')
  }

  /** As UTF-16, which keeps halves of surrogate pairs as well. */
  #wideText(text: string, length: number): void {
    this.u8(TAG.wideText)
    this.u32(2 * length)
    this.position += this.bytes.write(text, this.position, 'utf16le')
  }
}

/** Reads what a `ByteWriter` wrote. */
export class ByteReader {
  readonly #bytes: Buffer
  position: number

  constructor(bytes: Buffer, position: number) {
    this.#bytes = bytes
    this.position = position
  }

  u8(): number {
    return this.#bytes[this.position++] as number
  }

  u16(): number {
    this.position += 2
    return this.#bytes.readUInt16BE(this.position - 2)
  }

  u32(): number {
    this.position += 4
    return this.#bytes.readUInt32BE(this.position - 4)
  }

  f64(): number {
    this.position += 8
    return this.#bytes.readDoubleBE(this.position - 8)
  }

  hex(bytes: number): string {
    this.position += bytes
    return this.#bytes.toString('hex', this.position - bytes, this.position)
  }

  value(): AttributeValue | undefined {
    switch (this.u8()) {
      case TAG.true:
        return true
      case TAG.false:
        return false
      case TAG.int:
        return this.u32() | 0
      case TAG.float:
        return this.f64()
      case TAG.shortText:
        return this.#text(this.u8(), 'latin1')
      case TAG.longText:
        return this.#text(this.u32(), 'latin1')
      case TAG.wideText:
        return this.#text(this.u32(), 'utf16le')
      case TAG.list:
        return Array.from({ length: this.u32() }, () => this.value()) as string[]
      default:
        return undefined
    }
  }

  text(): string {
    return this.value() as string
  }

  #text(length: number, encoding: 'latin1' | 'utf16le'): string {
    this.position += length
    return this.#bytes.toString(encoding, this.position - length, this.position)
  }
}
