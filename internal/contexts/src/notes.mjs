// What the callbacks of each request saw.
import { getTraceId } from '@clew/core'

const DEADLINE_MS = 10_000

/** @typedef {{ label: string, own: string, seen: string | undefined }} Note `own` is the trace id that the caller sent, `seen` the active one */

/** Collects, over many requests, which trace id was active where. */
export class Notes {
  /** @type {Note[]} */
  #notes = []
  /** @type {Map<string, Set<string>>} */
  #labels = new Map()
  #check = () => {}

  /**
   * To be called in the callback that is under test.
   *
   * @param {string} own @param {string} label
   */
  add(own, label) {
    this.#notes.push({ label, own, seen: getTraceId() })
    const labels = this.#labels.get(own) ?? new Set()
    this.#labels.set(own, labels.add(label))
    this.#check()
  }

  /**
   * Waits until every request has been in every one of these callbacks. Rejects where that does not come about.
   *
   * @param {readonly string[]} ids @param {readonly string[]} labels
   * @returns {Promise<void>}
   */
  complete(ids, labels) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const missing = ids.flatMap((id) => labels.filter((label) => !this.#labels.get(id)?.has(label)))
        const named = [...new Set(missing)].map((label) => `${label} (${missing.filter((other) => other === label).length} times)`)
        reject(new Error(`Of ${ids.length} requests, these were never called: ${named.join(', ')}`))
      }, DEADLINE_MS)
      this.#check = () => {
        if (!ids.every((id) => labels.every((label) => this.#labels.get(id)?.has(label)))) return
        clearTimeout(timer)
        resolve()
      }
      this.#check()
    })
  }

  /** The callbacks that ran in no context, or in another request's: by label, how often, and how often at all. */
  strays() {
    /** @type {Record<string, string>} */
    const strays = {}
    for (const label of new Set(this.#notes.map((note) => note.label))) {
      const notes = this.#notes.filter((note) => note.label === label)
      const lost = notes.filter(({ seen }) => seen === undefined).length
      const others = notes.filter(({ seen, own }) => seen !== undefined && seen !== own).length
      if (lost + others > 0) strays[label] = `${lost} lost and ${others} of other requests, of ${notes.length}`
    }
    return strays
  }
}
