import { type AttributesInput, cut, isCut, keysOf, MAX_NAME_LENGTH, readProperty, toAttributeValue, toName } from './attributes.js'
import { sizeOfAttribute } from './attributes.js'
import { isTimeInput, roundToMicros, type TimeInput, toEpochMs } from './clock.js'
import { exceptionAttributes, readException } from './exception.js'
import { TraceError } from './errors.js'
import type { LogLine } from './log-records.js'
import { withDefinedIds } from './passive-span.js'
import type { InjectContext } from './propagator.js'
import type { Segment } from './segment.js'
import { createSpanData, isTooLong, type Mutable, type MutableSpanData, NO_EVENTS, NO_LINKS, type SpanSeed } from './span-draft.js'
import { toEvent, toLink } from './span-details.js'
import { isNewError } from './thrown-value.js'
import { failures } from './span-listeners.js'
import type { AttributeValue, SpanContext, SpanData, SpanStatus } from './span-data.js'
import {
  kindOf,
  linksOf,
  metricOf,
  startTimeOf,
  type LinkInput,
  type Span,
  type SpanOptions,
  type SpanPort,
  type StatusInput,
  type TraceContext,
} from './span.js'
import type { TracerPort } from './tracer.js'

const STATUSES: readonly SpanStatus[] = ['unset', 'ok', 'error']
/** What the fixed fields of a span weigh in memory, roughly; texts are counted on top. */
const BASE_SIZE = 400
/** So much a span may weigh whatever its segment holds. */
const SMALL_SPAN = 4_096
const MAX_SPAN = 1_048_576
/** Of a local root, whose route and status come last, such details are always taken. */
const SMALL_DETAIL = 256

export class RecordedSpan implements SpanPort {
  logNote: unknown = undefined
  /** Neighbours among the open spans of the segment. */
  older: RecordedSpan | undefined
  newer: RecordedSpan | undefined
  /** A reading of the monotonic clock, where the start was given. */
  readonly #startedAt: number | undefined
  readonly #segment: Segment
  readonly #data: MutableSpanData
  #attributeCount = 0
  #size = BASE_SIZE
  /** String values that were longer than the limit. */
  #cut = 0
  #ended = false
  /** Whether the duration is counted, where somebody said so. */
  #metric: boolean | undefined

