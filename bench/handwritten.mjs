// What a team writes in an afternoon: ids in an AsyncLocalStorage, spans as plain objects, one JSON line each, thrown away.
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes, randomFillSync } from 'node:crypto'

/** @typedef {'randomBytes' | 'pooled'} IdSource */

const POOL_BYTES = 4096

/** @type {Readonly<Record<IdSource, () => (bytes: number) => string>>} */
const ID_SOURCES = { randomBytes: () => (bytes) => randomBytes(bytes).toString('hex'), pooled: createPool }

function createPool() {
  const pool = Buffer.alloc(POOL_BYTES)
  let offset = POOL_BYTES
  return function takeId(/** @type {number} */ bytes) {
    if (offset + bytes > POOL_BYTES) {
      randomFillSync(pool)
      offset = 0
    }
    offset += bytes
    return pool.toString('hex', offset - bytes, offset)
  }
}

export class HandwrittenTracer {
  /** @type {AsyncLocalStorage<any>} */
  storage = new AsyncLocalStorage()
  exported = 0
  bytes = 0
  #newId

  /** @param {IdSource} source */
  constructor(source) {
    this.#newId = ID_SOURCES[source]()
  }

  /**
   * @param {string} name
   * @param {string} [receivedTraceId]
   */
  startSpan(name, receivedTraceId) {
    const parent = this.storage.getStore()
    return {
      traceId: parent?.traceId ?? receivedTraceId ?? this.#newId(16),
      spanId: this.#newId(8),
      parentSpanId: parent?.spanId,
      name,
      startedAt: Date.now(),
      started: performance.now(),
      duration: 0,
      attributes: {},
      error: /** @type {string | undefined} */ (undefined),
    }
  }

  /** @param {ReturnType<HandwrittenTracer['startSpan']>} span */
  endSpan(span) {
    span.duration = performance.now() - span.started
    this.bytes += JSON.stringify(span).length
    this.exported++
  }

  /** @type {import('./request/order.mjs').WithSpan} */
  withSpan = (name, fn) => {
    const span = this.startSpan(name)
    let result
    try {
      result = this.storage.run(span, fn)
    } catch (error) {
      this.#fail(span, error)
      throw error
    }
    if (result instanceof Promise) return this.#endWith(span, result)
    this.endSpan(span)
    return result
  }

  /**
   * @param {ReturnType<HandwrittenTracer['startSpan']>} span
   * @param {Promise<any>} promise
   */
  async #endWith(span, promise) {
    try {
      const value = await promise
      this.endSpan(span)
      return value
    } catch (error) {
      this.#fail(span, error)
      throw error
    }
  }

  /**
   * @param {ReturnType<HandwrittenTracer['startSpan']>} span
   * @param {unknown} error
   */
  #fail(span, error) {
    span.error = String(error)
    this.endSpan(span)
  }
}
