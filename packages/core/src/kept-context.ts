import type { EventEmitter } from 'node:events'
import { type Context, contextStorage } from './context.js'

/**
 * Runs the listeners of a request or response in the request's context: events of sockets arrive outside of it
 * (a body without a parser, aborts, pipelined responses). Listeners that are called in it already cost one comparison.
 */
export function keepContext(emitter: EventEmitter, context: Context, onEvent?: (event: string | symbol) => void): void {
  const emit = emitter.emit
  emitter.emit = function tracedEmit(this: EventEmitter, ...args: [string | symbol, ...unknown[]]) {
    try {
      if (contextStorage.getStore()?.root === context.root || this.listenerCount(args[0]) === 0) return Reflect.apply(emit, this, args)
      return contextStorage.run(context, () => Reflect.apply(emit, this, args))
    } finally {
      onEvent?.(args[0])
    }
  }
}
