// Uses the tarballs as a project does that installs them: all in one `npm install`, for they depend on each other.
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../run.mjs'
import { inRoot } from '../workspace.mjs'
import { addUp, judge } from './outcome.mjs'

/** @typedef {import('./tarballs.mjs').Tarball} Tarball */

/** Each a folder of `integrations/`: one with the newest frameworks, one with the oldest that are supported. */
const PROJECTS = ['newest', 'oldest']

/**
 * @param {string} folder a temporary one
 * @param {Tarball[]} tarballs
 */
export async function checkConsumers(folder, tarballs) {
  const outcomes = []
  for (const project of PROJECTS) outcomes.push(await checkProject(project, join(folder, 'projects', project), tarballs))
  return addUp(outcomes)
}

/** @param {string} project @param {string} folder @param {Tarball[]} tarballs */
async function checkProject(project, folder, tarballs) {
  mkdirSync(folder, { recursive: true })
  cpSync(inRoot('integrations', project), folder, { recursive: true })
  addTarballs(join(folder, 'package.json'), tarballs)
  const install = await runIn(folder, 'npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'])
  if (install.length > 0) return judge(`${project}: npm install`, install)
  const scripts = readdirSync(folder).filter((file) => /\.(?:mjs|cjs)$/.test(file))
  const outcomes = [judge(`${project}: npm install`, [])]
  for (const script of scripts) outcomes.push(judge(`${project}: ${script}`, await runIn(folder, process.execPath, [script])))
  outcomes.push(judge(`${project}: types`, await runIn(folder, join(folder, 'node_modules', '.bin', 'tsc'), ['-p', '.'])))
  return addUp(outcomes)
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
 * @param {string} cwd @param {string} command @param {string[]} args
 */
async function runIn(cwd, command, args) {
  const { code, output } = await run(command, args, { cwd, env: { NODE_OPTIONS: undefined, NO_COLOR: '1', FORCE_COLOR: undefined } })
  return code === 0 ? [] : [output.trim() || `${command} ended with code ${code}`]
}
