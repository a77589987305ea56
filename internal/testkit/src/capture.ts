import {
  createTracer,
  type MemoryExporter,
  memoryExporter,
  type SpanData,
  type TraceError,
  type Tracer,
  type TracerOptions,
} from '@clew/core'

/** A tracer whose spans and errors can be read back. */
export interface Capture extends AsyncDisposable {
  readonly tracer: Tracer
  readonly exporter: MemoryExporter
  /** What was reported to `onError`. */
  readonly errors: readonly TraceError[]
  /** The spans that have ended, in that order; waits until there are `count`. */
  ended(count: number): Promise<readonly SpanData[]>
}

const DEADLINE_MS = 5_000

/**
 * Makes a tracer that is not the default one, samples everything and exports to memory.
 *
 * @example
 * await using capture = captureSpans({ service: 'orders' })
 * capture.tracer.withSpan('work', () => {})
 * const [span] = await capture.ended(1)
 */
export function captureSpans(options: TracerOptions = {}): Capture {
  const exporter = memoryExporter()
  const errors: TraceError[] = []
  const spans: SpanData[] = []
  const waiting = new Set<() => void>()
  const tracer = createTracer({
    service: 'test',
    exporter,
    sampling: { maxTracesPerSecond: Infinity },
    flushOnExit: false,
    default: false,
    ...options,
    onError: (error) => void errors.push(error),
    onSpanEnd(span) {
      spans.push(span)
      waiting.forEach((check) => check())
    },
  })

  function ended(count: number): Promise<readonly SpanData[]> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(giveUp, DEADLINE_MS)
      waiting.add(check)
      check()

      function check(): void {
        if (spans.length < count) return
        settle()
        resolve([...spans])
      }
      function giveUp(): void {
        settle()
        reject(new Error(`Only ${spans.length} of ${count} spans ended: ${spans.map((span) => span.name).join(', ')}`))
      }
      function settle(): void {
        clearTimeout(timer)
        waiting.delete(check)
      }
    })
  }

  return { tracer, exporter, errors, ended, [Symbol.asyncDispose]: () => tracer.shutdown() }
}
