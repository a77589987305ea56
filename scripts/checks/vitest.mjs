// Runs vitest and counts from its own report.
import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { listNodes } from '../../internal/nodes/list-nodes.mjs'
import { ensureChromium } from '../find-chromium.mjs'
import { ensureServers } from '../find-servers.mjs'
import { run } from '../run.mjs'
import { makeTempFolder } from '../temp-folder.mjs'
import { ROOT, inRoot } from '../workspace.mjs'
import { judgeContexts } from './contexts.mjs'
import { addUp, judge } from './outcome.mjs'

/** @typedef {{ status: string, ancestorTitles: string[], title: string, fullName: string }} TestReport */
/** @typedef {{ name: string, status: string, message: string, assertionResults: TestReport[] }} FileReport */

/** What depends on the Node it runs on: where the context of a request gets lost. The suite of the stores does not. */
const ON_EVERY_NODE = ['packages/express/', 'packages/koa/', 'packages/hono/', 'internal/']

/** @typedef {import('./outcome.mjs').Outcome} Outcome */

export async function runUnit() {
  return (await runVitest(['--project', 'unit'])).outcome
}

/**
 * The suites that several packages share, on this Node and, as far as contexts go, on newer ones; and the table of what they have shown.
 *
 * @param {(text: string) => void} say
 * @returns {Promise<Outcome>}
 */
export async function runConformance(say) {
  const lacking = await ensureServers(say)
  const runs = []
  for (const node of listNodes()) runs.push({ node, ...(await runConformanceOn(node)) })
  const { table, missing, skipped } = judgeContexts(runs.flatMap(({ node, files }) => (files ? [{ version: node.version, files }] : [])))
  const outcomes = runs.map(({ node, outcome }) => nameAfter(node.version, outcome))
  const strict = process.env.CI ? [...lacking, ...skipped] : []
  return addUp([...outcomes, { ...judge('every row of the table was tested', [...missing, ...strict]), notes: [...lacking, table] }])
}

/**
 * A Node that cannot be had is left out and said so; on a CI machine that is a failure.
 *
 * @param {ReturnType<typeof listNodes>[number]} node
 * @returns {Promise<{ outcome: Outcome, files?: FileReport[] }>}
 */
async function runConformanceOn(node) {
  if ('path' in node) {
    const suites = node.path === process.execPath ? [] : ON_EVERY_NODE
    return runVitest(['--project', 'conformance', ...suites], { node: node.path })
  }
  if (process.env.CI) return { outcome: judge('conformance', [node.reason]) }
  return { outcome: { passed: 0, skipped: 0, failures: [], notes: [`left out: ${node.reason}`] } }
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
  const { outcome } = await runVitest(['--config', 'vitest.e2e.config.ts'], { env: { CLEW_CHROMIUM: path } })
  if ('path' in chromium) return outcome
  if (!process.env.CI) return { ...outcome, notes: [`tests in a browser were skipped: ${chromium.reason}`] }
  return { ...outcome, failures: [...outcome.failures, { name: 'chromium', output: chromium.reason }] }
}

/**
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, node?: string }} [options] `node` is the binary that runs it, and its workers
 * @returns {Promise<{ outcome: Outcome, files: FileReport[] }>}
 */
async function runVitest(args, { env = {}, node = process.execPath } = {}) {
  const report = join(makeTempFolder('vitest'), 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const result = await run(node, [inRoot('node_modules', 'vitest', 'vitest.mjs'), 'run', ...args, ...reporters, '--silent=passed-only'], {
    cwd: ROOT,
    env: { NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
  })
  /** @type {FileReport[]} */
  const files = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults : []
  return { outcome: readOutcome(files, result), files }
}

/**
 * @param {FileReport[]} files
 * @param {import('../run.mjs').RunResult} result
 * @returns {Outcome}
 */
function readOutcome(files, { code, output, leftBehind }) {
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
