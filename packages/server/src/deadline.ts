import { TraceError } from '@clew/core'
import type { TraceStore } from '@clew/store'

/** What a store is asked. */
export type StoreQueries = Pick<TraceStore, 'getTrace' | 'findTraces' | 'services' | 'operations' | 'slowest' | 'errors' | 'health'>

/**
 * What `ask` gives, whether or not it heeds the signal. Rejects with a `TraceError`, `STORE_TIMEOUT`, when that takes longer than
 * `timeoutMs`.
 */
export function askInTime<T>(ask: (signal: AbortSignal) => Promise<T>, timeoutMs: number): Promise<T> {
  const controller = new AbortController()
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const error = new TraceError('STORE_TIMEOUT', `The store did not answer within ${timeoutMs} ms`)
      reject(error)
      controller.abort(error)
    }, timeoutMs).unref()
    const answered = (async () => ask(controller.signal))()
    void answered.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** The queries of a store, each within `timeoutMs`. */
export function limitQueries(store: StoreQueries, timeoutMs: number): StoreQueries {
  const inTime = <T>(ask: () => Promise<T>): Promise<T> => askInTime(ask, timeoutMs)
  return {
    getTrace: (id) => inTime(() => store.getTrace(id)),
    findTraces: (query) => inTime(() => store.findTraces(query)),
    services: () => inTime(() => store.services()),
    operations: (service) => inTime(() => store.operations(service)),
    slowest: (query) => inTime(() => store.slowest(query)),
    errors: (query) => inTime(() => store.errors(query)),
    health: () => inTime(() => store.health()),
  }
}
