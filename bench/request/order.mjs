// What the route does, whoever traces it: 69 bytes of JSON after one awaited setImmediate, or 100 ms later.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

/** An order of this id takes as long as a database that has work to do. */
export const WAITING_ID = 'waiting'
const WAIT_MS = 100

/** @typedef {(name: string, fn: () => any) => any} WithSpan runs `fn` in a span and returns what it returns */

/**
 * @param {string} id
 * @param {WithSpan} withSpan
 */
export function readOrder(id, withSpan) {
  return withSpan('load order', () =>
    withSpan('SELECT orders', async () => {
      await (id === WAITING_ID ? sleep(WAIT_MS) : nextTurn())
      return { id, status: 'shipped', total: 129, currency: 'EUR', items: 3 }
    }),
  )
}
