// The samples of all rounds as a table.
import { median, percentile } from '../statistics.mjs'
import { format, formatRange, printTable } from '../table.mjs'
import { VARIANTS } from './variants.mjs'

/** @typedef {import('./run.mjs').Result} Result */

const HEAD = ['variant', 'CPU us/req', '+us p25 [rounds]', "of OTel's", 'req/s', 'busy', 'RSS MB']
/** What each row is compared with. */
const PEERS = { 'clew-1': 'otel-1', 'otel-1': 'otel-1' }

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
  const samples = own.flatMap((result) => result.samples)
  const added = addedMicros(name, results)
  const peer = name === 'bare' ? [] : addedMicros(PEERS[/** @type {keyof typeof PEERS} */ (name)] ?? 'otel', results)
  return [
    VARIANTS[name]?.title ?? name,
    format(median(samples.map(microsPerRequest)), 1),
    name === 'bare' ? '-' : formatRange(median(added), added),
    format(median(added) / median(peer), 2),
    format(median(own.map((result) => result.requestsPerSecond))),
    format(median(samples.map((sample) => sample.cpuMicros / 1000 / sample.wallMs)), 2),
    format(median(own.map((result) => result.rssBytes / 2 ** 20))),
  ]
}

/**
 * Per round: the 25th percentile of the samples, which the noise of a shared machine spares, less that of the bare server.
 *
 * @param {string} name
 * @param {Result[]} results
 */
function addedMicros(name, results) {
  return results
    .filter((result) => result.variant === name)
    .map((result) => quarter(result) - quarter(results.find((other) => other.variant === 'bare' && other.round === result.round)))
}

/** @param {Result | undefined} result */
function quarter(result) {
  return percentile((result?.samples ?? []).map(microsPerRequest), 0.25)
}

/** @param {import('./server.mjs').Sample} sample */
function microsPerRequest({ cpuMicros, requests }) {
  return cpuMicros / requests
}
