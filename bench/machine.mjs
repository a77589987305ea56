// Where and on which Node the figures come about.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { availableParallelism, cpus } from 'node:os'
import { dirname, join } from 'node:path'

/** @typedef {{ path: string, version: string, note: string }} NodeBinary */

/**
 * Node 24 where the optional package `node-24` is installed and runs here, else the Node of this process.
 *
 * @returns {NodeBinary}
 */
export function findNode() {
  const path = findOptional()
  const { status, stdout } = path === undefined ? { status: 1, stdout: '' } : spawnSync(path, ['--version'], { encoding: 'utf8' })
  if (path !== undefined && status === 0) return { path, version: stdout.trim(), note: '' }
  return { path: process.execPath, version: process.version, note: ' (the Node that ran the command; Node 24 was not installed)' }
}

/** @returns {string | undefined} */
function findOptional() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('node-24/package.json')), 'bin', 'node')
  } catch {
    return undefined
  }
}

/**
 * One line: processor, cores, Node, date.
 *
 * @param {NodeBinary} node
 */
export function describeMachine(node) {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  return `${model}, ${availableParallelism()} cores, Node ${node.version}${node.note}, ${new Date().toISOString().slice(0, 10)}`
}

/**
 * The command that keeps a process on one processor, so that the load comes from another one; empty where the system has none.
 *
 * @param {number | undefined} processor
 * @returns {string[]}
 */
export function pinTo(processor) {
  if (processor === undefined || availableParallelism() < 2) return []
  return spawnSync('taskset', ['--version']).status === 0 ? ['taskset', '-c', String(processor)] : []
}
