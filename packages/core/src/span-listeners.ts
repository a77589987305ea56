import { redactSpan } from './redact-span.js'
import type { Redaction } from './redaction.js'
import type { SpanData, SpanKind } from './span-data.js'
import { callUser } from './user-callback.js'

/**
 * Called with every ended span, sensitive values masked, and with what it was failed with: an exception stands among the events of the span
 * where it happened and nowhere else. `failure` is as it was thrown, not masked; `mask` masks a text of it, by the rules of the span's tracer.
 */
export type SpanListener = (span: SpanData, failure?: unknown, mask?: (name: string, text: string) => string) => void

/** What spans were failed with. */
export const failures: WeakMap<SpanData, unknown> = new WeakMap()

interface Subscription {
  readonly listener: SpanListener
  readonly kinds: readonly SpanKind[] | undefined
}

const KEY: symbol = Symbol.for('clew.listeners.1')
/** Shared by the copies of this package in a process. */
const subscriptions: Set<Subscription> = ((globalThis as unknown as Record<symbol, Set<Subscription> | undefined>)[KEY] ??= new Set())

/**
 * Calls `listener` with every span that ends in this process, of whichever tracer, or with those of `kinds` alone.
 * Returns a function that ends the subscription. What the listener throws is reported to `onError`.
 *
 * @example
 * const stop = onSpanEnd((span) => console.log(span.name, span.duration), ['server'])
 */
export function onSpanEnd(listener: SpanListener, kinds?: readonly SpanKind[]): () => void {
  const subscription = { listener, kinds }
  subscriptions.add(subscription)
  return () => void subscriptions.delete(subscription)
}

/** Who is told of ended spans beside the listeners of the process, and how. */
export interface SpanAudience {
  readonly redaction: Redaction
  readonly onSpanEnd: ((span: SpanData) => void) | undefined
  readonly onThrow: (error: unknown) => void
}

/** Tells the listeners and the tracer's own callback; costs nothing where there are none. */
export function notifySpanEnd(span: SpanData, { redaction, onSpanEnd: own, onThrow }: SpanAudience): void {
  if (own === undefined && subscriptions.size === 0) return
  const listeners: SpanListener[] = own === undefined ? [] : [own]
  for (const { listener, kinds } of subscriptions) if (kinds === undefined || kinds.includes(span.kind)) listeners.push(listener)
  if (listeners.length === 0) return
  const masked = redactSpan(span, redaction)
  const failure = failures.get(span)
  const mask = (name: string, text: string): string => redaction.text(name, text)
  for (const listener of listeners) callUser(() => listener(masked, failure, mask), onThrow)
}
