// What the trace's ids cost in a log line.
import { median } from '../statistics.mjs'
import { format, formatRange, printTable } from '../table.mjs'
import { measureRounds } from '../workers.mjs'

const DEFAULT_ROUNDS = 5
const TITLES = {
  bare: 'bare pino',
  mixin: 'mixin of one’s own: trace_id and span_id from an AsyncLocalStorage',
  clew: 'createLogger of @clew/pino',
  record: 'createLogger({ record })',
  'quiet-bare': 'a debug line that is not written: bare pino',
  'quiet-clew': 'the same: createLogger',
  'quiet-record': 'the same, recorded: createLogger({ record })',
}

/** @param {{ node: import('../machine.mjs').NodeBinary, rounds?: number | undefined }} options */
export async function runPino({ node, rounds = DEFAULT_ROUNDS }) {
  const variants = Object.keys(TITLES)
  const results = await measureRounds({ file: new URL('worker.mjs', import.meta.url), variants, node: node.path, rounds })
  const bare = results.get('bare')?.['line'] ?? []
  const rows = Object.entries(TITLES).map(([name, title]) => toRow(title, results.get(name)?.['line'] ?? [], bare))
  printTable('pino, a line inside a context, to a stream that drops it', ['variant', 'ns/line', '+ns [rounds]'], rows)
}

/**
 * @param {string} title
 * @param {number[]} own
 * @param {number[]} bare
 */
function toRow(title, own, bare) {
  const added = own.map((value, round) => value - (bare[round] ?? Number.NaN))
  return [title, format(median(own)), own === bare ? '-' : formatRange(median(added), added, 0)]
}
