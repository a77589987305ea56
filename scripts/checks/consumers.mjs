// Uses the tarballs as a project does that installs them: all in one `npm install`, for they depend on each other.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listNodes } from '../../internal/nodes/list-nodes.mjs'
import { listRuntimes } from '../../internal/nodes/list-runtimes.mjs'
import { run } from '../run.mjs'
import { inRoot } from '../workspace.mjs'
import { mapSome } from './map-some.mjs'
import { addUp, judge } from './outcome.mjs'

/** @typedef {import('./tarballs.mjs').Tarball} Tarball */
/** @typedef {import('./outcome.mjs').Outcome} Outcome */
/** @typedef {{ name: string, command: readonly string[] }} Runner */
/** @typedef {{ name: string, cwd: string, command: readonly string[] }} Task */

/** Each a folder of `integrations/`: one with the newest frameworks, one with the oldest that are supported. */
const PROJECTS = ['newest', 'oldest']
/** Run once and before the others; it may write programs into `bundled/`. */
const MAKER = 'bundle.mjs'

/**
 * @param {string} folder a temporary one
 * @param {Tarball[]} tarballs
 */
export async function checkConsumers(folder, tarballs) {
  const { runners, missing } = findRunners()
  const projects = PROJECTS.map((name) => ({ name, cwd: join(folder, 'projects', name) }))
  const made = await mapSome(projects, ({ name, cwd }) => makeProject(name, cwd, tarballs))
  const tasks = projects.flatMap(({ name, cwd }) => (existsSync(join(cwd, 'node_modules')) ? listTasks(name, cwd, runners) : []))
  const done = await mapSome(tasks, async (task) => judge(task.name, await runTask(task)))
  return addUp([missing, ...made, ...done])
}

/** What programs are run on; what is not installed here is left out and said so, and on a CI machine that is a failure. */
function findRunners() {
  const nodes = listNodes().map((node) => ({ name: `Node ${node.version}`, ...node, ...('path' in node ? { command: [node.path] } : {}) }))
  const all = [...nodes, ...listRuntimes().map((runtime) => ({ ...runtime, name: `${runtime.name} ${runtime.version}` }))]
  /** @type {Runner[]} */
  const runners = all.flatMap((found) => ('command' in found ? [{ name: found.name, command: found.command }] : []))
  const reasons = all.flatMap((found) => ('reason' in found ? [`${found.name}: ${found.reason}`] : []))
  return { runners, missing: process.env.CI ? judge('runtimes', reasons) : leaveOut(reasons) }
}

/**
 * @param {string[]} reasons
 * @returns {Outcome}
 */
function leaveOut(reasons) {
  return { passed: 0, skipped: 0, failures: [], notes: reasons.map((reason) => `left out: ${reason}`) }
}

/** @param {string} project @param {string} cwd @param {Tarball[]} tarballs */
async function makeProject(project, cwd, tarballs) {
  mkdirSync(cwd, { recursive: true })
  cpSync(inRoot('integrations', project), cwd, { recursive: true })
  addTarballs(join(cwd, 'package.json'), tarballs)
  const command = ['npm', 'install', '--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline', '--loglevel=error']
  const install = await runTask({ name: 'npm', cwd, command })
  const outcomes = [judge(`${project}: npm install`, install)]
  if (install.length === 0 && existsSync(join(cwd, MAKER)))
    outcomes.push(judge(`${project}: ${MAKER}`, await runTask({ name: MAKER, cwd, command: [process.execPath, MAKER] })))
  return addUp(outcomes)
}

/**
 * Every program on every runtime, and the types as both kinds of resolution see them. What a bundler made for Node runs on Node.
 *
 * @param {string} project @param {string} cwd @param {Runner[]} runners
 * @returns {Task[]}
 */
function listTasks(project, cwd, runners) {
  const programs = listPrograms(cwd).filter((file) => file !== MAKER)
  const bundled = existsSync(join(cwd, 'bundled')) ? listPrograms(join(cwd, 'bundled')).map((file) => `bundled/${file}`) : []
  const runs = runners.flatMap(({ name, command }) =>
    [...programs, ...(name.startsWith('Node') ? bundled : [])].map((file) => ({
      name: `${project}: ${file} on ${name}`,
      cwd,
      command: [...command, file],
    })),
  )
  const types = readdirSync(cwd).filter((file) => /^tsconfig.*\.json$/.test(file))
  const tsc = join(cwd, 'node_modules', '.bin', 'tsc')
  return [...types.map((file) => ({ name: `${project}: types, ${file}`, cwd, command: [tsc, '-p', file] })), ...runs]
}

/** @param {string} folder */
function listPrograms(folder) {
  return readdirSync(folder).filter((file) => /\.(?:mjs|cjs)$/.test(file))
}

/** @param {string} manifestFile @param {Tarball[]} tarballs */
function addTarballs(manifestFile, tarballs) {
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'))
  const ours = Object.fromEntries(tarballs.map((tarball) => [tarball.manifest.name, `file:${tarball.file}`]))
  manifest.dependencies = { ...manifest.dependencies, ...ours }
  writeFileSync(manifestFile, JSON.stringify(manifest, undefined, 2))
}

/**
 * Runs a command as the project would and returns what it says where it fails.
 *
 * @param {Task} task
 */
async function runTask({ cwd, command: [command = '', ...args] }) {
  const env = { NODE_OPTIONS: undefined, NO_COLOR: '1', FORCE_COLOR: undefined, DENO_DIR: join(cwd, '.deno'), DENO_NO_UPDATE_CHECK: '1' }
  const { code, output } = await run(command, args, { cwd, env })
  return code === 0 ? [] : [output.trim() || `${command} ended with code ${code}`]
}
