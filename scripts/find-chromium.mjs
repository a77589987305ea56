// The browser that the tests of the web page drive: found where it usually is, installed where that can be done.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { canInstall, installWithApt } from './apt.mjs'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome']
const PLACES = [
  '/usr/lib/chromium/chromium',
  '/snap/bin/chromium',
  '/opt/google/chrome/chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]
const HOW = 'no Chromium here: `apt-get install chromium` or `brew install --cask chromium`, or set CLEW_CHROMIUM to its path'

/**
 * The path of a Chromium or Chrome: CLEW_CHROMIUM, or the first on PATH, or at one of the usual places.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined}
 */
export function findChromium(env = process.env) {
  if (env.CLEW_CHROMIUM) return env.CLEW_CHROMIUM
  const onPath = (env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)))
  return [...onPath, ...PLACES].find(isExecutable)
}

/**
 * Finds the browser, or installs Debian's where this is Debian and this process may do so.
 *
 * @param {(text: string) => void} say is told before something is installed
 * @returns {Promise<{ path: string } | { reason: string }>}
 */
export async function ensureChromium(say) {
  const found = findChromium()
  if (found) return isExecutable(found) ? { path: found } : { reason: `CLEW_CHROMIUM names ${found}, which cannot be run` }
  if (!canInstall()) return { reason: HOW }
  say('installing chromium with apt-get')
  const output = await installWithApt(['chromium'])
  const installed = findChromium()
  return installed ? { path: installed } : { reason: `${HOW} (apt-get: ${output})` }
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const answer = await ensureChromium((text) => console.error(text))
  if ('path' in answer) console.log(answer.path)
  else console.error(answer.reason)
  process.exitCode = 'path' in answer ? 0 : 1
}