  constructor(segment: Segment, seed: SpanSeed) {
    const { owner } = segment
    this.#segment = segment
    this.#startedAt = seed.startTime === undefined ? undefined : seed.startedAt
    this.#data = createSpanData(segment, seed)
    for (const name in seed.attributes) this.#takeSeed(name, owner.options.limits.valueLength)
    if (this.#size > SMALL_SPAN) segment.held += this.#size - SMALL_SPAN
    segment.spanStarted(this, this.#data)
  }

  #takeSeed(name: string, maxLength: number): void {
    const { attributes } = this.#data
    const value = attributes[name] as AttributeValue
    if (isTooLong(value, maxLength)) {
      attributes[name] = toAttributeValue(value, maxLength) as AttributeValue
      this.#cut++
    }
    this.#size += sizeOfAttribute(name, attributes[name])
  }

  spanContext(): SpanContext {
    const { traceId, spanId, traceState } = this.#data
    return { traceId, spanId, traceFlags: this.#segment.flags, traceState }
  }

  isRecording(): boolean {
    return !this.#ended
  }

  setAttribute(name: string, value: unknown): this {
    if (!this.#ended) this.#set(name, value)
    return this
  }

  setAttributes(attributes: AttributesInput): this {
    if (this.#ended) return this
    for (const name of keysOf(attributes)) this.#set(name, readProperty(attributes, name))
    return this
  }

  #set(given: string, value: unknown): void {
    const { limits } = this.#segment.owner.options
    const name = toName(given, MAX_NAME_LENGTH)
    if (value === undefined || value === null || name === '__proto__') return
    const { attributes } = this.#data
    const isNew = !Object.hasOwn(attributes, name)
    if (isNew && this.#attributeCount >= limits.attributes) return this.#dropAttributes(1)
    const clean = toAttributeValue(value, limits.valueLength)
    if (clean === undefined) return
    const replaced = isNew ? 0 : sizeOfAttribute(name, attributes[name])
    if (!this.#grow(sizeOfAttribute(name, clean) - replaced)) return this.#dropAttributes(1)
    if (isNew) this.#attributeCount++
    if (clean !== value && isCut(value, clean, limits.valueLength)) this.#cut++
    attributes[name] = clean
  }

  /** False where neither this span nor its segment has room for so many bytes. */
  #grow(bytes: number): boolean {
    const size = this.#size + bytes
    if (size > SMALL_SPAN || this.#size > SMALL_SPAN) {
      const more = Math.max(size, SMALL_SPAN) - Math.max(this.#size, SMALL_SPAN)
      const isBound = bytes > SMALL_DETAIL || (bytes > 0 && this.#segment.root !== this)
      if (isBound && (size > MAX_SPAN || !this.#segment.hasRoom(more))) return false
      this.#segment.held += more
    }
    this.#size = size
    return true
  }

  #dropAttributes(count: number): void {
    this.#data.droppedAttributes = (this.#data.droppedAttributes ?? 0) + count
    this.#segment.owner.counters.attributesDropped += count
  }

  addEvent(name: string, attributes?: AttributesInput | TimeInput, time?: TimeInput): this {
    const isTime = isTimeInput(attributes)
    this.#addEvent(name, isTime ? undefined : attributes, isTime ? attributes : time)
    return this
  }

  #addEvent(name: string, input: AttributesInput | undefined, time: TimeInput | undefined): void {
    if (this.#ended) return
    const { limits } = this.#segment.owner.options
    if (this.#data.events.length >= limits.events) return this.#dropEvent()
    const { detail, size } = toEvent(name, input, { time: toEpochMs(time) ?? this.#now(), limits })
    if (!this.#grow(size)) return this.#dropEvent()
    if (this.#data.events === NO_EVENTS) this.#data.events = []
    this.#data.events.push(detail)
  }

  #dropEvent(): void {
    this.#data.droppedEvents = (this.#data.droppedEvents ?? 0) + 1
  }

  addLink(link: LinkInput): this {
    if (this.#ended) return this
    try {
      this.#addLink(link)
    } catch {
      // A link that cannot be read is none.
    }
    return this
  }

  #addLink(link: LinkInput): void {
    const { limits } = this.#segment.owner.options
    const read = toLink(link, limits)
    if (read === undefined) return
    if (this.#data.links.length >= limits.links || !this.#grow(read.size)) {
      this.#data.droppedLinks = (this.#data.droppedLinks ?? 0) + 1
      return
    }
    if (this.#data.links === NO_LINKS) this.#data.links = []
    this.#data.links.push(read.detail)
  }

  recordException(error: unknown, time?: TimeInput): void {
    if (!this.#ended) this.#record(error, time)
  }

  #record(error: unknown, time?: TimeInput): void {
    if (!isNewError(error, this.#data, this.#segment)) return
    const info = readException(error, this.#segment.owner.options.limits.valueLength)
    this.#addEvent('exception', exceptionAttributes(info), time)
  }

  fail(error: unknown): this {
    if (this.#ended) return this
    const { message, errorType } = readException(error, this.#segment.owner.options.limits.valueLength)
    this.#record(error)
    failures.set(this.#data, error)
    if (this.#data.attributes['error.type'] === undefined) this.#set('error.type', errorType)
    return this.setStatus({ code: 'error', message })
  }

  setStatus(status: StatusInput): this {
    if (this.#ended || this.#data.status === 'ok') return this
    const given = readProperty(status, 'code')
    const code = typeof given === 'number' ? STATUSES[given] : (given as SpanStatus)
    if (code === undefined || !STATUSES.includes(code)) return this
    const message = readProperty(status, 'message')
    this.#data.status = code
    this.#data.statusMessage =
      code === 'error' && typeof message === 'string' ? cut(message, this.#segment.owner.options.limits.valueLength) : undefined
    return this
  }

  updateName(name: string): this {
    if (!this.#ended) this.#data.name = toName(name, this.#segment.owner.options.limits.valueLength)
    return this
  }

  keep(reason?: string): this {
    if (reason !== undefined) this.setAttribute('clew.keep.reason', reason)
    this.#segment.keep('user')
    return this
  }

  follow(): void {
    this.#segment.keep('trace')
  }

  end(endTime?: TimeInput): void {
    if (this.#ended) return
    this.#ended = true
    try {
      this.#close(endTime)
    } catch (error) {
      this.#segment.owner.report(new TraceError('INTERNAL', 'A span could not be ended', { cause: error }))
    }
  }

  #close(endTime: TimeInput | undefined): void {
    const endedAt = this.#segment.owner.monotonic()
    const duration = (toEpochMs(endTime) ?? this.#segment.seed.anchor + endedAt) - this.#data.startTime
    this.#data.duration = duration > 0 ? roundToMicros(duration) : 0
    if (this.#cut > 0) this.#tellCut()
    if (this.#size > SMALL_SPAN) this.#segment.held -= this.#size - SMALL_SPAN
    const { name, statusMessage } = this.#data
    this.#segment.spanEnded(this, this.#size + name.length + (statusMessage?.length ?? 0), endedAt)
    this.#segment.owner.metrics?.spanEnded(this.#data, this.#segment, this.#metric)
  }

  /** Ends a span that nobody ends. */
  close(): void {
    if (this.#ended) return
    this.#data.attributes['clew.unfinished'] = true
    // How long it takes nobody knows.
    this.#metric = false
    this.#segment.owner.counters.spansUnfinished++
    this.end()
  }

  /** A reading of the monotonic clock. */
  get startedAt(): number {
    return this.#startedAt ?? this.#data.startTime - this.#segment.seed.anchor
  }

  #tellCut(): void {
    this.#data.attributes['clew.cut_values'] = this.#cut
    this.#segment.owner.counters.valuesCut += this.#cut
  }

  [Symbol.dispose](): void {
    this.end()
  }

  #now(): number {
    return this.#segment.seed.anchor + this.#segment.owner.monotonic()
  }

  startChild(name: string, options: SpanOptions | undefined): RecordedSpan {
    const segment = this.#segment
    if (this.#ended && !segment.takesSpans())
      return segment.owner.startRoot(name, options, [{ context: this.spanContext() }, ...linksOf(options)])
    const child = new RecordedSpan(segment, {
      name,
      kind: kindOf(options),
      parentSpanId: this.#data.spanId,
      parentIsRemote: false,
      attributes: {},
      startTime: startTimeOf(options),
      startedAt: segment.owner.monotonic(),
    })
    if (options) child.#apply(options)
    if (segment.rootEnded) child.#set('clew.after_root', true)
    return child
  }

  #apply(options: SpanOptions): void {
    this.setAttributes(readProperty(options, 'attributes') as AttributesInput)
    for (const link of linksOf(options)) this.addLink(link)
    this.setMetric(metricOf(options))
  }

  /** Whether the duration is counted; undefined leaves it to the tracer's options. */
  setMetric(metric: boolean | undefined): void {
    this.#metric = metric
  }

  localRoot(): Span {
    return this.#segment.root ?? this
  }

  traceContext(): TraceContext {
    const { traceId, spanId, parentSpanId } = this.#data
    const { owner, seed, kept, flags } = this.#segment
    const context: Mutable<TraceContext> = { traceId, spanId, service: owner.service, sampled: kept, traceFlags: flags }
    if (parentSpanId !== undefined) context.parentSpanId = parentSpanId
    return withDefinedIds(context, seed)
  }

  outgoing(): InjectContext {
    const { traceId, spanId, parentSpanId, traceState } = this.#data
    return { traceId, spanId, parentSpanId, flags: this.#segment.flags, traceState, externalId: this.#segment.seed.externalId }
  }

  takesLog(severityNumber: number): boolean {
    return this.#segment.takesLog(severityNumber)
  }

  recordLog(log: LogLine): void {
    this.#segment.recordLog(this.#data.spanId, log)
  }

  get tracer(): TracerPort {
    return this.#segment.owner
  }

  get data(): SpanData {
    return this.#data
  }

  /** The segment, for the request this span is the local root of. */
  get segment(): Segment {
    return this.#segment
  }
}
