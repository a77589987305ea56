// `npm test`: every check there is. `npm test -- --only lint,unit` runs some of them; `--list` names them.
import { checkArrows } from './checks/arrows.mjs'
import { checkHygiene } from './checks/hygiene.mjs'
import { checkLockfile } from './checks/lockfile.mjs'
import { addUp, judge } from './checks/outcome.mjs'
import { checkPackages } from './checks/packages.mjs'
import { checkDeadCode, checkFormat, checkLint, checkTypes } from './checks/tools.mjs'
import { runConformance, runEndToEnd, runUnit } from './checks/vitest.mjs'
import { checkDocs } from './generate-docs.mjs'
import { build } from './build.mjs'
import { ensureInstalled } from './setup.mjs'

/** @typedef {import('./checks/outcome.mjs').Outcome} Outcome */

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {() => Promise<Outcome> | Outcome} run
 * @property {boolean} [needsBuild] it cannot run where the build failed
 */

/** @type {Stage[]} */
const STAGES = [
  check('lockfile', checkLockfile),
  check('build', runBuild),
  check('lint', checkLint),
  check('format', checkFormat),
  check('types', checkTypes),
  check('deadcode', checkDeadCode),
  check('arrows', checkArrows),
  check('generated', checkDocs),
  check('hygiene', checkHygiene),
  { name: 'unit', run: runUnit },
  { name: 'conformance', run: runConformance },
  { name: 'e2e', run: () => runEndToEnd(say), needsBuild: true },
  { name: 'packages', run: () => checkPackages(), needsBuild: true },
]

process.exitCode = await main(process.argv.slice(2))

/** @param {string[]} args */
async function main(args) {
  if (args.includes('--list')) {
    console.log(STAGES.map(({ name }) => name).join('\n'))
    return 0
  }
  const chosen = chooseStages(args)
  if (!chosen) return 2
  try {
    ensureInstalled()
  } catch (error) {
    return report([{ name: 'install', seconds: 0, outcome: judge('install', [describe(error)]) }])
  }
  return report(await runStages(chosen))
}

/**
 * @param {string} name
 * @param {() => string[] | Promise<string[]>} findProblems
 * @returns {Stage}
 */
function check(name, findProblems) {
  return { name, run: async () => judge(name, await findProblems()) }
}

/**
 * The stages that were asked for, with the build where one of them needs it; undefined where a name is unknown.
 *
 * @param {string[]} args
 */
function chooseStages(args) {
  const option = args.find((arg) => arg.startsWith('--only'))
  if (option === undefined && args.length === 0) return STAGES
  const list = option?.startsWith('--only=') ? option.slice('--only='.length) : args[args.indexOf('--only') + 1]
  const names = (option && list ? list : '').split(',')
  const unknown = names.filter((name) => !STAGES.some((stage) => stage.name === name))
  if (unknown.length > 0) {
    console.error(`npm test -- --only <names>: the names are ${STAGES.map(({ name }) => name).join(', ')}`)
    return undefined
  }
  const chosen = STAGES.filter(({ name }) => names.includes(name))
  const needsBuild = chosen.some((stage) => stage.needsBuild)
  return STAGES.filter((stage) => chosen.includes(stage) || (needsBuild && stage.name === 'build'))
}

/** @typedef {{ name: string, seconds: number, outcome: Outcome }} Row */

/** @param {Stage[]} stages */
async function runStages(stages) {
  /** @type {Row[]} */
  const rows = []
  let built = true
  for (const stage of stages) {
    const started = performance.now()
    /** @type {Outcome} */
    const outcome = stage.needsBuild && !built ? judge(stage.name, ['not run: the build failed']) : await runStage(stage)
    if (stage.name === 'build') built = outcome.failures.length === 0
    const row = { name: stage.name, seconds: (performance.now() - started) / 1_000, outcome }
    rows.push(row)
    showProgress(row)
  }
  return rows
}

/** @param {Stage} stage */
async function runStage(stage) {
  try {
    return await stage.run()
  } catch (error) {
    return judge(stage.name, [describe(error)])
  }
}

/** @param {Row} row */
function showProgress({ name, seconds, outcome }) {
  for (const failure of outcome.failures) {
    if (failure.output) console.log(`\n--- ${name}: ${failure.name}\n${failure.output.trimEnd()}\n`)
  }
  for (const note of outcome.notes ?? []) console.log(`${name}: ${note}`)
  const mark = outcome.failures.length === 0 ? 'ok  ' : 'FAIL'
  console.log(`${mark} ${name.padEnd(12)} ${describeCounts(outcome)} (${seconds.toFixed(1)} s)`)
}

/**
 * The table of what failed, and the line that counts. Returns the exit code.
 *
 * @param {Row[]} rows
 */
function report(rows) {
  const total = addUp(rows.map(({ outcome }) => outcome))
  if (total.failures.length > 0) {
    console.log('\nFailed:')
    for (const { name, outcome } of rows) for (const failure of outcome.failures) console.log(`  ${name.padEnd(12)} ${failure.name}`)
  }
  const seconds = rows.map((row) => `${row.name} ${row.seconds.toFixed(0)}`).join(', ')
  console.log(`\nSeconds: ${seconds}\n${describeCounts(total)}`)
  return total.failures.length === 0 ? 0 : 1
}

/** @param {Outcome} outcome */
function describeCounts({ passed, failures, skipped }) {
  return `${passed} passed, ${failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

async function runBuild() {
  await build(say)
  return []
}

/** @param {string} text */
function say(text) {
  console.error(`     ${text} ...`)
}

/** @param {unknown} error */
function describe(error) {
  return error instanceof Error ? error.message : String(error)
}
