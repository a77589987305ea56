// `npm test`: every check there is. `npm test -- --only lint,unit` runs some of them; `--list` names them.
import { addUp, judge } from './checks/outcome.mjs'
import { ensureInstalled } from './setup.mjs'

/** @typedef {import('./checks/outcome.mjs').Outcome} Outcome */
/** @typedef {import('./checks/stages.mjs').Stage} Stage */

process.exitCode = await main(process.argv.slice(2))

/** @param {string[]} args */
async function main(args) {
  try {
    ensureInstalled('everything')
  } catch (error) {
    return report([{ name: 'install', seconds: 0, outcome: judge('install', [describe(error)]) }])
  }
  // Only now: the checks themselves use what has just been installed.
  const { STAGES } = await import('./checks/stages.mjs')
  const names = STAGES.map(({ name }) => name)
  if (args.includes('--list')) {
    console.log(names.join('\n'))
    return 0
  }
  const chosen = chooseStages(args, STAGES)
  if (chosen) return report(await runStages(chosen))
  console.error(`npm test -- --only <names>: the names are ${names.join(', ')}`)
  return 2
}

/**
 * The stages that were asked for, with the build where one of them needs it; undefined where a name is unknown.
 *
 * @param {string[]} args
 * @param {Stage[]} stages
 */
function chooseStages(args, stages) {
  if (args.length === 0) return stages
  const names = args
    .join(' ')
    .replace(/^--only[= ]/, '')
    .split(/[ ,]+/)
  if (!args[0]?.startsWith('--only') || names.some((name) => !stages.some((stage) => stage.name === name))) return undefined
  const chosen = stages.filter(({ name }) => names.includes(name))
  const needsBuild = chosen.some((stage) => stage.needsBuild)
  return stages.filter((stage) => chosen.includes(stage) || (needsBuild && stage.name === 'build'))
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

/** @param {unknown} error */
function describe(error) {
  return error instanceof Error ? error.message : String(error)
}
