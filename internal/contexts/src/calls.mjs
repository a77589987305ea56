// Requests without a server: each runs in a span of its own, twenty at once.
import { getTraceId } from '@clew/core'
import { captureSpans } from '@clew/testkit'

const CALLERS = 20
const DEADLINE_MS = 15_000

/**
 * @typedef {object} LibraryRow
 * @property {(note: (label: string) => void, kit: any) => Promise<unknown>} call what a request does; it calls `note` wherever it should be itself
 * @property {(servers: { redis?: string, postgres?: string }) => unknown} [setup] outside of every request; `close()` of it is called afterwards
 * @property {'redis' | 'postgres'} [needs]
 * @property {number} [callers] Default: 20
 */

/**
 * Runs a row twice, for what is opened by the first request (cold) and what is there already (warm), and tells which callbacks saw no
 * context or another request's.
 *
 * @param {LibraryRow} row @param {any} servers @param {<F extends (...args: never[]) => unknown>(fn: F) => F} keep
 */
export async function runCalls(row, servers, keep) {
  const given = await row.setup?.(servers)
  const capture = captureSpans()
  /** @type {Record<string, string[]>} */
  const strays = {}
  try {
    for (const wave of ['cold', 'warm']) await Promise.all(Array.from({ length: row.callers ?? CALLERS }, () => callOnce(wave)))
  } finally {
    await given?.close?.()
    await capture[Symbol.asyncDispose]()
  }
  return Object.fromEntries(Object.entries(strays).map(([label, seen]) => [label, `${seen.length}: ${[...new Set(seen)].join(', ')}`]))

  function callOnce(wave) {
    return capture.tracer.withSpan('request', { parent: null }, async () => {
      const own = getTraceId()
      let count = 0
      await beforeDeadline(row.call(note, { ...given, given, keep }))
      note('awaited')
      if (count < 2) throw new Error('No callback was called')

      function note(label) {
        count++
        const seen = getTraceId()
        if (seen !== own) (strays[`${wave} ${label}`] ??= []).push(seen === undefined ? 'lost' : 'another')
      }
    })
  }
}

/** @param {Promise<unknown>} promise */
async function beforeDeadline(promise) {
  let timer
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`It was not done after ${DEADLINE_MS} ms`)), DEADLINE_MS)
  })
  try {
    await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * A promise for a function that ends by calling back.
 *
 * @param {(done: (value?: unknown) => void, fail: (error: unknown) => void) => void} begin
 * @returns {Promise<any>}
 */
export function promised(begin) {
  return new Promise(begin)
}
