// The checks that other people's tools make: each passes or fails as a whole.
import { existsSync } from 'node:fs'
import { run } from '../run.mjs'
import { inRoot } from '../workspace.mjs'

/**
 * Runs a tool from the root's `node_modules` and returns what it says where it fails.
 *
 * @param {string} name
 * @param {string[]} args
 */
export async function runTool(name, args) {
  const { code, output } = await run(inRoot('node_modules', '.bin', name), args, {
    cwd: inRoot(),
    env: { NO_COLOR: '1', FORCE_COLOR: undefined },
  })
  return code === 0 ? [] : [output.trim() || `${name} ended with code ${code}`]
}

export function checkLint() {
  return runTool('oxlint', ['--type-aware', '--deny-warnings', '--report-unused-disable-directives'])
}

export function checkFormat() {
  return runTool('oxfmt', ['--check'])
}

export function checkDeadCode() {
  return runTool('knip', ['--no-progress', '--no-config-hints'])
}

/** The build has checked the sources; this checks what is never built: tests, examples, scripts and the page. */
export async function checkTypes() {
  const projects = ['tsconfig.test.json', 'packages/core/test/types/tsconfig.dom.json', 'packages/dashboard/tsconfig.json'].filter((file) =>
    existsSync(inRoot(file)),
  )
  const answers = []
  for (const project of projects) answers.push(...(await runTool('tsc', ['-p', project, '--noEmit'])))
  return answers
}
