// Which processes of a run are still there: those of its group, and those that left the group (browsers do) but carry its mark.
import { existsSync, readFileSync, readdirSync } from 'node:fs'

/** The environment variable that marks whatever a run starts. */
export const MARK = 'CLEW_RUN'

/** @typedef {{ pid: number, name: string }} Process */

/**
 * What still runs. Ended processes that nobody has reaped, as in containers without an init, do not count.
 * Where there is no `/proc` the group alone is asked.
 *
 * @param {number} group
 * @param {string} mark
 * @returns {Process[]}
 */
export function listProcesses(group, mark) {
  if (!existsSync('/proc/self/stat')) return signal(-group, 0) ? [{ pid: -group, name: 'group' }] : []
  return readdirSync('/proc').flatMap((entry) => {
    const [, name = '', state, owner] = /^\d+ \((.*)\) (\S) \d+ (\d+)/s.exec(readProc(entry, 'stat')) ?? []
    if (state === undefined || state === 'Z' || state === 'X') return []
    const isOurs = Number(owner) === group || readProc(entry, 'environ').split('\0').includes(`${MARK}=${mark}`)
    return isOurs ? [{ pid: Number(entry), name }] : []
  })
}

/**
 * Returns whether there was anything to signal; a negative id is a group.
 *
 * @param {number} pid
 * @param {string | number} name
 */
export function signal(pid, name) {
  try {
    process.kill(pid, name)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

/** @param {string} entry @param {string} file */
function readProc(entry, file) {
  try {
    return /^\d+$/.test(entry) ? readFileSync(`/proc/${entry}/${file}`, 'utf8') : ''
  } catch {
    return '' // it ended meanwhile, or belongs to somebody else
  }
}
