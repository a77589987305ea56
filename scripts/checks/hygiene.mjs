// What no file of the repository may hold.
import { readFileSync } from 'node:fs'
import { inRoot, listFiles } from '../workspace.mjs'

/** @typedef {{ pattern: RegExp, why: string, files?: RegExp }} Rule */

const TEST_FILE = /\.test\.tsx?$/
const SELF = 'scripts/checks/hygiene.mjs'
const BINARY = /\.(?:png|ico|woff2?|gz|tgz|br|jpg|db|sqlite)$/

/** @type {Rule[]} */
const RULES = [
  { pattern: /(?<![\w.:-])\/(?:root|work|home\/\w+|Users\/\w+)\//, why: 'names a folder of one machine' },
  { pattern: /\bregistry\.[\w-]+\.\w+|\bverdaccio\b|\blocalhost:4873\b/i, why: 'names a registry' },
  {
    pattern: /\b(?:it|test|describe|suite|bench)\.(?:only|skip|todo|fails)\b/,
    why: 'a test that does not run, or does not count',
    files: TEST_FILE,
  },
  { pattern: /\bvi\.(?:mock|doMock)\(/, why: 'replaces a module instead of using a real peer', files: TEST_FILE },
  { pattern: /^(?:<{7} |={7}$|>{7} )/m, why: 'a merge conflict' },
  { pattern: /@ts-nocheck|@ts-ignore/, why: 'switches the type checker off' },
]

/** Returns a line per finding. */
export function checkHygiene() {
  const files = listFiles().filter((file) => file !== SELF && file !== 'pnpm-lock.yaml' && !BINARY.test(file))
  return files.flatMap((file) => findBlemishes(file, readFileSync(inRoot(file), 'utf8')))
}

/**
 * What one file holds and should not.
 *
 * @param {string} file
 * @param {string} text
 * @returns {string[]}
 */
export function findBlemishes(file, text) {
  const rules = RULES.filter((rule) => rule.files === undefined || rule.files.test(file))
  return rules.flatMap(({ pattern, why }) => {
    const match = pattern.exec(text)
    if (!match) return []
    const line = text.slice(0, match.index).split('\n').length
    return [`${file}:${line}: ${why}: ${match[0].trim()}`]
  })
}
