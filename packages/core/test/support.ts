import { memoryExporter, type MemoryExporter } from '../src/memory-exporter.js'
import type { TraceError } from '../src/errors.js'
import type { TracerOptions } from '../src/options.js'
import { buildTracer, type ClewTracer } from '../src/tracer.js'
import { resetDefaultTracer } from '../src/default-tracer.js'
import { createTracer } from '../src/default-tracer.js'

/** A clock that moves when it is told to. */
export function manualClock(startMs = Date.UTC(2026, 0, 1)): {
  now(): number
  monotonic(): number
  advance(ms: number): void
  setWall(ms: number): void
} {
  let monotonic = 1000
  let offset = startMs - monotonic
  return {
    now: () => Math.floor(monotonic + offset),
    monotonic: () => monotonic,
    advance: (ms) => void (monotonic += ms),
    setWall: (ms) => void (offset = ms - monotonic),
  }
}

export interface TestTracer extends AsyncDisposable {
  readonly tracer: ClewTracer
  readonly exporter: MemoryExporter
  readonly errors: TraceError[]
}

/** A tracer with everything observable, not the default one. */
export function testTracer(options: TracerOptions = {}): TestTracer {
  const exporter = memoryExporter()
  const errors: TraceError[] = []
  const tracer = buildTracer({ service: 'test', exporter, flushOnExit: false, onError: (error) => void errors.push(error), ...options })
  return { tracer, exporter, errors, [Symbol.asyncDispose]: () => tracer.shutdown() }
}

/** The same as the default tracer of the process. */
export function defaultTestTracer(options: TracerOptions = {}): TestTracer {
  resetDefaultTracer()
  const exporter = memoryExporter()
  const errors: TraceError[] = []
  const tracer = createTracer({
    service: 'test',
    exporter,
    flushOnExit: false,
    onError: (error) => void errors.push(error),
    ...options,
  }) as ClewTracer
  return {
    tracer,
    exporter,
    errors,
    async [Symbol.asyncDispose]() {
      await tracer.shutdown()
      resetDefaultTracer()
    },
  }
}
