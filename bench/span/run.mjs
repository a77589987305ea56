// What one span costs from start to end, active in a callback.
import { median } from '../statistics.mjs'
import { format, formatRange, printTable } from '../table.mjs'
import { measureRounds } from '../workers.mjs'

const DEFAULT_ROUNDS = 5
const HEAD = ['variant', 'sync ns/span [rounds]', 'async ns/span [rounds]', "sync of OTel's", "async of OTel's"]
const TITLES = {
  bare: 'bare (three nested calls)',
  handwritten: 'hand-written, randomBytes ids',
  pooled: 'hand-written, pooled ids',
  otel: 'OpenTelemetry JS',
  clew: 'clew',
}

/** @param {{ node: import('../machine.mjs').NodeBinary, rounds?: number | undefined }} options */
export async function runSpan({ node, rounds = DEFAULT_ROUNDS }) {
  const variants = Object.keys(TITLES)
  const results = await measureRounds({ file: new URL('worker.mjs', import.meta.url), variants, node: node.path, rounds })
  const rows = variants.map((name) => toRow(name, results.get(name) ?? {}, results.get('otel') ?? {}))
  printTable('span, of a trace of three', HEAD, rows)
}

/**
 * @param {string} name
 * @param {Record<string, number[]>} own
 * @param {Record<string, number[]>} peer
 */
function toRow(name, { sync = [], async = [] }, peer) {
  return [
    TITLES[/** @type {keyof typeof TITLES} */ (name)],
    formatRange(median(sync), sync, 0),
    formatRange(median(async), async, 0),
    format(median(sync) / median(peer.sync ?? []), 2),
    format(median(async) / median(peer.async ?? []), 2),
  ]
}
