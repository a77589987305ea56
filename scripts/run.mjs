// Runs a command in a process group of its own, so that nothing it started can outlive it.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env] added to this process's environment
 */

/**
 * @typedef {object} RunResult
 * @property {number} code
 * @property {string} output what it wrote, stdout and stderr as they came
 * @property {string[]} leftBehind the processes of its group that still ran two seconds after it had ended (they are ended then)
 */

const GRACE_MS = 2_000
const POLL_MS = 50
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/** @type {Set<number>} */
const groups = new Set()

/**
 * Runs a command to its end. Rejects only where it cannot be started.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export async function run(command, args, options = {}) {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const { pid } = child
  if (pid === undefined) return { code: await ended(child), output, leftBehind: [] }
  watch(pid)
  const code = await ended(child)
  const leftBehind = await endGroup(pid)
  unwatch(pid)
  return { code, output, leftBehind }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      const settle = () => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0))
      // The pipes close later than the process ends; where a process left behind holds them open, they are not waited for.
      child.once('close', settle)
      setTimeout(settle, GRACE_MS).unref()
    })
  })
}

/**
 * Waits for a group to be empty and ends it by force after that. Returns what had to be forced.
 *
 * @param {number} group
 */
async function endGroup(group) {
  const deadline = performance.now() + GRACE_MS
  while (performance.now() < deadline) {
    if (!signalGroup(group, 0)) return []
    await sleep(POLL_MS)
  }
  const left = listGroup(group)
  signalGroup(group, 'SIGKILL')
  return left
}

/**
 * Returns whether there was anything to signal.
 *
 * @param {number} group
 * @param {string | number} signal
 */
function signalGroup(group, signal) {
  try {
    process.kill(-group, signal)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

/**
 * The processes of a group that really run. In a container whose first process does not reap, ended ones stay in the table as zombies.
 *
 * @param {number} group
 */
function listGroup(group) {
  if (!existsSync('/proc/self/stat')) return [`group ${group}`]
  return readdirSync('/proc').flatMap((pid) => {
    const [, name, state, , owner] = /^\d+ \((.*)\) (\S) (\d+) (\d+)/s.exec(readStat(pid)) ?? []
    return Number(owner) === group && state !== 'Z' ? [`${pid} ${name}`] : []
  })
}

/** @param {string} pid */
function readStat(pid) {
  try {
    return /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : ''
  } catch {
    return '' // it ended meanwhile
  }
}

/** @param {number} group */
function watch(group) {
  if (groups.size === 0) for (const signal of SIGNALS) process.on(signal, endAll)
  groups.add(group)
}

/** @param {number} group */
function unwatch(group) {
  groups.delete(group)
  if (groups.size === 0) for (const signal of SIGNALS) process.off(signal, endAll)
}

/** @param {NodeJS.Signals} signal */
async function endAll(signal) {
  for (const group of groups) signalGroup(group, signal)
  await Promise.all([...groups].map(endGroup))
  process.exit(128 + constants.signals[signal])
}
