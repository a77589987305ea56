// Makes a program of the example in a doc block.
import { existsSync, readFileSync } from 'node:fs'
import { parseSync } from 'oxc-parser'
import { listEntries } from './doc-examples.mjs'
import { inRoot } from './workspace.mjs'

/**
 * @typedef {object} Program
 * @property {string} title
 * @property {string} source the file that holds the doc block
 * @property {number} line of the first line of the example there
 * @property {number} firstLine the same line in `code`
 * @property {string} folder where other packages are found from
 * @property {string} file
 * @property {string} code
 * @property {string[]} printed what stands behind each `console.log` as a comment, where it is stated
 */

/** Names that examples use and do not make: a package says in this file what they stand for. */
const NAMES_FILE = 'test/example-names.ts'
const STATED = /^(?!(?:const|let|using|await|if|for|console)\b)([A-Za-z].*?[)\w])\s+\/\/ (.+)$/
const LITERAL = /^(?:'.*'|-?\d[\d_.]*|undefined|true|false|\{.*\}|\[.*\])$/

/**
 * @param {import('./doc-examples.mjs').Documented} documented
 * @returns {Program}
 */
export function writeProgram({ name, entry, file: source, line, example = '' }) {
  const fenced = /^```ts\n([^]*)\n```$/.exec(example.trim())
  const text = fenced?.[1] ?? example
  const room = source.split('/').slice(0, 2).join('/')
  const folder = inRoot(room, 'node_modules', '.clew-examples')
  const imports = text.match(/^import .*$/gm) ?? []
  const body = text
    .replaceAll(/^import .*$/gm, '')
    .split('\n')
    .map(toChecked)
    .join('\n')
  const head = [...imports, ...listImports(text, entry, room)].join('; ')
  return {
    title: `${source}:${line} (${name})`,
    source,
    line: fenced ? line + 1 : line,
    firstLine: 3,
    folder,
    // The line tells names apart that differ in case alone.
    file: `${folder}/${entry.replaceAll(/\W+/g, '-')}-${name}-${line}.ts`,
    code: `${head}\nexport async function run(same: (actual: unknown, expected: unknown) => void): Promise<void> {\n${body}\n}\n`,
    printed: [...text.matchAll(/console\.log\(.*\) \/\/ (.+)$/gm)].map(([, expected = '']) => expected),
  }
}

/**
 * `formatCount(1, 'span') // '1 span'` is a statement about a value, and is checked.
 *
 * @param {string} line
 */
function toChecked(line) {
  const [, expression = '', expected = ''] = STATED.exec(line) ?? []
  return LITERAL.test(expected) && !expected.includes('...') ? `same(${expression}, ${expected})` : line
}

/**
 * The imports that the text leaves out: what its own entry point exports comes first, then the names of its package, then other packages of ours.
 *
 * @param {string} text @param {string} entry @param {string} room
 */
function listImports(text, entry, room) {
  const used = new Set(text.match(/(?<![.\w'])[A-Za-z]\w*/g))
  const names = `${room}/${NAMES_FILE}`
  const rank = (/** @type {string} */ other) => (other === entry ? 0 : other.startsWith('@clew/core') ? 1 : 2)
  const entries = listEntries().toSorted((a, b) => rank(a.entry) - rank(b.entry))
  const files = [entries[0]?.file ?? '', ...(existsSync(inRoot(names)) ? [names] : []), ...entries.slice(1).map(({ file }) => file)]
  return files.flatMap((file) => {
    const wanted = listExports(file).filter(({ name }) => used.delete(name))
    return wanted.length === 0 ? [] : [`import { ${wanted.map(({ code }) => code).join(', ')} } from '${inRoot(file)}'`]
  })
}

/** @param {string} file */
function listExports(file) {
  const { module } = parseSync(file, readFileSync(inRoot(file), 'utf8'))
  const entries = module.staticExports.flatMap((statement) => statement.entries)
  return entries.map(({ isType, exportName, localName }) => {
    const name = exportName.name ?? localName.name ?? ''
    return { name, code: isType ? `type ${name}` : name }
  })
}
