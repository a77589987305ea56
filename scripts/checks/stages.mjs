// The stages of `npm test`, in the order they run.
import { build } from '../build.mjs'
import { checkDocs } from '../generate-docs.mjs'
import { checkArrows } from './arrows.mjs'
import { checkHygiene } from './hygiene.mjs'
import { checkLockfile } from './lockfile.mjs'
import { judge } from './outcome.mjs'
import { checkPackages } from './packages.mjs'
import { checkDeadCode, checkFormat, checkLint, checkTypes } from './tools.mjs'
import { runConformance, runEndToEnd, runUnit } from './vitest.mjs'

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {() => Promise<import('./outcome.mjs').Outcome>} run
 * @property {boolean} [needsBuild] it cannot run where the build failed
 */

/** @type {Stage[]} */
export const STAGES = [
  check('lockfile', checkLockfile),
  check('build', runBuild),
  check('lint', checkLint),
  check('format', checkFormat),
  check('types', checkTypes),
  // Commands are found by what they are built into.
  { ...check('deadcode', checkDeadCode), needsBuild: true },
  check('arrows', checkArrows),
  check('generated', checkDocs),
  check('hygiene', checkHygiene),
  { name: 'unit', run: runUnit },
  { name: 'conformance', run: () => runConformance(say) },
  { name: 'e2e', run: () => runEndToEnd(say), needsBuild: true },
  { name: 'packages', run: checkPackages, needsBuild: true },
]

/**
 * A stage that passes or fails as a whole.
 *
 * @param {string} name
 * @param {() => string[] | Promise<string[]>} findProblems
 * @returns {Stage}
 */
function check(name, findProblems) {
  return { name, run: async () => judge(name, await findProblems()) }
}

async function runBuild() {
  await build(say)
  return []
}

/** @param {string} text */
function say(text) {
  console.error(`     ${text} ...`)
}
