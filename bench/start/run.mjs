// What tracing adds to the start of a service, and to its installation.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { pinTo } from '../machine.mjs'
import { median } from '../statistics.mjs'
import { format, printTable } from '../table.mjs'
import { measureInstall } from './install.mjs'
import { PACKAGES } from './programs.mjs'

const DEFAULT_ROUNDS = 9
const HEAD = ['variant', 'CPU ms, least', 'median', '+ms, least', '+ms, median', 'modules', 'packages', 'MB']
const TITLES = { framework: 'the framework alone', clew: 'clew', otel: 'OpenTelemetry JS' }
/** @typedef {{ cpuMs: number, modules: number | undefined }} Start */

/** @param {import('../options.mjs').BenchOptions & { node: import('../machine.mjs').NodeBinary }} options */
export async function runStart({ node, frameworks, rounds = DEFAULT_ROUNDS }) {
  for (const framework of frameworks) {
    const runs = measureRounds(framework, node.path, rounds)
    const rows = Object.entries(TITLES).map(([variant, title]) => {
      const { modules } = runProgram(framework, variant, [node.path, '--import', modulePath('count-modules.mjs')])
      return [title, ...toFigures(runs, variant), format(modules), ...describeInstall(framework, variant)]
    })
    printTable(`start, ${framework}`, HEAD, rows)
  }
}

/**
 * @param {string} framework
 * @param {string} node
 * @param {number} rounds
 */
function measureRounds(framework, node, rounds) {
  /** @type {Record<string, number[]>} */
  const runs = {}
  for (let round = 0; round < rounds; round++)
    for (const variant of Object.keys(TITLES)) (runs[variant] ??= []).push(runProgram(framework, variant, [...pinTo(0), node]).cpuMs)
  return runs
}

/**
 * @param {string} framework
 * @param {string} variant
 * @param {string[]} runner
 * @returns {Start}
 */
function runProgram(framework, variant, runner) {
  const [command = '', ...args] = [...runner, modulePath(`programs/${framework}-${variant}.mjs`)]
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${framework}/${variant} did not start: ${stderr}`)
  return JSON.parse(stdout)
}

/** @param {string} name */
function modulePath(name) {
  return fileURLToPath(new URL(name, import.meta.url))
}

/**
 * @param {Record<string, number[]>} runs
 * @param {string} variant
 */
function toFigures(runs, variant) {
  const own = runs[variant] ?? []
  const base = runs['framework'] ?? []
  const added = variant === 'framework' ? undefined : Math.min(...own) - Math.min(...base)
  const typical = variant === 'framework' ? undefined : median(own.map((value, round) => value - (base[round] ?? Number.NaN)))
  return [Math.min(...own), median(own), added, typical].map((value) => format(value, 1))
}

/**
 * @param {string} framework
 * @param {string} variant
 */
function describeInstall(framework, variant) {
  const { packages, bytes } = measureInstall(PACKAGES[framework]?.[variant] ?? [])
  return variant === 'framework' ? ['-', '-'] : [format(packages), format(bytes / 1e6, 2)]
}
