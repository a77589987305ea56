// Runs a command so that nothing it started can outlive it.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { MARK, listProcesses, signal } from './processes.mjs'

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env] added to this process's environment
 */

/**
 * @typedef {object} RunResult
 * @property {number} code
 * @property {string} output what it wrote, stdout and stderr as they came, without colours
 * @property {string[]} leftBehind the processes it started that still ran two seconds after it had ended (they are ended then)
 */

const GRACE_MS = 2_000
const POLL_MS = 50
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/**
 * The groups that run now, each with its mark.
 *
 * @type {Map<number, string>}
 */
const runs = new Map()

/**
 * Runs a command to its end. Rejects only where it cannot be started.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export async function run(command, args, options = {}) {
  const mark = randomUUID()
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env, [MARK]: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const { pid } = child
  if (pid === undefined) return { code: await ended(child), output, leftBehind: [] }
  watch(pid, mark)
  const code = await ended(child)
  const leftBehind = await endRun(pid, mark)
  unwatch(pid)
  return { code, output: stripVTControlCharacters(output), leftBehind }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, killedBy) => {
      const settle = () => resolve(code ?? 128 + (killedBy ? constants.signals[killedBy] : 0))
      // The pipes close later than the process ends; where a process left behind holds them open, they are not waited for.
      child.once('close', settle)
      setTimeout(settle, GRACE_MS).unref()
    })
  })
}

/**
 * Waits for everything a run started to end, and ends it by force after that. Returns what had to be forced.
 *
 * @param {number} group
 * @param {string} mark
 */
async function endRun(group, mark) {
  const deadline = performance.now() + GRACE_MS
  while (performance.now() < deadline) {
    if (listProcesses(group, mark).length === 0) return []
    await sleep(POLL_MS)
  }
  const left = listProcesses(group, mark)
  for (const { pid } of left) signal(pid, 'SIGKILL')
  return left.map(({ pid, name }) => `${name} (${pid})`)
}

/** @param {number} group @param {string} mark */
function watch(group, mark) {
  if (runs.size === 0) for (const name of SIGNALS) process.on(name, endAll)
  runs.set(group, mark)
}

/** @param {number} group */
function unwatch(group) {
  runs.delete(group)
  if (runs.size === 0) for (const name of SIGNALS) process.off(name, endAll)
}

/** @param {NodeJS.Signals} name */
function endAll(name) {
  void endRuns(name)
}

/** @param {NodeJS.Signals} name */
async function endRuns(name) {
  for (const group of runs.keys()) signal(-group, name)
  await Promise.all([...runs].map(([group, mark]) => endRun(group, mark)))
  process.exit(128 + constants.signals[name])
}
