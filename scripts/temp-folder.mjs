// Folders that are gone when the process is, however it ends.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Makes an empty folder for the life of this process.
 *
 * @param {string} name what it is for
 */
export function makeTempFolder(name) {
  const folder = mkdtempSync(join(tmpdir(), `clew-${name}-`))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
