import type { SpanData } from '@clew/core'
import { getOrCreate } from './get-or-create.js'
import { SharedObjects } from './shared-objects.js'
import { StoredTrace } from './stored-trace.js'
import { type TimeBounds, TimeIndex } from './time-index.js'

/** A span to be added, with the memory it will take. */
export interface SizedSpan {
  readonly span: SpanData
  readonly bytes: number
}

/** Traces by id, by start, by service and by external id. A trace that is deleted leaves nothing behind. */
export class TraceTable {
  #byId = new Map<string, StoredTrace>()
  #byTime = new TimeIndex<StoredTrace>()
  #byService = new Map<string, TimeIndex<StoredTrace>>()
  #byExternalId = new Map<string, Set<StoredTrace>>()
  readonly #shared = new SharedObjects()
  #bytes = 0
  #spanCount = 0
  #listings = 0

  get traceCount(): number {
    return this.#byId.size
  }

  get spanCount(): number {
    return this.#spanCount
  }

  get bytes(): number {
    return this.#bytes + this.#shared.bytes
  }

  get oldest(): StoredTrace | undefined {
    return this.#byTime.oldest
  }

  /** How many entries the indexes hold in all. */
  get indexSize(): number {
    let size = this.#byTime.size + this.#shared.size
    for (const traces of this.#byService.values()) size += traces.size
    for (const traces of this.#byExternalId.values()) size += traces.size
    return size
  }

  get(traceId: string): StoredTrace | undefined {
    return this.#byId.get(traceId)
  }

  /** The one that started last. */
  getByExternalId(externalId: string): StoredTrace | undefined {
    const traces = [...(this.#byExternalId.get(externalId) ?? [])]
    return traces.toSorted((a, b) => b.startTime - a.startTime || (a.traceId < b.traceId ? -1 : 1))[0]
  }

  /** Traces in which the service took part, or all of them, as they are now: neither the list nor a trace in it changes afterwards. */
  newestFirst(bounds: TimeBounds, service?: string): readonly StoredTrace[] {
    this.#listings += 1
    const index = service === undefined ? this.#byTime : this.#byService.get(service)
    return index?.newestFirst(bounds) ?? []
  }

  /** Adds spans of one trace and returns how many `admit` refused. A span that is there already is no news and not asked about. */
  add(traceId: string, sized: readonly SizedSpan[], admit: (trace: StoredTrace, sized: SizedSpan) => boolean): number {
    const known = this.#byId.get(traceId)
    if (known !== undefined) this.#removeFromIndexes(known)
    const trace = this.#openForWriting(traceId, known)
    let refused = 0
    for (const one of sized) {
      if (trace.has(one.span)) continue
      if (admit(trace, one)) trace.add(one.span, one.bytes)
      else refused += 1
    }
    if (trace.spanCount > 0) this.#addToIndexes(trace)
    return refused
  }

  /** A trace that has been listed since it was made may be in use, and is succeeded by another. */
  #openForWriting(traceId: string, known: StoredTrace | undefined): StoredTrace {
    if (known === undefined) return new StoredTrace(traceId, this.#listings)
    return known.listings === this.#listings ? known : known.succeed(this.#listings)
  }

  delete(trace: StoredTrace): void {
    this.#removeFromIndexes(trace)
  }

  clear(): void {
    this.#byId.clear()
    this.#byTime = new TimeIndex()
    this.#byService.clear()
    this.#byExternalId.clear()
    this.#shared.clear()
    this.#bytes = 0
    this.#spanCount = 0
  }

  #addToIndexes(trace: StoredTrace): void {
    this.#byId.set(trace.traceId, trace)
    this.#byTime.add(trace)
    for (const service of trace.services) getOrCreate(this.#byService, service, () => new TimeIndex<StoredTrace>()).add(trace)
    for (const object of trace.shared) this.#shared.retain(object)
    for (const externalId of trace.externalIds) getOrCreate(this.#byExternalId, externalId, () => new Set<StoredTrace>()).add(trace)
    this.#bytes += trace.bytes
    this.#spanCount += trace.spanCount
  }

  #removeFromIndexes(trace: StoredTrace): void {
    if (!this.#byId.delete(trace.traceId)) return
    this.#byTime.delete(trace)
    for (const service of trace.services) removeFrom(this.#byService, service, trace)
    for (const object of trace.shared) this.#shared.release(object)
    for (const externalId of trace.externalIds) removeFrom(this.#byExternalId, externalId, trace)
    this.#bytes -= trace.bytes
    this.#spanCount -= trace.spanCount
  }
}

function removeFrom(
  map: Map<string, { delete(trace: StoredTrace): unknown; readonly size: number }>,
  key: string,
  trace: StoredTrace,
): void {
  const traces = map.get(key)
  traces?.delete(trace)
  if (traces?.size === 0) map.delete(key)
}
