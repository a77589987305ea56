// Where and on which Node the figures come about.
import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import { listNodes, majorOf } from '@clew/nodes'

/** @typedef {{ path: string, version: string, note: string }} NodeBinary */

/**
 * Node 24 where it is installed and runs here, else the Node of this process.
 *
 * @returns {NodeBinary}
 */
export function findNode() {
  const found = listNodes().find(({ version }) => majorOf(version) === 24)
  if (found !== undefined && 'path' in found) return { path: found.path, version: `v${found.version}`, note: '' }
  const note = ` (the Node that ran the command; ${found?.reason})`
  return { path: process.execPath, version: process.version, note }
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
