// What the signatures of @clew/store/conformance allow and refuse. It is compiled, never run.
import { expectTypeOf } from 'vitest'
import { testTraceStore } from '../../src/conformance.js'
import type { StoreUnderTest } from '../../src/conformance.js'
import { memoryStore, openStore } from '../../src/index.js'

expectTypeOf(testTraceStore({ name: 'memory', create: () => memoryStore() })).toEqualTypeOf<void>()
export const later: StoreUnderTest = { name: 'opened', create: () => openStore('memory:') }
// @ts-expect-error each test makes a store of its own
testTraceStore({ name: 'memory', create: memoryStore() })
// @ts-expect-error it heads the report
testTraceStore({ create: () => memoryStore() })
