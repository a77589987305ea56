// The table of where the context of a request is kept: every declared row has to have been tested on every target and Node.
import { relative } from 'node:path'
import { SECTIONS, majorOf } from '../../internal/contexts/rows.mjs'
import { ROOT } from '../workspace.mjs'

/** @typedef {import('./vitest.mjs').FileReport} FileReport */
/** @typedef {{ version: string, files: FileReport[] }} NodeReport */

const SUITES = 'internal/contexts/suites/'
const MARKS = { kept: '+', bind: 'b', carry: 'c' }
const LEGEND = `+ kept, b kept with bind, c carried on by continueTrace, - skipped, . not on this Node, X failed, ? missing`

/**
 * The table, and a line per row that is missing or was skipped.
 *
 * @param {NodeReport[]} reports one per Node
 */
export function judgeContexts(reports) {
  const results = reports.map(({ version, files }) => ({ version, found: readResults(files) }))
  const cells = SECTIONS.flatMap(({ targets, rows }) =>
    rows.map((row) => ({ row, targets, marks: results.map((result) => markRow(row, targets, result)) })),
  )
  const width = Math.max(...cells.map(({ row }) => row.name.length))
  const lines = SECTIONS.flatMap((section) => [
    '',
    `${section.title.padEnd(width)}  ${section.targets.join(', ')}; Node ${reports.map(({ version }) => version).join(', ')}`,
    ...cells.filter(({ row }) => section.rows.includes(row)).map(({ row, marks }) => `${row.name.padEnd(width)}  ${marks.join('  ')}`),
  ])
  return { table: [LEGEND, ...lines].join('\n'), missing: results.flatMap(listMissing), skipped: results.flatMap(listSkipped) }
}

/**
 * The status of each test, by target and name.
 *
 * @param {FileReport[]} files
 * @returns {Map<string, string>}
 */
function readResults(files) {
  const suites = files.filter(({ name }) => relative(ROOT, name).startsWith(SUITES))
  const tests = suites.flatMap(({ assertionResults }) => assertionResults)
  return new Map(
    tests.map(({ ancestorTitles, title, status }) => [`${title.replace(/ \(skipped: .*/, '')} ${ancestorTitles.join(' ')}`, status]),
  )
}

/** @typedef {{ version: string, found: Map<string, string> }} Result */
/** @typedef {import('../../internal/contexts/rows.mjs').Row} Row */

/**
 * @param {Row} row
 * @param {readonly string[]} targets
 * @param {Result} result
 */
function markRow(row, targets, { version, found }) {
  if (isTooOld(row, version)) return '.'.repeat(targets.length)
  return targets.map((target) => markOf(row, found.get(nameOf(target, row)))).join('')
}

/** @param {string} target @param {Row} row */
function nameOf(target, { name }) {
  return `${name} on ${target}`
}

/** @param {Row} row @param {string | undefined} status */
function markOf({ verdict }, status) {
  if (status === undefined) return '?'
  if (status === 'passed') return MARKS[verdict]
  return status === 'failed' ? 'X' : '-'
}

/** @param {Row} row @param {string} version */
function isTooOld({ since = 0 }, version) {
  return majorOf(version) < since
}

/** @param {Result} result */
function listMissing({ version, found }) {
  return listExpected(version)
    .filter((name) => !found.has(name))
    .map((name) => `Node ${version}: nothing has tested ${name}`)
}

/** @param {Result} result */
function listSkipped({ version, found }) {
  return listExpected(version)
    .filter((name) => found.has(name) && !['passed', 'failed'].includes(found.get(name) ?? ''))
    .map((name) => `Node ${version}: ${name} was skipped`)
}

/** @param {string} version */
function listExpected(version) {
  return SECTIONS.flatMap(({ targets, rows }) =>
    rows.filter((row) => !isTooOld(row, version)).flatMap((row) => targets.map((target) => nameOf(target, row))),
  )
}
