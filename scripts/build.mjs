// Builds the packages (declarations by `tsc -b`, code by the bundler), then the web page into the server's assets; each only where its inputs changed.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bundle, listBundles } from './bundle.mjs'
import { run } from './run.mjs'
import { digestTimes, inRoot, listFiles, listPublicRooms, listRooms, readJson } from './workspace.mjs'

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {() => string[]} inputs files relative to the root
 * @property {() => string[]} outputs files relative to the root without which the step must run again
 * @property {() => Promise<void>} run
 */

const DASHBOARD = 'packages/dashboard'
const COMPILED = /\.(?:js|d\.ts)(?:\.map)?$/
const DECLARATION = /\.d\.ts(?:\.map)?$/

/** @type {Step[]} */
const STEPS = [
  { name: 'packages', inputs: listPackageInputs, outputs: listPackageOutputs, run: buildPackages },
  { name: 'the web page', inputs: listDashboardInputs, outputs: () => ['packages/server/assets/index.html'], run: buildDashboard },
]

/**
 * Runs the steps that are out of date. Throws with the tool's output where one fails.
 *
 * @param {(text: string) => void} [say] is told what is being built
 */
export async function build(say = () => {}) {
  for (const step of STEPS) {
    const digest = digestTimes(step.inputs())
    const stamp = inRoot('node_modules', `.clew-build-${step.name.replaceAll(' ', '-')}`)
    if (isFresh(step, stamp, digest)) continue
    say(`building ${step.name}`)
    rmSync(stamp, { force: true })
    await step.run()
    mkdirSync(dirname(stamp), { recursive: true })
    writeFileSync(stamp, digest)
  }
}

/** @param {Step} step @param {string} stamp @param {string} digest */
function isFresh(step, stamp, digest) {
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest) return false
  return step.outputs().every((file) => existsSync(inRoot(file)))
}

async function buildPackages() {
  for (const folder of listProjects()) removeOrphans(folder)
  await runTool('tsc', ['-b'], inRoot())
  for (const room of listPublicRooms()) await bundle(room)
}

async function buildDashboard() {
  await runTool('vite', ['build'], inRoot(DASHBOARD))
}

/** @param {string} tool @param {string[]} args @param {string} cwd */
async function runTool(tool, args, cwd) {
  const local = join(cwd, 'node_modules', '.bin', tool)
  const command = existsSync(local) ? local : inRoot('node_modules', '.bin', tool)
  const { code, output } = await run(command, args, { cwd })
  if (code !== 0) throw new Error(`${tool} ${args.join(' ')} ended with code ${code}\n${output}`)
}

/** The folders that the root's tsconfig.json names. */
function listProjects() {
  /** @type {{ references: { path: string }[] }} */
  const { references } = readJson('tsconfig.json')
  return references.map(({ path }) => path.replace(/^\.\//, ''))
}

function listPackageOutputs() {
  const declarations = listProjects().map((folder) => `${folder}/dist/.tsbuildinfo`)
  return [...declarations, ...listPublicRooms().flatMap(listBundles)]
}

function listPackageInputs() {
  const own = listProjects().flatMap((folder) => [`${folder}/tsconfig.json`, `${folder}/package.json`, ...listFiles(`${folder}/src`)])
  return ['tsconfig.json', 'tsconfig.base.json', 'pnpm-lock.yaml', 'scripts/bundle.mjs', ...own]
}

/** The page holds the code of the packages it imports, so those count too. */
function listDashboardInputs() {
  const room = listRooms().find(({ folder }) => folder === DASHBOARD)
  const names = new Set(Object.keys({ ...room?.manifest.dependencies, ...room?.manifest.devDependencies }))
  const used = listRooms().filter(({ manifest }) => names.has(manifest.name) && !manifest.name.endsWith('/testkit'))
  const page = listFiles(DASHBOARD).filter((file) => !file.startsWith(`${DASHBOARD}/test/`) && !file.endsWith('.md'))
  return ['pnpm-lock.yaml', ...page, ...used.flatMap(({ folder }) => listFiles(`${folder}/src`))]
}

/**
 * Removes what `tsc` wrote for sources that are gone; it never does so itself. The code of what is published is the bundler's.
 *
 * @param {string} folder
 */
function removeOrphans(folder) {
  const dist = inRoot(folder, 'dist')
  if (!existsSync(dist)) return
  const compiled = folder.startsWith('packages/') ? DECLARATION : COMPILED
  for (const file of readdirSync(dist, { recursive: true }).map(String)) {
    if (!compiled.test(file)) continue
    const source = inRoot(folder, 'src', file.replace(compiled, ''))
    if (!existsSync(`${source}.ts`) && !existsSync(`${source}.tsx`)) removeFile(join(dist, file), dist)
  }
}

/** @param {string} file @param {string} dist */
function removeFile(file, dist) {
  rmSync(file)
  const folder = dirname(file)
  if (folder !== dist && readdirSync(folder).length === 0) rmdirSync(folder)
}
