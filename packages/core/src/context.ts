import type { AsyncLocalStorage as Storage } from 'node:async_hooks'
import { AsyncLocalStorage } from './builtins.js'
import type { Span } from './span.js'

/** What travels with the flow of control. A record is never changed; a new one takes its place. */
export interface Context {
  /** The active span. */
  readonly span: Span | undefined
  /** The local root of the segment: what tells one request from another. */
  readonly root: Span | undefined
  /** The `baggage` header as it travels. */
  readonly baggage: string | undefined
  /** True inside `suppressTracing`: nothing is recorded and no ids are sent. */
  readonly suppressed: boolean
  /** Values of other owners, by symbol. */
  readonly values: Readonly<Record<symbol, unknown>> | undefined
}

const KEY: symbol = Symbol.for('clew.context.1')
const registry = globalThis as unknown as Record<symbol, Storage<Context> | undefined>

/** The one storage of the process; copies of this package share it. */
export const contextStorage: Storage<Context> = (registry[KEY] ??= new AsyncLocalStorage<Context>())

/** The context of a span that becomes active within `outer`. What `suppressTracing` encloses stays suppressed. */
export function contextWith(span: Span, root: Span, outer: Context | undefined): Context {
  return { span, root, baggage: outer?.baggage, suppressed: outer?.suppressed ?? false, values: outer?.values }
}
