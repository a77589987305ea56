import { detach } from './attributes.js'
import { MIN_SLICE } from './detached-span.js'
import type { Attributes, AttributeValue, Resource, SpanKind } from './span-data.js'

/** One attribute of a shape: its name, and values that have been seen, to be written as one byte. */
export interface Column {
  readonly key: string
  readonly values: (string | number | boolean)[]
  /** What was written last: most values are the same from one request to the next. */
  last: string | number | boolean | undefined
  lastIndex: number
  /** Undefined once it has shown that values hardly ever repeat. */
  index: Map<string | number | boolean, number> | undefined
  hits: number
}

/** What spans of one operation have in common: written as a number of two bytes. */
export interface Shape {
  readonly id: number
  readonly name: string
  readonly kind: SpanKind
  readonly columns: readonly Column[]
  /** The shape that came next the last time. */
  next: Shape | undefined
}

/** Who recorded a span. */
export interface Origin {
  readonly service: string
  readonly resource: Resource
}

/** No shape: name, kind and attributes stand in the record. */
export const LOOSE = 0xffff
/** No known value: it stands in the record. */
export const INLINE = 255
const MAX_SHAPES = 4096
const MAX_VARIANTS = 16
const MAX_VALUES = 64
const MAX_COLUMNS = 64
/** A tracer has one or two. */
const MAX_ORIGINS = 256
/** A longer value is rarely seen twice, and many of them would weigh more than what they save. */
const MAX_VALUE_LENGTH = 512
/** Of an entry in an array and a map, roughly. */
const ENTRY_BYTES = 64
const COLUMN_BYTES = 160

/** Texts and shapes that records refer to, bounded in bytes. Records of one block share one. */
export class Shapes {
  readonly startedAt: number
  readonly list: Shape[] = []
  readonly origins: Origin[] = []
  bytes = 0
  /** True once something had to be left out. */
  isFull = false
  readonly #maxBytes: number
  readonly #byName = new Map<string, Shape[]>()

  constructor(startedAt: number, maxBytes: number) {
    this.startedAt = startedAt
    this.#maxBytes = maxBytes
  }

  /** The shapes of spans with that name. */
  variants(name: string): readonly Shape[] | undefined {
    return this.#byName.get(name)
  }

  /** A new shape, unless there are too many. */
  add(name: string, kind: SpanKind, attributes: Attributes): Shape | undefined {
    const keys = Object.keys(attributes)
    const variants = this.#byName.get(name)
    if (keys.length > MAX_COLUMNS || name.length > MAX_VALUE_LENGTH || (variants?.length ?? 0) >= MAX_VARIANTS) return undefined
    if (this.list.length >= MAX_SHAPES || !this.#admit(name.length + ENTRY_BYTES + keys.length * COLUMN_BYTES)) return undefined
    const shape: Shape = { id: this.list.length, name: detach(name), kind, columns: keys.map(createColumn), next: undefined }
    this.list.push(shape)
    if (variants) variants.push(shape)
    else this.#byName.set(shape.name, [shape])
    return shape
  }

  /** The number of a value in its column; `INLINE` where it has none. */
  indexOf(column: Column, value: AttributeValue): number {
    if (column.index === undefined || !isShareable(value)) return INLINE
    const found = column.index.get(value)
    if (found === undefined) return this.#learn(column, value)
    column.hits++
    return remember(column, value, found)
  }

  #learn(column: Column, value: string | number | boolean): number {
    const { values, index } = column
    if (values.length >= MAX_VALUES) {
      if (column.hits < values.length) column.index = undefined
      return INLINE
    }
    if (!this.#admit((typeof value === 'string' ? value.length : 0) + ENTRY_BYTES)) return INLINE
    const own = typeof value === 'string' && value.length >= MIN_SLICE ? detach(value) : value
    index?.set(own, values.length)
    values.push(own)
    return remember(column, own, values.length - 1)
  }

  /** The number of the process that recorded a span; undefined where there are too many. */
  originIndex({ service, resource }: Origin): number | undefined {
    const { origins } = this
    for (let index = 0; index < origins.length; index++)
      if (origins[index]?.resource === resource && origins[index]?.service === service) return index
    return origins.length < MAX_ORIGINS ? origins.push({ service, resource }) - 1 : undefined
  }

  /** What may still be added. */
  get spareBytes(): number {
    return this.#maxBytes - this.bytes
  }

  #admit(bytes: number): boolean {
    if (this.bytes + bytes > this.#maxBytes) this.isFull = true
    else this.bytes += bytes
    return !this.isFull
  }
}

function createColumn(key: string): Column {
  return { key, values: [], last: undefined, lastIndex: 0, index: new Map(), hits: 0 }
}

/** What is held on to is short, or a copy: a slice would keep all of a long text alive. */
function remember(column: Column, value: string | number | boolean, index: number): number {
  column.last = typeof value === 'string' && value.length >= MIN_SLICE ? column.values[index] : value
  column.lastIndex = index
  return index
}

/** Zero and NaN are not equal to themselves in every sense. */
function isShareable(value: AttributeValue): value is string | number | boolean {
  if (typeof value === 'string') return value.length <= MAX_VALUE_LENGTH
  return typeof value === 'number' ? value !== 0 && !Number.isNaN(value) : typeof value === 'boolean'
}
