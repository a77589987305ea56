// The turns of all rounds as a table.
import { median } from '../statistics.mjs'
import { format, formatRange, printTable } from '../table.mjs'
import { pairDifferences } from '../turns.mjs'
import { VARIANTS } from './variants.mjs'

/** @typedef {import('./run.mjs').Result} Result */

const HEAD = ['variant', 'CPU us/req', '+us [rounds]', "of OTel's", 'req/s', 'busy', 'RSS MB']

/**
 * @param {string} framework
 * @param {Result[]} results
 */
export function printRequestTable(framework, results) {
  const names = [...new Set(results.map((result) => result.variant))]
  printTable(
    `request, ${framework}`,
    HEAD,
    names.map((name) => toRow(name, results)),
  )
}

/**
 * @param {string} name
 * @param {Result[]} results
 */
function toRow(name, results) {
  const own = results.filter((result) => result.variant === name)
  const turns = own.flatMap((result) => result.turns)
  const added = addedMicros(name, results)
  const peer = addedMicros(name.endsWith('-1') ? 'otel-1' : 'otel', results)
  return [
    VARIANTS[name]?.title ?? name,
    format(median(turns.map((turn) => turn.cpuMicros)), 1),
    name === 'bare' ? '-' : formatRange(median(added), added),
    name === 'bare' ? '-' : format(median(added) / median(peer), 2),
    format(median(turns.map((turn) => turn.requestsPerSecond))),
    format(median(turns.map((turn) => turn.busy)), 2),
    format(median(own.map((result) => result.rssBytes / 2 ** 20))),
  ]
}

/**
 * Per round: the median of what the turns took beyond those of the bare server beside them.
 *
 * @param {string} name
 * @param {Result[]} results
 */
function addedMicros(name, results) {
  return results
    .filter((result) => result.variant === name)
    .map((result) => median(pairDifferences(perRequest(result), perRequest(bareOf(result, results)))))
}

/**
 * @param {Result} result
 * @param {Result[]} results
 */
function bareOf({ round }, results) {
  return results.find((other) => other.variant === 'bare' && other.round === round)
}

/** @param {Result | undefined} result */
function perRequest(result) {
  return (result?.turns ?? []).map((turn) => turn.cpuMicros)
}
