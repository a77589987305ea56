import { TraceError } from './errors.js'
import type { TracerOptions } from './options.js'
import { buildTracer, type Tracer, type TracerPort } from './tracer.js'

interface DefaultTracer {
  tracer: TracerPort | undefined
  /** False for the one made at first use because nobody had made one. */
  explicit: boolean
  /** What adapters were given. */
  offered: TracerOptions | undefined
}

const KEY: symbol = Symbol.for('clew.tracer.1')
/** Shared by the copies of this package in a process. */
const current: DefaultTracer = ((globalThis as unknown as Record<symbol, DefaultTracer | undefined>)[KEY] ??= {
  tracer: undefined,
  explicit: false,
  offered: undefined,
})

/**
 * Makes a tracer. The first one made becomes the default that `withSpan`, the adapters and the logger use; `default: false` opts out.
 *
 * Throws a `TraceError` with `INVALID_OPTION` where an option cannot be used.
 *
 * @example
 * const tracer = createTracer({ service: 'orders', sampling: { rate: 0.1 } })
 */
export function createTracer(options?: TracerOptions): Tracer {
  const tracer = buildTracer(options)
  if (options?.default === false || (current.explicit && current.tracer?.closed === false)) return tracer
  const replaced = current.tracer
  current.tracer = tracer
  current.explicit = true
  if (replaced?.used)
    tracer.report(
      new TraceError(
        'DEFAULT_REPLACED',
        'createTracer() replaced a default tracer that had already recorded spans; call it before the first request',
      ),
    )
  if (replaced) void replaced.shutdown()
  return tracer
}

/** The options that a default tracer is made with where nobody makes one; the first that are offered count. */
export function offerDefaultOptions(options: TracerOptions): void {
  if (Object.keys(options).length > 0) current.offered ??= options
}

/**
 * The default tracer; where there is none, one is made.
 *
 * @example
 * await getDefaultTracer().flush({ timeoutMs: 500 })
 */
export function getDefaultTracer(): TracerPort {
  current.tracer ??= buildTracer(current.offered)
  return current.tracer
}

/**
 * Forgets the default tracer, so that the next one made takes its place. For tests.
 *
 * @example
 * afterEach(() => resetDefaultTracer())
 */
export function resetDefaultTracer(): void {
  current.tracer = undefined
  current.explicit = false
  current.offered = undefined
}
