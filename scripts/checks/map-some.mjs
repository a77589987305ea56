const AT_ONCE = 2

/**
 * Like `Promise.all` over `map`, two at a time.
 *
 * @template T, R
 * @param {readonly T[]} items
 * @param {(item: T) => Promise<R>} fn
 * @returns {Promise<R[]>}
 */
export async function mapSome(items, fn) {
  /** @type {R[]} */
  const results = []
  const queue = [...items.entries()]
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await fn(next[1])
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return results
}
