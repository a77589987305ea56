import type { EventEmitter } from 'node:events'
import { type Context, contextStorage } from './context.js'

/**
 * Runs the listeners of a request or response in the request's context: events of sockets arrive outside of it
 * (a body without a parser, aborts, pipelined responses). Listeners that are called in it already cost one comparison, and those
 * that Node itself had added before as little.
 */
export function keepContext(emitter: EventEmitter, context: Context, onEvent?: (event: string | symbol) => void): void {
  const emit = emitter.emit
  const finishing = emitter.listenerCount('finish')
  emitter.emit = function tracedEmit(this: EventEmitter, ...args: [string | symbol, ...unknown[]]) {
    const [name] = args
    try {
      if (contextStorage.getStore()?.root === context.root || this.listenerCount(name) <= (name === 'finish' ? finishing : 0))
        return Reflect.apply(emit, this, args)
      return contextStorage.run(context, Reflect.apply, emit, this, args) as boolean
    } finally {
      onEvent?.(name)
    }
  }
}
