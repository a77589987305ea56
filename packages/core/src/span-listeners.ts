import { redactSpan } from './redact-span.js'
import type { SpanData } from './span-data.js'

/** Called with every ended span, sensitive values masked. */
export type SpanListener = (span: SpanData) => void

const KEY: symbol = Symbol.for('clew.listeners.1')
/** Shared by the copies of this package in a process. */
const listeners: Set<SpanListener> = ((globalThis as unknown as Record<symbol, Set<SpanListener> | undefined>)[KEY] ??= new Set())

/**
 * Calls `listener` with every span that ends in this process, of whichever tracer; returns a function that ends the subscription.
 *
 * @example
 * const stop = onSpanEnd((span) => histogram.record(span.duration))
 */
export function onSpanEnd(listener: SpanListener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Tells the listeners and the tracer's own callback; costs nothing where there are none. */
export function notifySpanEnd(span: SpanData, own: SpanListener | undefined, onThrow: (error: unknown) => void): void {
  if (own === undefined && listeners.size === 0) return
  const masked = redactSpan(span)
  for (const listener of own ? [own, ...listeners] : listeners) {
    try {
      listener(masked)
    } catch (error) {
      onThrow(error)
    }
  }
}
