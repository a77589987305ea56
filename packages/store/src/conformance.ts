import { describe } from 'vitest'
import type { UseStore } from './conformance/builders.js'
import { testErrors } from './conformance/errors.js'
import { testGenerated } from './conformance/generated.js'
import { testLookups } from './conformance/lookups.js'
import { testQueries } from './conformance/queries.js'
import { testWriting } from './conformance/writing.js'
import type { TraceStore } from './contract.js'

/** The store to be tested. */
export interface StoreUnderTest {
  /** Heads the report. */
  readonly name: string
  /** Makes a new, empty store that retains at least 24 hours and 64 MiB. Each test closes its own. */
  readonly create: () => TraceStore | Promise<TraceStore>
}

/**
 * Registers the tests (vitest) that every `TraceStore` passes: by hand-made traces, and by generated ones whose answers are compared
 * with those of a plain search over every span. The seeds are fixed and part of the tests' names.
 *
 * @example
 * // test/memory-store.conformance.test.ts
 * testTraceStore({ name: 'memoryStore', create: () => memoryStore() })
 */
export function testTraceStore({ name, create }: StoreUnderTest): void {
  const useStore: UseStore = (test) => async () => {
    const store = await create()
    try {
      await test(store)
    } finally {
      await store.close()
    }
  }
  describe(`${name} is a TraceStore`, () => {
    testWriting(useStore)
    testLookups(useStore)
    testQueries(useStore)
    testErrors(useStore)
    testGenerated(useStore)
  })
}
