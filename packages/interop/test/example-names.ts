// What the names mean that the examples in the doc blocks of this package use and do not make. They are run by scripts/test/examples.test.ts.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { memoryExporter } from '@clew/core'
import type { Exporter } from '@clew/core'

export const request: { json(): Promise<unknown> } = { json: () => Promise.resolve({ resourceSpans: [] }) }
export const store: Exporter = memoryExporter()
export const signal: AbortSignal = AbortSignal.timeout(60_000)
export const setImmediate: typeof nextTurn = nextTurn
