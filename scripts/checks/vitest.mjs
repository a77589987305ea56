// Runs vitest and counts from its own report.
import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { listNodes } from '../../internal/nodes/list-nodes.mjs'
import { ensureChromium } from '../find-chromium.mjs'
import { run } from '../run.mjs'
import { makeTempFolder } from '../temp-folder.mjs'
import { ROOT, inRoot } from '../workspace.mjs'
import { addUp, judge } from './outcome.mjs'

/** @typedef {{ status: string, fullName: string }} TestReport */
/** @typedef {{ name: string, status: string, message: string, assertionResults: TestReport[] }} FileReport */

/** What depends on the Node it runs on: where the context of a request gets lost. The suite of the stores does not. */
const ON_EVERY_NODE = ['packages/express/', 'packages/koa/', 'packages/hono/', 'internal/']

/** @typedef {import('./outcome.mjs').Outcome} Outcome */

export function runUnit() {
  return runVitest(['--project', 'unit'])
}

/**
 * The suites that several packages share, on this Node and, as far as the adapters go, on newer ones.
 *
 * @returns {Promise<Outcome>}
 */
export async function runConformance() {
  const outcomes = []
  for (const node of listNodes()) outcomes.push(nameAfter(node.version, await runConformanceOn(node)))
  return addUp(outcomes)
}

/**
 * A Node that cannot be had is left out and said so; on a CI machine that is a failure.
 *
 * @param {ReturnType<typeof listNodes>[number]} node
 * @returns {Promise<Outcome>}
 */
async function runConformanceOn(node) {
  if ('path' in node) {
    const suites = node.path === process.execPath ? [] : ON_EVERY_NODE
    return runVitest(['--project', 'conformance', ...suites], {}, node.path)
  }
  if (process.env.CI) return judge('conformance', [node.reason])
  return { passed: 0, skipped: 0, failures: [], notes: [`left out: ${node.reason}`] }
}

/**
 * @param {string} version
 * @param {Outcome} outcome
 * @returns {Outcome}
 */
function nameAfter(version, { failures, notes = [], ...counts }) {
  const count = `${counts.passed} passed, ${failures.length} failed`
  return {
    ...counts,
    failures: failures.map(({ name, output }) => ({ name: `Node ${version}: ${name}`, output })),
    notes: [...notes, count].map((note) => `Node ${version}: ${note}`),
  }
}

/**
 * End to end, with a browser where there is one: without it those tests are skipped, which on a CI machine is a failure.
 *
 * @param {(text: string) => void} say
 * @returns {Promise<Outcome>}
 */
export async function runEndToEnd(say) {
  const chromium = await ensureChromium(say)
  const path = 'path' in chromium ? chromium.path : ''
  const outcome = await runVitest(['--config', 'vitest.e2e.config.ts'], { CLEW_CHROMIUM: path })
  if ('path' in chromium) return outcome
  if (!process.env.CI) return { ...outcome, notes: [`tests in a browser were skipped: ${chromium.reason}`] }
  return { ...outcome, failures: [...outcome.failures, { name: 'chromium', output: chromium.reason }] }
}

/**
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 * @param {string} [node] the binary that runs it, and its workers
 * @returns {Promise<Outcome>}
 */
async function runVitest(args, env = {}, node = process.execPath) {
  const report = join(makeTempFolder('vitest'), 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const result = await run(node, [inRoot('node_modules', 'vitest', 'vitest.mjs'), 'run', ...args, ...reporters, '--silent=passed-only'], {
    cwd: ROOT,
    env: { NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
  })
  return readOutcome(report, result)
}

/**
 * @param {string} report
 * @param {import('../run.mjs').RunResult} result
 * @returns {Outcome}
 */
function readOutcome(report, { code, output, leftBehind }) {
  /** @type {FileReport[]} */
  const files = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults : []
  const tests = files.flatMap(({ assertionResults }) => assertionResults)
  const names = files.flatMap(listFailures)
  if (leftBehind.length > 0) names.push(`processes were left behind: ${leftBehind.join(', ')}`)
  // Nothing failed by name, yet vitest is not content: no tests, or an error outside of any test.
  if (code !== 0 && names.length === 0) names.push(`vitest ended with code ${code}`)
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    skipped: tests.filter(({ status }) => status !== 'passed' && status !== 'failed').length,
    failures: names.map((name, index) => ({ name, output: index === 0 ? output : '' })),
  }
}

/**
 * The failed tests of a file, or the file itself where it could not be loaded.
 *
 * @param {FileReport} file
 */
function listFailures(file) {
  const name = relative(ROOT, file.name)
  const failed = file.assertionResults.filter(({ status }) => status === 'failed')
  if (failed.length === 0 && file.status === 'failed') return [name]
  return failed.map((test) => `${name} > ${test.fullName}`)
}
